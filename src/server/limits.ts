import type { CallerLimits } from '../context';
import type { LimitsType } from '../guards/viewer.type';
import { MAX_LIST_ITEMS } from '../prediction/prediction-field';
import { MAX_TEXT_CHARACTERS } from '../tasks/sentiment/sentiment.input';

/** What a client meets when it asks too much, as `viewer` tells it; `own` are those counted by caller. */
export function limitsOf(
  settings: Pick<LimitsType, 'maxBodyBytes' | 'maxImagePixels' | 'maxQueryCost'>,
  own: CallerLimits = {},
): LimitsType {
  return {
    maxBodyBytes: settings.maxBodyBytes,
    maxImagePixels: settings.maxImagePixels,
    maxTextCharacters: MAX_TEXT_CHARACTERS,
    maxListItems: MAX_LIST_ITEMS,
    maxQueryCost: settings.maxQueryCost,
    requestsPerSecond: own.requestsPerSecond ?? null,
    inferenceMsPerSecond: own.inferenceMsPerSecond ?? null,
    concurrentRequests: own.concurrentRequests ?? null,
    subscriptions: own.subscriptions ?? null,
  };
}
