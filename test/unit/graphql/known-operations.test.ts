import { ApolloServer } from '@apollo/server';
import type { RequestContext } from '../../../src/context';
import { KnownOperations } from '../../../src/graphql/known-operations';
import { TrustedDocuments } from '../../../src/guards/trusted-documents';
import { createOwnSchema } from '../../support/own-schema';

let known: KnownOperations;
let server: ApolloServer<RequestContext>;
beforeEach(async () => {
  known = new KnownOperations();
  server = new ApolloServer<RequestContext>({ schema: createOwnSchema(), plugins: [known.learn()] });
  await server.start();
});
afterEach(() => server.stop());

async function learnt(query: string): Promise<readonly string[] | undefined> {
  await server.executeOperation({ query, variables: { text: '' } }, { contextValue: {} as RequestContext });
  return known.tasksOf({ query });
}

it('are told by what they predict, once they have been executed', async () => {
  const query = '{ a: sentiment(input: { text: "" }) { label } sentimentList(inputs: []) { label } }';
  expect(known.tasksOf({ query })).toBeUndefined();
  expect(await learnt(query)).toEqual(['sentiment']);
  expect(await learnt('query ($text: String!) { sentiment(input: { text: $text }) { label } }')).toEqual(['sentiment']);
});

it('are found by the hash of a trusted document', async () => {
  const query = '{ sentiment(input: { text: "" }) { label } }';
  known = new KnownOperations(new TrustedDocuments(new Map([['abc', query]])));
  await server.stop();
  server = new ApolloServer<RequestContext>({ schema: createOwnSchema(), plugins: [known.learn()] });
  await server.start();
  await learnt(query);
  for (const [sha256Hash, found] of [
    ['abc', ['sentiment']],
    ['abd', undefined],
  ] as const)
    expect(known.tasksOf({ extensions: { persistedQuery: { sha256Hash } } })).toEqual(found);
});

it('tell of predictions with options of their own no more than that they are predictions', async () => {
  const query = '{ sentiment(input: { text: "" }, options: { timeoutMs: 60000 }) { label } }';
  expect(known.tasksOf({ query })).toBeUndefined();
  expect(await learnt(query)).toEqual([]);
});

it.each([
  ['asks for something else too', '{ sentiment(input: { text: "" }) { label } models { name } }'],
  ['decides by a variable what it asks for', '{ sentiment(input: { text: "" }) @skip(if: false) { label } }'],
  ['has its fields in a fragment', '{ ...all } fragment all on Query { sentiment(input: { text: "" }) { label } }'],
  ['is too long to keep', `{ sentiment(input: { text: "${'x'.repeat(4_096)}" }) { label } }`],
  ['is not valid', '{ sentiment { label } }'],
])('do not include one that %s', async (_, query) => {
  expect(await learnt(query)).toBeUndefined();
});

it('are not more than a thousand: the oldest make room', async () => {
  const nth = (n: number): string => `{ a${n}: sentiment(input: { text: "" }) { label } }`;
  for (let n = 0; n <= 1_000; n++) await learnt(nth(n));
  expect([0, 1, 1_000].map((n) => known.tasksOf({ query: nth(n) }))).toEqual([undefined, ['sentiment'], ['sentiment']]);
});

it.each([null, undefined, 'text', [], { query: 1 }, { extensions: null }, { extensions: { persistedQuery: null } }])(
  'are asked for any body: %p',
  (body) => {
    expect(known.tasksOf(body)).toBeUndefined();
  },
);
