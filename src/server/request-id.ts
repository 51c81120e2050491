import { randomUUID } from 'node:crypto';

/** Under which a request may bring an id of its own, and every answer says which it has. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** What may stand in logs as it is. */
const SANE = /^[\w.:-]{1,64}$/;

/** The id that came with a request if it is a sane one, else a new one. */
export function readRequestId(given: unknown): string {
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}
