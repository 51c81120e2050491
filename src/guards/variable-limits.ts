import { AppError } from '../errors';

/** Values within variables: a hundred transactions have about 2,500. */
export const MAX_VALUES = 20_000;

/**
 * Refuses variables of so many parts that checking each against its type would hold up everybody else. A body of a few
 * megabytes holds millions.
 */
export function limitVariables(variables: Readonly<Record<string, unknown>>): void {
  // What is still to be looked at, instead of a recursion: JSON may be nested deeper than the stack.
  const open: unknown[] = [variables];
  let values = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null || !isPlain(value)) continue;
    const parts = Object.values(value);
    values += parts.length;
    if (values > MAX_VALUES)
      throw new AppError(
        'QUERY_TOO_COSTLY',
        `The variables hold more than ${MAX_VALUES} values. Send them in several requests.`,
      );
    for (const part of parts) if (typeof part === 'object' && part !== null) open.push(part);
  }
}

/** What JSON makes objects and lists of; an upload is none of them. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
