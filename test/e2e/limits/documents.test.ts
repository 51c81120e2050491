import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ask, codesOf, dataOf, graphqlUrl, post, type Answer, type Operation } from '../../support/graphql';
import { HOSTILE_DOCUMENTS } from '../../support/hostile-documents';
import { createTransaction } from '../../support/inputs';
import { ASK_VIEWER, LIST_MODELS, SCORE_FRAUD } from '../../support/operations';
import { ROOT, startServer, type TestServer } from '../../support/server';
import { openSocket, type Socket } from '../../support/websocket';

const REFUSALS = ['QUERY_TOO_COSTLY', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED'];
const INTROSPECTION: Operation<unknown> = { text: '{ __schema { queryType { name } } }' };

let server: TestServer;
let socket: Socket;
const toStop: TestServer[] = [];

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1', ...settings } });
  toStop.push(server);
  socket = await openSocket(server);
}

afterAll(async () => {
  for (const each of toStop) await each.stop();
});

describe('a document that is small to send and large to work through', () => {
  beforeAll(() => start({}));
  afterAll(async () => {
    await socket.close();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.log().filter(({ level }) => level >= 40)).toEqual([]);
  });

  it.each(Object.entries(HOSTILE_DOCUMENTS))('is refused alike over HTTP and WebSocket: %s', async (_what, text) => {
    const overHttp = await ask(server, { text });
    expect(REFUSALS).toContain(codesOf(overHttp)[0]);
    expect(overHttp.errors).toHaveLength(1);
    expect(overHttp.status).toBe(400);
    expect(overHttp.text.length).toBeLessThan(500);
    const overSocket = await socket.ask({ text });
    expect(overSocket.errors).toEqual(overHttp.errors);
  });

  it('costs its neighbours no more than a moment', async () => {
    const input = createTransaction();
    const documents = Object.values(HOSTILE_DOCUMENTS).filter((text) => text.length < 100_000);
    // Each differs from every other, or it would be remembered.
    for (let round = 0; round < 3; round++)
      await Promise.all(documents.map((text) => ask(server, { text: `${text} # warm up ${round}` })));
    const flood = Promise.all(
      Array.from({ length: 5 }, (_, round) =>
        documents.map((text) => ask(server, { text: `${text} # ${round}` })),
      ).flat(),
    );
    const { data } = await ask(server, SCORE_FRAUD, { input });
    expect(data?.fraudScore?.timing.totalMs).toBeLessThan(1_000);
    expect((await flood).every(({ status }) => status === 400)).toBe(true);
  });

  it('is refused where its variables hold more than anybody could mean', async () => {
    const text = 'query ($inputs: [SentimentInput!]!) { sentimentList(inputs: $inputs) { label } }';
    const inputs = new Array(1_000_000).fill(0);
    const answer = await ask(server, { text }, { inputs });
    expect({ codes: codesOf(answer), status: answer.status }).toEqual({ codes: ['QUERY_TOO_COSTLY'], status: 400 });
  });

  it('leaves what tools ask, and what people do ask, answered', async () => {
    expect((await ask(server, INTROSPECTION)).errors).toEqual([]);
    expect(dataOf(await ask(server, LIST_MODELS)).models).toHaveLength(3);
  });
});

describe('the cost of one request', () => {
  beforeAll(() => start({ PREDICTQL_MAX_QUERY_COST: '3' }));

  it('is limited by its setting over HTTP and WebSocket, and viewer tells it', async () => {
    const three: Operation<unknown> = {
      text: `{ ${['a', 'b', 'c'].map((name) => `${name}: sentiment(input: { text: "Fine." }) { label }`).join(' ')} }`,
    };
    const four: Operation<unknown> = {
      text: three.text.replace(/}$/, 'd: sentiment(input: { text: "Fine." }) { label } }'),
    };
    expect((await ask(server, three)).errors).toEqual([]);
    expect((await socket.ask(three)).errors).toEqual([]);
    expect(codesOf(await ask(server, four))).toEqual(['QUERY_TOO_COSTLY']);
    expect(codesOf(await socket.ask(four))).toEqual(['QUERY_TOO_COSTLY']);
    expect(dataOf(await ask(server, ASK_VIEWER)).viewer.limits).toMatchObject({ maxQueryCost: 3 });
  });
});

describe('with PREDICTQL_INTROSPECTION=off', () => {
  beforeAll(() => start({ PREDICTQL_INTROSPECTION: 'off' }));

  it('nobody reads the schema, over HTTP or WebSocket', async () => {
    const overHttp = await ask(server, INTROSPECTION);
    expect(codesOf(overHttp)).toContain('GRAPHQL_VALIDATION_FAILED');
    expect((await socket.ask(INTROSPECTION)).errors).toEqual(overHttp.errors);
    expect((await ask(server, ASK_VIEWER)).errors).toEqual([]);
  });

  it('nobody is told names that would have been right', async () => {
    const { errors } = await ask(server, { text: '{ modles { name } }' });
    expect(errors[0]!.message).toBe('Cannot query field "modles" on type "Query".');
    expect((await socket.ask({ text: '{ modles { name } }' })).errors).toEqual(errors);
  });
});

describe('with PREDICTQL_TRUSTED_DOCUMENTS', () => {
  const manifest = path.join(ROOT, 'src/client/generated/persisted-documents.json');
  const documents = Object.entries(JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>);
  const [key, text] = documents.find(([, each]) => each.startsWith('query Models')) ?? ['', ''];
  const extensions = { persistedQuery: { version: 1, sha256Hash: key.replace('sha256:', '') } };
  const unknown = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };

  beforeAll(() => start({ PREDICTQL_TRUSTED_DOCUMENTS: manifest }));

  it('an operation of the manifest is answered by its hash, over POST, GET and WebSocket', async () => {
    expectModels(await post(server, JSON.stringify({ extensions })));
    const url = `${graphqlUrl(server)}?extensions=${encodeURIComponent(JSON.stringify(extensions))}`;
    const response = await fetch(url, { headers: { 'apollo-require-preflight': 'true' } });
    expect(((await response.json()) as { data: { models: unknown[] } }).data.models).toHaveLength(3);
    expect((await socket.ask({ text: '', extensions })).errors).toEqual([]);
  });

  it('an operation of the manifest is answered by its text', async () => {
    expectModels(await post(server, JSON.stringify({ query: text })));
    expect((await socket.ask({ text })).errors).toEqual([]);
  });

  it('any other is refused, over HTTP and WebSocket', async () => {
    const overHttp = await ask(server, INTROSPECTION);
    expect({ codes: codesOf(overHttp), status: overHttp.status }).toEqual({ codes: ['FORBIDDEN'], status: 403 });
    expect((await socket.ask(INTROSPECTION)).errors).toEqual(overHttp.errors);
  });

  it('a hash of nothing is no failure of the server, and cannot be taught', async () => {
    const answer = await post(server, JSON.stringify({ extensions: unknown }));
    expect(codesOf(answer)).toEqual(['BAD_REQUEST']);
    const query = '{ viewer { name } }';
    const hash = 'c4e3f4ea4ce4a42e4e8e6a9d9a1d9b3e5b0c1d2e3f405162738495a6b7c8d9e0';
    const taught = { persistedQuery: { version: 1, sha256Hash: hash } };
    expect(codesOf(await post(server, JSON.stringify({ query, extensions: taught })))).not.toEqual([]);
    expect(codesOf(await post(server, JSON.stringify({ extensions: taught })))).toEqual(['BAD_REQUEST']);
    expect(server.log().filter(({ level }) => level >= 40)).toEqual([]);
  });

  function expectModels({ data, errors }: Answer<Record<string, unknown>>): void {
    expect(errors).toEqual([]);
    expect(data?.['models']).toHaveLength(3);
  }
});
