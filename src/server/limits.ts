import type { LimitsType } from '../guards/viewer.type';
import { MAX_LIST_ITEMS } from '../prediction/prediction-field';
import { MAX_TEXT_CHARACTERS } from '../tasks/sentiment/sentiment.input';

/** Two full lists, or one with the reasons of each item. */
const MAX_QUERY_COST = 2 * MAX_LIST_ITEMS;

/** What every client meets when it asks too much, as `viewer` tells it. */
export function limitsOf(settings: { readonly maxBodyBytes: number; readonly maxImagePixels: number }): LimitsType {
  return {
    maxBodyBytes: settings.maxBodyBytes,
    maxImagePixels: settings.maxImagePixels,
    maxTextCharacters: MAX_TEXT_CHARACTERS,
    maxListItems: MAX_LIST_ITEMS,
    maxQueryCost: MAX_QUERY_COST,
    requestsPerSecond: null,
    concurrentRequests: null,
    subscriptions: null,
  };
}
