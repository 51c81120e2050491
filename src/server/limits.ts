import type { LimitsType } from '../guards/viewer.type';
import { MAX_LIST_ITEMS } from '../prediction/prediction-field';
import { MAX_TEXT_CHARACTERS } from '../tasks/sentiment/sentiment.input';

/** What every client meets when it asks too much, as `viewer` tells it. */
export function limitsOf(settings: Pick<LimitsType, 'maxBodyBytes' | 'maxImagePixels' | 'maxQueryCost'>): LimitsType {
  return {
    maxBodyBytes: settings.maxBodyBytes,
    maxImagePixels: settings.maxImagePixels,
    maxTextCharacters: MAX_TEXT_CHARACTERS,
    maxListItems: MAX_LIST_ITEMS,
    maxQueryCost: settings.maxQueryCost,
    requestsPerSecond: null,
    concurrentRequests: null,
    subscriptions: null,
  };
}
