import { connect } from 'node:net';
import { ask, post, upload } from '../support/graphql';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, EXPLAIN_FRAUD } from '../support/operations';
import { createTransaction } from '../support/inputs';
import { startServer, type LogEntry, type TestServer } from '../support/server';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

/** Stands in everything that is sent, and may stand in nothing that is logged. */
const MARK = 'MARKED-7f3a';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_LOG_LEVEL: 'trace' } });
});
afterAll(() => server.stop());

const lines = (msg: RegExp): LogEntry[] => server.log().filter((entry) => msg.test(entry.msg));

describe('the log', () => {
  it('has one line for each request, under the id that it came with and was answered with', async () => {
    const headers = { 'x-request-id': 'order-17' };
    const answer = await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.' } }, { headers });
    expect(answer.headers.get('x-request-id')).toBe('order-17');
    const socket = await openSocket(server);
    await socket.ask(ANALYZE_SENTIMENT, { input: { text: 'Fine.' } });
    await socket.close();
    await until('both are logged', () => lines(/^request$/).length === 2);
    const [first, second] = lines(/^request$/);
    expect(first).toMatchObject({
      ...{ requestId: 'order-17', transport: 'http', type: 'query', address: '127.0.0.0', predictions: 1 },
      slowest: { task: 'sentiment', model: 'sentiment-analyzer', outcome: 'answered', batchSize: 1 },
    });
    expect(first!['slowest']).toMatchObject({ inferenceMs: expect.any(Number) as number });
    expect(second).toMatchObject({ transport: 'websocket', predictions: 1 });
  });

  it('has one line for each change of a version', () => {
    const changes = lines(/^version event$/).filter(({ model }) => model === 'fraud-detector');
    const kinds = changes.map(({ kind, version }) => `${String(kind)} ${String(version)}`);
    for (const change of ['verifying 2', 'loading 2', 'warming 2', 'ready 2', 'promoted 2'])
      expect(kinds.filter((kind) => kind === change)).toHaveLength(1);
  });

  it('never has what clients send, nor their keys', async () => {
    const headers = { authorization: `Bearer pql_${MARK}`, 'x-request-id': `{"${MARK}"}`, cookie: MARK };
    const text = `${MARK} is good.`;
    const base64 = Buffer.from(MARK).toString('base64');
    const before = server.errorOutput().length;
    await ask(server, ANALYZE_SENTIMENT, { input: { text } });
    await ask(server, ANALYZE_SENTIMENT, { input: { text } }, { headers });
    await ask(server, ANALYZE_SENTIMENT, { input: { text, [MARK]: text } });
    await ask(server, ANALYZE_SENTIMENT, { input: { text }, options: { model: MARK, timeoutMs: 1 } });
    await ask(server, ANALYZE_SENTIMENT, { input: { text: text.repeat(400) }, options: { timeoutMs: 1 } });
    await ask(server, CLASSIFY_IMAGE, { input: { image: { base64 } } });
    await ask(server, CLASSIFY_IMAGE, { input: { image: { url: `https://${MARK}.example/${MARK}.jpg` } } });
    const files = { 'variables.input.image.upload': Buffer.from(MARK) };
    await upload(server, CLASSIFY_IMAGE, { variables: { input: { image: { upload: null } } }, files });
    await ask(server, EXPLAIN_FRAUD, { input: createTransaction(), first: MARK });
    await post(server, `{"query": "{ sentiment(input: {text: \\"${text}\\"} ", "x": "${MARK}`);
    await post(server, JSON.stringify({ query: `{ sentiment(input: {text: "${MARK}", ${MARK}: 1}) { label } }` }));
    const socket = await openSocket(server);
    await socket.ask(ANALYZE_SENTIMENT, { input: { text, wrong: MARK } });
    await socket.close();
    await until('the last is logged', () => lines(/^request/).some((entry) => entry['transport'] === 'websocket'));
    const written = `${server.output()}${server.errorOutput()}`;
    expect(server.errorOutput().length).toBeGreaterThan(before);
    expect(written).not.toContain(MARK);
    expect(written).not.toContain(base64);
  });
});

describe('a request that is refused before it is looked at', () => {
  let guarded: TestServer;
  beforeAll(async () => {
    const keys = [
      { name: 'metrics', scopes: ['metrics:read'] },
      { name: 'slow', scopes: ['*'], limits: { requestsPerSecond: 0.001 } },
    ];
    const settings = {
      PREDICTQL_ENGINES: '1',
      PREDICTQL_MAX_BODY_BYTES: '2000',
      PREDICTQL_TRUST_PROXY: '127.0.0.1,::1',
    };
    guarded = await startServer({ keys, settings });
  });
  afterAll(() => guarded.stop());

  const bearer = (name: string) => ({ authorization: `Bearer ${guarded.keys[name]!}` });
  const refused = (): LogEntry[] => guarded.log().filter(({ msg }) => msg === 'request refused');
  const lineOf = (id: string | null): LogEntry | undefined => refused().find(({ requestId }) => requestId === id);

  it('has a line with its id, status and code', async () => {
    const cases = [
      [401, 'UNAUTHENTICATED', {}, '{}'],
      [413, 'PAYLOAD_TOO_LARGE', bearer('metrics'), JSON.stringify({ query: 'x'.repeat(3_000) })],
      [400, 'GRAPHQL_PARSE_FAILED', bearer('metrics'), '{"query": '],
    ] as const;
    for (const [status, code, headers, body] of cases) {
      const answer = await post(guarded, body, { headers });
      expect(answer.status).toBe(status);
      const id = answer.headers.get('x-request-id');
      await until('it is logged', () => lineOf(id) !== undefined);
      expect(lineOf(id)).toMatchObject({ level: 30, status, codes: [code], route: '/graphql', address: '127.0.0.0' });
    }
    const forwarded = await post(guarded, '{}', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    const proxied = forwarded.headers.get('x-request-id');
    await until('it is logged', () => lineOf(proxied) !== undefined);
    expect(lineOf(proxied)).toMatchObject({ status: 401, address: '203.0.113.0' });
    await ask(guarded, { text: '{ __typename }' }, {}, { headers: bearer('slow') });
    const limited = await ask(guarded, { text: '{ __typename }' }, {}, { headers: bearer('slow') });
    await until('it is logged', () => lineOf(limited.headers.get('x-request-id')) !== undefined);
    expect(lineOf(limited.headers.get('x-request-id'))).toMatchObject({ status: 429, codes: ['RATE_LIMITED'] });
    const forbidden = await fetch(`${guarded.origin}/metrics`, {
      headers: { ...bearer('slow'), origin: 'http://x.example' },
    });
    await until('it is logged', () => lineOf(forbidden.headers.get('x-request-id')) !== undefined);
    expect(lineOf(forbidden.headers.get('x-request-id'))).toMatchObject({ status: 403, route: '/metrics' });
    // One that came as far as GraphQL has its own line, and no other.
    expect(refused()).toHaveLength(6);
  });

  it('is answered in the shape of all errors where it is no HTTP, or too much of it', async () => {
    const head = 'GET /graphql HTTP/1.1\r\nhost: localhost\r\n';
    for (const [status, bytes] of [
      [400, 'not http at all\r\n\r\n'],
      [431, `${head}x-much: ${'a'.repeat(40_000)}\r\n\r\n`],
    ] as const) {
      const text = await sendRaw(guarded, bytes);
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      const [headers = '', body = ''] = text.split('\r\n\r\n');
      expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
      const id = /x-request-id: (.+)/.exec(headers)![1]!.trim();
      await until('it is logged', () => lineOf(id) !== undefined);
      expect(lineOf(id)).toMatchObject({ status, codes: ['BAD_REQUEST'], address: '127.0.0.0' });
    }
  });
});

/** All that comes back for these bytes, until the server closes. */
async function sendRaw({ origin }: TestServer, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  // A server that has enough may cut what it did not read.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  await closed;
  return text;
}
