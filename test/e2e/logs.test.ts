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
