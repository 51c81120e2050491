import { AppError } from '../errors';
import type { Approach } from './authenticate';

/** Longer than any token that fits into the headers of a request. */
const MAX_CHARACTERS = 16_384;
const HOW = 'Send it as "authorization: Bearer <key>" or as "x-api-key: <key>".';

/**
 * The one key or token a client came with: from its headers, or from what it connected with over WebSocket. Undefined
 * where there is none. Throws UNAUTHENTICATED where it cannot be told which is meant.
 */
export function readCredential({ headers, connectionParams = {} }: Approach): string | undefined {
  const params = Object.entries(connectionParams).map(([name, value]) => [name.toLowerCase(), value] as const);
  const valuesOf = (header: string, ...names: string[]): unknown[] => [
    ...(headers[header] ?? []),
    ...params.filter(([name]) => name === header || names.includes(name)).map(([, value]) => value),
  ];
  const found = new Set([
    ...valuesOf('authorization').map(readBearer),
    ...valuesOf('x-api-key', 'apikey').map(readKey),
  ]);
  if (found.size > 1) throw refuse('The request came with two different keys. Send one.');
  return found.values().next().value;
}

function readBearer(value: unknown): string {
  const [, scheme, rest] = /^(\S*) *(.*)$/s.exec(readText(value)) ?? [];
  if (scheme?.toLowerCase() !== 'bearer')
    throw refuse('The authorization is of another kind than Bearer. Send "authorization: Bearer <key>".');
  return readKey(rest);
}

function readKey(value: unknown): string {
  const key = readText(value).trim();
  if (key === '') throw refuse(`The key is empty. ${HOW}`);
  if (key.length > MAX_CHARACTERS || /[^\x21-\x7e]/.test(key))
    throw refuse('The key is not written right: it is too long, or has characters that no key has.');
  return key;
}

function readText(value: unknown): string {
  if (typeof value !== 'string') throw refuse(`The key is not a text. ${HOW}`);
  return value;
}

function refuse(message: string): AppError {
  return new AppError('UNAUTHENTICATED', message);
}
