import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { ask, codesOf, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, EXPLAIN_FRAUD, SCORE_FRAUD, SCORE_FRAUD_LIST } from '../support/operations';
import { startCollector, type Collector, type ReceivedSpan } from '../support/otlp-collector';
import { enginesOf } from '../support/processes';
import { freePort, startObservedServer, startServer, type ObservedServer, type TestServer } from '../support/server';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

const CONCURRENT = 32;
const STAGES = ['admission', 'preprocess', 'queue', 'inference', 'postprocess'];
/** Of the protocol: SERVER, and the status of what failed. */
const SERVER = 2;
const ERROR = 2;
/** Stands in what is sent, and may stand in no span. */
const MARK = 'MARKED-9c1e';

/** A client's own span, in the trace of the given number; nothing else is in that trace. */
function clientSpan(number: number, { isSampled = true } = {}) {
  const traceId = number.toString(16).padStart(32, 'a');
  const spanId = number.toString(16).padStart(16, 'b');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}` };
}

const isIn = (trace: { readonly traceId: string }) => (span: ReceivedSpan) => span.traceId === trace.traceId;
const byStart = (spans: readonly ReceivedSpan[]) => spans.toSorted((a, b) => a.startMs - b.startMs);
const isRequest = ({ kind }: ReceivedSpan) => kind === SERVER;

describe('a traced server', () => {
  let collector: Collector;
  let server: ObservedServer;
  let lastTrace = 0;
  const nextTrace = (options?: { isSampled: boolean }) => clientSpan(++lastTrace, options);

  beforeAll(async () => {
    collector = await startCollector();
    server = await startObservedServer({
      settings: {
        PREDICTQL_ENGINES: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-team=machine%20learning',
        OTEL_SERVICE_NAME: 'scoring',
        // What no client asks to trace is not.
        OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    await collector.stop();
  });

  /** The spans of a trace once its request's has come, which ends after all others. */
  async function traceOf(trace: { readonly traceId: string }): Promise<ReceivedSpan[]> {
    let spans: ReceivedSpan[] = [];
    await until('the trace is exported', async () => {
      spans = (await collector.spans()).filter(isIn(trace));
      return spans.some(isRequest);
    });
    return spans;
  }

  it('links one batch with the 32 requests that share it, each in the trace of its client', async () => {
    const traces = Array.from({ length: CONCURRENT }, () => nextTrace());
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const occupying = ask(server, ANALYZE_SENTIMENT, { input: { text: 'It takes its time.' } });
    await until('the engine is busy', async () => (await server.facts()).engines[0]!.state === 'running');
    const asking = traces.map(({ traceparent }, index) =>
      ask(server, SCORE_FRAUD, { input: createTransaction({ amount: index + 1 }) }, { headers: { traceparent } }),
    );
    await until('all wait', async () => (await server.facts()).queueLength === CONCURRENT);
    process.kill(engine!.pid, 'SIGCONT');
    for (const answer of await Promise.all(asking))
      expect(dataOf(answer).fraudScore!.timing.batchSize).toBe(CONCURRENT);
    dataOf(await occupying);

    const all = (await Promise.all(traces.map(traceOf))).flat();
    const predictions = all.filter(({ name }) => name === 'fraud-score');
    const batches = (await collector.spans()).filter(({ links }) =>
      links.some(({ spanId }) => predictions.some((prediction) => prediction.spanId === spanId)),
    );
    // Stages point back to the batch; the batch is what points to predictions.
    expect(batches).toHaveLength(1);
    const batch = batches[0]!;
    expect(batch).toMatchObject({ name: 'batch fraud-score', attributes: { 'predictql.batch.rows': CONCURRENT } });
    expect(batch.parentSpanId ?? '').toBe('');
    expect(traces.some(isIn(batch) as never)).toBe(false);

    expect(batch.links).toHaveLength(CONCURRENT);
    for (const client of traces) {
      const links = batch.links.filter(({ traceId }) => traceId === client.traceId);
      expect(links).toHaveLength(1);
      const prediction = all.find(({ spanId }) => spanId === links[0]!.spanId)!;
      const request = all.find(({ spanId }) => spanId === prediction.parentSpanId)!;
      expect(prediction).toMatchObject({ name: 'fraud-score', traceId: client.traceId });
      expect(request).toMatchObject({ kind: SERVER, traceId: client.traceId, parentSpanId: client.spanId });
      const inference = all.find(
        ({ name, parentSpanId }) => name === 'inference' && parentSpanId === prediction.spanId,
      )!;
      expect(inference.links).toMatchObject([{ traceId: batch.traceId, spanId: batch.spanId }]);
    }

    const run = (await collector.spans()).find(({ parentSpanId }) => parentSpanId === batch.spanId)!;
    expect(run).toMatchObject({ name: 'engine run', traceId: batch.traceId, attributes: { 'predictql.engine': 1 } });
    expect(run.startMs).toBeGreaterThanOrEqual(batch.startMs);
    expect(run.endMs).toBeLessThanOrEqual(batch.endMs);
    expect(run.endMs).toBeGreaterThan(run.startMs);
  });

  it('tells of a request which prediction it was, by which version, and each stage in its time', async () => {
    const client = nextTrace();
    const query = 'query Judge($text: String!) { sentiment(input: {text: $text}) { id label } }';
    const answer = await fetch(`${server.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'order-17', traceparent: client.traceparent },
      body: JSON.stringify({ query, variables: { text: `${MARK} is good.` } }),
    });
    const { data } = (await answer.json()) as { data: { sentiment: { id: string } } };
    const spans = await traceOf(client);

    const request = spans.find(isRequest)!;
    expect(request).toMatchObject({
      name: 'POST /graphql',
      attributes: {
        ...{ 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200 },
        ...{ 'graphql.operation.type': 'query', 'graphql.operation.name': 'Judge' },
        'predictql.request.id': 'order-17',
      },
      resource: { 'service.name': 'scoring', 'service.version': expect.any(String) as string },
    });
    const prediction = spans.find(({ parentSpanId }) => parentSpanId === request.spanId)!;
    expect(prediction).toMatchObject({
      name: 'sentiment',
      attributes: {
        ...{ 'predictql.task': 'sentiment', 'predictql.model.name': 'sentiment-analyzer' },
        ...{ 'predictql.model.version': '2', 'predictql.outcome': 'answered' },
        'predictql.prediction.id': data.sentiment.id,
      },
    });
    expect(prediction.status.code ?? 0).toBe(0);
    const stages = byStart(spans.filter(({ parentSpanId }) => parentSpanId === prediction.spanId));
    expect(stages.map(({ name }) => name)).toEqual(STAGES);
    stages.forEach((stage, index) => {
      expect(stage.startMs).toBeGreaterThanOrEqual(stages[index - 1]?.endMs ?? prediction.startMs);
      expect(stage.endMs).toBeLessThanOrEqual(prediction.endMs);
    });
    expect(prediction.endMs).toBeLessThanOrEqual(request.endMs);
    expect(JSON.stringify(await collector.spans())).not.toContain(MARK);
  });

  it('writes the trace into the line of the log', async () => {
    const client = nextTrace();
    const headers = { traceparent: client.traceparent, 'x-request-id': 'logged' };
    dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }, { headers }));
    const lineOf = (id: string) => server.log().find(({ requestId }) => requestId === id);
    await until('it is logged', () => lineOf('logged') !== undefined);
    expect(lineOf('logged')).toMatchObject({ traceId: client.traceId });

    dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }, { headers: { 'x-request-id': 'untraced' } }));
    await until('it is logged', () => lineOf('untraced') !== undefined);
    expect(lineOf('untraced')).not.toHaveProperty('traceId');
  });

  it('marks what failed, with the code its client was told, and nothing of what was sent', async () => {
    const client = nextTrace();
    const options = { version: { version: MARK } };
    const headers = { traceparent: client.traceparent };
    const answer = await ask(server, ANALYZE_SENTIMENT, { input: { text: MARK }, options }, { headers });
    expect(codesOf(answer)).toEqual(['VERSION_NOT_FOUND']);
    const spans = await traceOf(client);
    const failed = { status: { code: ERROR }, attributes: { 'error.type': 'VERSION_NOT_FOUND' } };
    expect(spans.find(isRequest)).toMatchObject(failed);
    expect(spans.find(({ name }) => name === 'sentiment')).toMatchObject(failed);
    expect(spans.find(({ name }) => name === 'admission')).toMatchObject(failed);
    expect(JSON.stringify(spans)).not.toContain(MARK);
  });

  it('shows the call that failed and the wait for the next one, where an engine process died', async () => {
    const client = nextTrace();
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const headers = { traceparent: client.traceparent };
    const asking = ask(server, SCORE_FRAUD, { input: createTransaction() }, { headers });
    await until('the engine is busy', async () => (await server.facts()).engines[0]!.state === 'running');
    process.kill(engine!.pid, 'SIGKILL');
    dataOf(await asking);
    const spans = await traceOf(client);
    const prediction = spans.find(({ name }) => name === 'fraud-score')!;
    const stages = byStart(spans.filter(({ parentSpanId }) => parentSpanId === prediction.spanId));
    expect(stages.map(({ name }) => name)).toEqual([
      ...['admission', 'preprocess', 'queue', 'inference', 'queue', 'inference', 'postprocess'],
    ]);
    const batches = byStart(
      (await collector.spans()).filter(({ links }) => links.some(({ spanId }) => spanId === prediction.spanId)),
    );
    expect(batches.map(({ status }) => status.code ?? 0)).toEqual([ERROR, 0]);
    expect(batches[0]).toMatchObject({ attributes: { 'error.type': 'EngineLostError' } });
  });

  it('links the batch of the reasons, which are computed later, with their prediction', async () => {
    const client = nextTrace();
    const headers = { traceparent: client.traceparent };
    dataOf(await ask(server, EXPLAIN_FRAUD, { input: createTransaction() }, { headers }));
    const spans = await traceOf(client);
    const prediction = spans.find(({ name }) => name === 'fraud-score')!;
    const further = spans.find(({ name }) => name === 'fraud-score further rows')!;
    expect(further.parentSpanId).toBe(prediction.spanId);
    const batches = (await collector.spans()).filter(({ links }) =>
      links.some(({ spanId }) => spanId === further.spanId),
    );
    expect(batches).toHaveLength(1);
  });

  it('takes a WebSocket operation for part of the trace of its connection, or of its own', async () => {
    const [connection, own] = [nextTrace(), nextTrace()];
    const connectionParams = { traceparent: connection.traceparent, tracestate: 'vendor=connection' };
    const socket = await openSocket(server, { connectionParams });
    const input = { text: 'Fine.' };
    dataOf({ status: 0, ...(await socket.ask(ANALYZE_SENTIMENT, { input })) });
    const extensions = { traceparent: own.traceparent };
    dataOf({ status: 0, ...(await socket.ask({ ...ANALYZE_SENTIMENT, extensions }, { input })) });
    await socket.close();

    for (const client of [connection, own]) {
      const spans = await traceOf(client);
      const request = spans.find(isRequest)!;
      expect(spans.filter(isRequest)).toHaveLength(1);
      expect(request).toMatchObject({
        ...{ name: 'query', parentSpanId: client.spanId },
        attributes: { 'network.protocol.name': 'websocket', 'graphql.operation.type': 'query' },
      });
      expect(spans.find(({ name }) => name === 'sentiment')).toMatchObject({ parentSpanId: request.spanId });
    }
    const states = (await traceOf(own)).map((span) => (span as { traceState?: string }).traceState ?? '');
    expect(states.filter((state) => state !== '')).toEqual([]);
  });

  it.each([
    ['not one', 'traceparent'],
    ['a number', 17],
    ['an object', { traceparent: '00' }],
    ['all zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
  ])('answers an operation whose traceparent is %s', async (_what, traceparent) => {
    const socket = await openSocket(server);
    const operation = { ...ANALYZE_SENTIMENT, extensions: { traceparent } };
    dataOf({ status: 0, ...(await socket.ask(operation, { input: { text: 'Fine.' } })) });
    await socket.close();
  });

  it('traces no request whose client has decided against it', async () => {
    const [against, after] = [nextTrace({ isSampled: false }), nextTrace()];
    for (const { traceparent } of [against, after])
      dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }, { headers: { traceparent } }));
    await traceOf(after);
    expect((await collector.spans()).filter(isIn(against))).toEqual([]);
  });

  it('exports to where the settings say, with their headers, and counts what it sent', async () => {
    const exports = await collector.exports();
    expect(new Set(exports.map(({ method, url }) => `${method} ${url}`))).toEqual(new Set(['POST /v1/traces']));
    expect(new Set(exports.map(({ headers }) => headers['x-team']))).toEqual(new Set(['machine learning']));
    await until('all is counted', async () => (await spanCounts(server)).exported === (await collector.spans()).length);
    expect(await spanCounts(server)).toMatchObject({ failed: 0, dropped: 0 });
  });
});

describe('a server that is stopped', () => {
  it('sends what it has traced before it ends', async () => {
    const collector = await startCollector();
    const server = await startTraced(collector.endpoint);
    dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.' } }));
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    const names = (await collector.spans()).map(({ name }) => name);
    expect(names.sort()).toEqual(['POST /graphql', 'batch sentiment', 'engine run', 'sentiment', ...STAGES].sort());
    await collector.stop();
  });
});

describe('a collector that is not there', () => {
  it('costs its spans, which are counted, and one line of the log, until it is back', async () => {
    const port = await freePort();
    const server = await startTraced(`http://127.0.0.1:${port}`, { OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
    const failures = () => server.log().filter(({ msg }) => msg === 'traces cannot be exported');
    let failed = 0;
    for (let times = 0; times < 2; times++) {
      dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }));
      await until('its export has failed', async () => (await spanCounts(server)).failed > failed);
      ({ failed } = await spanCounts(server));
    }
    expect(failures()).toMatchObject([{ level: 40, reason: expect.any(String) as string }]);

    const collector = await startCollector(port);
    dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }));
    await until('it is exported', async () => (await spanCounts(server)).exported > 0);
    const recoveries = () => server.log().filter(({ msg }) => msg === 'traces are exported again');
    await until('it is logged', () => recoveries().length > 0);
    expect(recoveries()).toHaveLength(1);
    expect(failures()).toHaveLength(1);
    await server.stop();
    await collector.stop();
  });

  it('does not hold up answers nor the end, and is not waited for without bound', async () => {
    const hanging = await listenWithoutAnswer();
    const { port } = hanging.address() as { port: number };
    const server = await startTraced(`http://127.0.0.1:${port}`);
    const inputs = Array.from({ length: 100 }, () => createTransaction());
    // Each item has a span of its own and one for each stage.
    for (let times = 0; times < 10; times++) {
      const { fraudScoreList } = dataOf(await ask(server, SCORE_FRAUD_LIST, { inputs }));
      expect(fraudScoreList).toHaveLength(100);
    }
    const { dropped, exported, failed } = await spanCounts(server);
    expect(dropped).toBeGreaterThan(1_000);
    expect({ exported, failed }).toEqual({ exported: 0, failed: 0 });
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    hanging.close();
  });
});

describe('a server without an endpoint', () => {
  it('loads nothing of OpenTelemetry but the interface that the library of metrics has of its own accord', async () => {
    const packagesOf = async (settings: Record<string, string>): Promise<readonly string[]> => {
      const server = await startObservedServer({ settings });
      const headers = { traceparent: clientSpan(1).traceparent };
      dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }, { headers }));
      const names = (await server.loadedPackages()).flatMap((file) => /^@opentelemetry\/[^/]+/.exec(file) ?? []);
      await server.stop();
      return [...new Set(names)];
    };
    const ofMetrics = ['@opentelemetry/api'];
    expect(await packagesOf({ OTEL_SERVICE_NAME: 'scoring' })).toEqual(ofMetrics);
    const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
    expect(await packagesOf({ ...on, OTEL_SDK_DISABLED: 'true' })).toEqual(ofMetrics);
    expect(await packagesOf({ ...on, OTEL_TRACES_EXPORTER: 'none' })).toEqual(ofMetrics);
    expect((await packagesOf(on)).length).toBeGreaterThan(5);
  });
});

function startTraced(endpoint: string, settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  return startServer({
    settings: {
      PREDICTQL_ENGINES: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_SAMPLER: 'always_on',
      ...settings,
    },
  });
}

interface SpanCounts {
  readonly exported: number;
  readonly failed: number;
  readonly dropped: number;
}

async function spanCounts({ origin }: TestServer): Promise<SpanCounts> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const samples = text.matchAll(/^predictql_trace_spans_total\{outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, outcome = '', value]) => [outcome, Number(value)])) as never;
}

/** Takes connections and says nothing. */
async function listenWithoutAnswer(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
