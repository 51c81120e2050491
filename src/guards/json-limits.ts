import { AppError } from '../errors';
import { MAX_VALUES } from './variable-limits';

/** Lists and objects within each other: what is sent needs six. */
const MAX_DEPTH = 100;
/** Values and lists, by their commas and openings. Variables that are not refused later have no more than two a value. */
const MAX_PARTS = 3 * MAX_VALUES;
/** Characters of a text that are looked at one by one before the search for its end is worth a call. */
const NEAR = 64;

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const [OTHER, TEXT, OPENING, CLOSING, COMMA] = [0, 1, 2, 3, 4];
const KIND_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '"') return TEXT;
  if (character === '[' || character === '{') return OPENING;
  if (character === ']' || character === '}') return CLOSING;
  return character === ',' ? COMMA : OTHER;
});

/**
 * Refuses JSON that would hold up everybody else while it is parsed: 200 KB of brackets within each other take 30
 * milliseconds, and 16 MB of them side by side more than a second. Looking takes less than parsing, whatever comes; what is
 * no JSON is left to the parser. Throws an AppError.
 * @param json in UTF-8, of which all that matters here is ASCII
 */
export function limitJson(json: Buffer): void {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < json.length; at++) {
    const kind = KIND_OF_BYTE[json[at] as number];
    if (kind === OTHER) continue;
    if (kind === TEXT) at = endOfText(json, at + 1);
    else if (kind === CLOSING) depth--;
    else if (kind === OPENING && ++depth > MAX_DEPTH) throw tooDeep();
    else if (++parts > MAX_PARTS) throw tooManyValues();
  }
}

/** Where the quote stands that ends a text; behind everything where there is none. */
function endOfText(json: Buffer, start: number): number {
  for (let at = start; at < json.length;) {
    for (const near = Math.min(at + NEAR, json.length); at < near; at++) {
      if (json[at] === QUOTE) return at;
      if (json[at] === BACKSLASH) at++;
    }
    // A picture has no backslash: its end is the next quote.
    const quote = json.indexOf(QUOTE, at);
    if (quote < 0) break;
    let before = quote;
    while (before > at && json[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
    at = quote + 1;
  }
  return json.length;
}

function tooDeep(): AppError {
  return new AppError(
    'BAD_REQUEST',
    `The JSON is nested deeper than ${MAX_DEPTH} levels. Send lists and objects as the schema has them.`,
  );
}

function tooManyValues(): AppError {
  return new AppError(
    'QUERY_TOO_COSTLY',
    `The request holds more than ${MAX_PARTS} values. Send them in several requests.`,
  );
}
