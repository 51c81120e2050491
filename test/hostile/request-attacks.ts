import { gzipSync } from 'node:zlib';
import { codesOf, post } from '../support/graphql';
import { readPicture } from '../support/inputs';
import type { Attack } from './attack';

const PREFLIGHT = { 'apollo-require-preflight': 'true' };
const REFUSED = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'QUERY_TOO_COSTLY'];
const PACKED = gzipSync(Buffer.alloc(256 << 20));
const EMPTY_LISTS = Buffer.from(`{"query":"{ viewer { name } }","extensions":{"x":[${'[],'.repeat(100_000)}[]]}}`);
const LIST = `[${times(100, () => '{ text: "Fine." }')}]`;

/** Attacks that are one request each. */
export const REQUEST_ATTACKS: readonly Attack[] = [
  ...document('aliases by the thousand', `{ ${times(5_000, (index) => `a${index}: viewer { name }`)} }`),
  ...document(
    'aliases of lists',
    `query ($inputs: [SentimentInput!]!) { ${times(9, (index) => `a${index}: sentimentList(inputs: $inputs) { label }`)} }`,
    {
      inputs: Array.from({ length: 100 }, () => ({ text: 'Fine.' })),
    },
  ),
  ...document(
    'lists in the document',
    `{ ${times(3, (index) => `a${index}: sentimentList(inputs: ${LIST}) { label }`)} }`,
  ),
  ...document('a flood of fields', `{ viewer { ${'name '.repeat(5_000)} } }`),
  ...document('a flood of directives', `{ viewer { name ${'@include(if: true) '.repeat(2_000)} } }`),
  ...document('a flood of tokens', '{'.repeat(100_000)),
  ...document('fragments in a circle', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'),
  ...document(
    'fragments that double',
    `{ ...F0 } ${times(30, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F30 on Query { viewer { name } }`,
  ),
  ...document('fields a hundred deep', `{ models ${'{ versions { model '.repeat(50)} { name } ${'} }'.repeat(50)} }`),
  ...document(
    'the schema again and again',
    `{ ${times(400, (index) => `a${index}: __schema { types { fields { type { name } } } }`)} }`,
  ),
  {
    what: 'a batch of operations',
    gets: ['BAD_REQUEST'],
    run: ({ origin }) =>
      send(origin, JSON.stringify(Array.from({ length: 500 }, () => ({ query: '{ viewer { name } }' })))),
  },
  {
    what: 'JSON a hundred thousand deep',
    gets: ['BAD_REQUEST'],
    run: ({ origin }) =>
      send(
        origin,
        `{"query":"query ($input: SentimentInput!) { sentiment(input: $input) { label } }","variables":{"input":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      ),
  },
  {
    what: 'a hundred thousand empty lists',
    gets: ['QUERY_TOO_COSTLY'],
    run: ({ origin }) => send(origin, EMPTY_LISTS),
  },
  {
    what: 'JSON with a prototype',
    // Or it is passed over: an answer as if it were not there.
    gets: ['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST', 200],
    run: ({ origin }) => send(origin, '{"query":"{ viewer { name } }","__proto__":{"scopes":["*"]}}'),
  },
  {
    what: '256 megabytes packed into a quarter of one',
    gets: ['BAD_REQUEST'],
    run: ({ origin }) => send(origin, PACKED, { 'content-encoding': 'gzip' }),
  },
  {
    what: 'a picture of 900 million pixels',
    gets: ['UNSUPPORTED_IMAGE'],
    run: ({ origin }) => send(origin, classify({ base64: readPicture('bad/bomb.png').toString('base64') })),
  },
  {
    what: 'pictures from the inside of the network',
    gets: ['BAD_USER_INPUT'],
    run: ({ origin }) => send(origin, classify({ url: 'http://169.254.169.254/latest/meta-data' })),
  },
  ...['variables.__proto__.x', '__proto__.x', 'constructor.prototype.x'].map((place) => ({
    what: `a form whose file belongs at ${place}`,
    gets: ['BAD_REQUEST', ...REFUSED],
    run: ({ origin }: { readonly origin: string }) => send(origin, form({ 0: [place] }, 1), PREFLIGHT),
  })),
  {
    what: 'a form of 300 files',
    gets: ['PAYLOAD_TOO_LARGE', ...REFUSED],
    run: ({ origin }) => send(origin, form({}, 300), PREFLIGHT),
  },
  {
    what: 'a form without the file it promised',
    gets: ['BAD_USER_INPUT', ...REFUSED],
    run: ({ origin }) => send(origin, form({ 0: ['variables.input.image.upload'] }, 0), PREFLIGHT),
  },
];

function document(what: string, query: string, variables: unknown = {}): Attack[] {
  const run = ({ origin }: { readonly origin: string }) => send(origin, JSON.stringify({ query, variables }));
  return [{ what, gets: REFUSED, run }];
}

async function send(
  origin: string,
  body: string | Uint8Array | FormData,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly (string | number)[]> {
  const answer = await post({ origin }, body, { headers });
  return answer.errors.length > 0 ? codesOf(answer).map((code) => code ?? 'no code') : [answer.status];
}

function classify(image: unknown): string {
  const query = 'query ($input: ClassifyImageInput!) { classifyImage(input: $input) { id } }';
  return JSON.stringify({ query, variables: { input: { image } } });
}

function form(map: Readonly<Record<string, readonly string[]>>, files: number): FormData {
  const parts = new FormData();
  parts.set('operations', classify({ upload: null }));
  parts.set('map', JSON.stringify(map));
  for (let index = 0; index < files; index++) parts.set(String(index), new Blob(['no picture']), 'x');
  return parts;
}

function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ');
}
