import type { GraphQLFormattedError } from 'graphql';

/** A WebSocket's end, as its client sees it. */
export interface Close {
  readonly code: number;
  /** At most MAX_REASON_BYTES. */
  readonly reason: string;
}

/** Those of the protocol graphql-transport-ws, and 1013 from the registry of RFC 6455: try again later. */
const CLOSE_CODES: ReadonlyMap<unknown, number> = new Map([
  ['BAD_REQUEST', 4400],
  ['QUERY_TOO_COSTLY', 4400],
  ['UNAUTHENTICATED', 4401],
  ['FORBIDDEN', 4403],
  ['RATE_LIMITED', 1013],
  ['OVERLOADED', 1013],
]);
const INTERNAL_ERROR = 4500;
/** A close frame holds no more. */
export const MAX_REASON_BYTES = 123;

/** How a connection is closed for an error that concerns all of it. */
export function closeFor({ message, extensions }: GraphQLFormattedError): Close {
  return { code: CLOSE_CODES.get(extensions?.['code']) ?? INTERNAL_ERROR, reason: shorten(message) };
}

function shorten(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_REASON_BYTES) return text;
  // A character that was cut apart is left out.
  return bytes
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '');
}
