import path from 'node:path';
import { ask, dataOf } from '../support/graphql';
import { ANALYZE_SENTIMENT, ANALYZE_SENTIMENT_LIST, SCORE_FRAUD } from '../support/operations';
import { HAS_PROMTOOL, itWithPromtool, promtool } from '../support/promtool';
import { enginesOf } from '../support/processes';
import { freePort, ROOT, startServer, type TestServer } from '../support/server';
import { createTransaction } from '../support/inputs';
import { until } from '../support/until';
import { openSocket } from '../support/websocket';

let server: TestServer;
let metricsPort: number;
beforeAll(async () => {
  metricsPort = await freePort();
  server = await startServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_METRICS_PORT: String(metricsPort) } });
});
afterAll(() => server.stop());

async function scrape(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
}

/** The sum of all samples that begin so. */
function sumOf(text: string, start: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(start));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('/metrics', () => {
  it('counts what was asked over HTTP and WebSocket, and what became of it', async () => {
    const before = await scrape();
    await Promise.all(['Good.', 'Bad.', 'Fine.'].map((text) => ask(server, ANALYZE_SENTIMENT, { input: { text } })));
    await ask(server, ANALYZE_SENTIMENT_LIST, { inputs: [{ text: 'Good.' }, { text: 'Bad.' }] });
    await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Good.' }, options: { model: 'no-such-model' } });
    const socket = await openSocket(server);
    expect(dataOf({ ...(await socket.ask(SCORE_FRAUD, { input: createTransaction() })), status: 0 })).toBeDefined();
    // What is known from HTTP is known.
    await socket.ask(ANALYZE_SENTIMENT, { input: { text: 'Good.' } });
    const after = await scrape();
    const grown = (start: string): number => sumOf(after, start) - sumOf(before, start);
    const sentiment = 'predictql_predictions_total{task="sentiment",model="sentiment-analyzer"';
    expect(grown(sentiment)).toBe(6);
    expect(grown('predictql_predictions_total{task="sentiment",model="",version="",outcome="MODEL_NOT_FOUND"}')).toBe(
      1,
    );
    expect(after).not.toContain('no-such-model');
    expect(grown('predictql_predictions_total{task="fraud-score",model="fraud-detector"')).toBe(1);
    expect(grown('predictql_requests_total{transport="http",operation="query",outcome="answered"}')).toBe(4);
    expect(grown('predictql_requests_total{transport="http",operation="query",outcome="errors"}')).toBe(1);
    expect(grown('predictql_requests_total{transport="websocket",operation="query",outcome="answered"}')).toBe(2);
    expect(grown('predictql_errors_total{code="MODEL_NOT_FOUND"}')).toBe(1);
    expect(grown('predictql_inference_call_rows_sum{task="sentiment"')).toBe(6);
    expect(grown('predictql_engine_busy_seconds_total{engine="1",state="running"}')).toBeGreaterThan(0);
    expect(grown('predictql_document_cache_lookups_total')).toBe(7);
    expect(grown('predictql_document_cache_lookups_total{result="miss"}')).toBe(3);
    expect(sumOf(after, 'predictql_websocket_connections')).toBe(1);
    await socket.close();
  });

  it('tells how the server is', async () => {
    const text = await scrape();
    expect(sumOf(text, 'predictql_ready')).toBe(1);
    expect(sumOf(text, 'predictql_engine_up')).toBe(1);
    expect(sumOf(text, 'predictql_engine_busy_seconds_total{engine="1",state="preparing"}')).toBeGreaterThan(0);
    if (process.platform === 'linux')
      expect(sumOf(text, 'predictql_engine_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(sumOf(text, 'predictql_model_version_live')).toBe(3);
    expect(sumOf(text, 'predictql_version_events_total')).toBeGreaterThan(0);
    expect(text).toMatch(/^predictql_queue_length\{task="sentiment",model="sentiment-analyzer",version="\d+"\} 0$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('tells the wait behind all that waits, not that of a stranger whose turn comes before a flood', async () => {
    // What a text costs is known from then on.
    await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Good.' } });
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const flood: ReturnType<typeof ask>[] = [];
    const estimateBehind = async (requests: number): Promise<number> => {
      const variables = { input: { text: 'Good.' }, options: { timeoutMs: 60_000 } };
      while (flood.length < requests) flood.push(ask(server, ANALYZE_SENTIMENT, variables));
      let text = '';
      await until('all have been accepted', async () => {
        text = await scrape();
        return sumOf(text, 'predictql_predictions_in_progress ') === requests;
      });
      return sumOf(text, 'predictql_queue_wait_estimate_seconds{task="sentiment"');
    };
    try {
      // A full batch is with the engine process, and the rest waits.
      const [behindFew, behindMany] = [await estimateBehind(60), await estimateBehind(180)];
      expect(behindFew).toBeGreaterThan(0);
      expect(behindMany).toBeGreaterThan(2 * behindFew);
    } finally {
      process.kill(engine!.pid, 'SIGCONT');
    }
    for (const answer of await Promise.all(flood)) dataOf(answer);
  });

  it('is on its own port alone where it has one', async () => {
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(404);
  });

  itWithPromtool(`satisfies promtool${HAS_PROMTOOL ? '' : ' (not installed here)'}`, async () => {
    promtool(['check', 'metrics'], await scrape());
    expect(() => promtool(['check', 'metrics'], 'not_a_metric{')).toThrow();
  });
});

describe('deploy/prometheus', () => {
  itWithPromtool(`satisfies promtool${HAS_PROMTOOL ? '' : ' (not installed here)'}`, () => {
    const folder = path.join(ROOT, 'deploy/prometheus');
    expect(promtool(['check', 'config', path.join(folder, 'prometheus.yml')])).toContain('SUCCESS');
    expect(promtool(['check', 'rules', path.join(folder, 'alerts.yml')])).toContain('SUCCESS: 11 rules found');
  });
});

describe('/metrics beside the API', () => {
  it('is served where it has no port of its own', async () => {
    const other = await startServer({ settings: { PREDICTQL_ENGINES: '1' } });
    const response = await fetch(`${other.origin}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('predictql_ready 1');
    await other.stop();
  });
});
