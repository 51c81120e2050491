import { createCaller } from '../../support/caller';
import { RequestContext } from '../../../src/context';
import { Distribution } from '../../../src/observability/metrics/distribution';
import { Metrics } from '../../../src/observability/metrics/metrics';
import { VersionTallies } from '../../../src/observability/metrics/version-tallies';
import type { BatchFact, PredictionFact } from '../../../src/observability/observer';

const version = { task: 'sentiment', modelName: 'm', version: '1' };
const times = { totalMs: 7, preprocessMs: 1, queueMs: 2, inferenceMs: 3, postprocessMs: 0.1, batchSize: 4 };

function prediction(changes: Partial<PredictionFact> = {}): PredictionFact {
  return {
    ...{ id: 'p', requestId: 'r', task: 'sentiment', version, role: 'live', outcome: 'answered', startedAt: 0, times },
    ...{ input: 'secret', result: undefined, span: undefined },
    ...changes,
  };
}

function batch(changes: Partial<BatchFact> = {}): BatchFact {
  return {
    ...{ version, predictions: 4, rows: 4, positions: 40, padding: 10, startedAt: 100, endedAt: 106, inferenceMs: 5 },
    ...{ run: undefined, error: undefined, spans: [] },
    ...changes,
  };
}

/** The numbers of a scrape, by name with labels. */
async function scrape(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

describe('a distribution', () => {
  it('counts each value below the first bound that it is not above, and in all buckets after that', () => {
    const distribution = new Distribution([1, 2, 4]);
    for (const value of [0, 1, 1.5, 4, 100]) distribution.observe(value);
    expect([...distribution.samples('n', { a: 'b' })].map(({ labels, value }) => [labels['le'], value])).toEqual([
      ['1', 2],
      ['2', 3],
      ['4', 4],
      ['+Inf', 5],
      [undefined, 106.5],
      [undefined, 5],
    ]);
  });
});

describe('the metrics', () => {
  it('count predictions by version and outcome, and time the stages of those that were answered', async () => {
    const metrics = new Metrics({ isLoaded: () => true });
    for (const outcome of ['answered', 'answered', 'DEADLINE_EXCEEDED', 'left'] as const)
      metrics.observer.onPrediction(prediction({ outcome }));
    const found = await scrape(metrics);
    const labels = 'task="sentiment",model="m",version="1"';
    expect(found.get(`predictql_predictions_total{${labels},outcome="answered"}`)).toBe(2);
    expect(found.get(`predictql_predictions_total{${labels},outcome="DEADLINE_EXCEEDED"}`)).toBe(1);
    expect(found.get(`predictql_predictions_total{${labels},outcome="left"}`)).toBe(1);
    expect(found.get(`predictql_prediction_duration_seconds_count{${labels}}`)).toBe(2);
    expect(found.get(`predictql_prediction_stage_seconds_sum{${labels},stage="queue"}`)).toBeCloseTo(0.004);
    expect(found.get(`predictql_prediction_stage_seconds_bucket{${labels},stage="inference",le="0.0025"}`)).toBe(0);
    expect(found.get(`predictql_prediction_stage_seconds_bucket{${labels},stage="inference",le="0.005"}`)).toBe(2);
  });

  it('count inference calls, their rows and what of them was padding', async () => {
    const metrics = new Metrics({ isLoaded: () => true });
    metrics.observer.onBatch(batch());
    metrics.observer.onBatch(batch({ error: new Error('broken'), rows: 1, positions: 0, padding: 0 }));
    const found = await scrape(metrics);
    const labels = 'task="sentiment",model="m",version="1"';
    expect(found.get(`predictql_inference_calls_total{${labels},outcome="answered"}`)).toBe(1);
    expect(found.get(`predictql_inference_calls_total{${labels},outcome="failed"}`)).toBe(1);
    expect(found.get(`predictql_inference_call_rows_bucket{${labels},le="1"}`)).toBe(1);
    expect(found.get(`predictql_inference_call_rows_sum{${labels}}`)).toBe(5);
    expect(found.get(`predictql_inference_call_duration_seconds_sum{${labels}}`)).toBeCloseTo(0.012);
    expect(found.get(`predictql_row_positions_total{${labels},kind="input"}`)).toBe(30);
    expect(found.get(`predictql_row_positions_total{${labels},kind="padding"}`)).toBe(10);
  });

  it('count requests by what they were, and refusals by why', async () => {
    const metrics = new Metrics({ isLoaded: () => true });
    const request = (type: string, transport: 'http' | 'websocket' = 'http'): RequestContext => {
      const context = new RequestContext(createCaller(), { transport });
      context.operation = { name: undefined, type };
      return context;
    };
    metrics.observer.onRequest(request('query'));
    const gone = request('mutation', 'websocket');
    gone.abort();
    metrics.observer.onRequest(gone);
    const unsubscribed = request('subscription', 'websocket');
    unsubscribed.abort();
    metrics.observer.onRequest(unsubscribed);
    metrics.observer.onError({ code: 'OVERLOADED', reason: 'limit' });
    metrics.observer.onError({ code: 'BAD_USER_INPUT', reason: undefined });
    const found = await scrape(metrics);
    expect(found.get('predictql_requests_total{transport="http",operation="query",outcome="answered"}')).toBe(1);
    expect(found.get('predictql_requests_total{transport="websocket",operation="mutation",outcome="left"}')).toBe(1);
    expect(
      found.get('predictql_requests_total{transport="websocket",operation="subscription",outcome="answered"}'),
    ).toBe(1);
    expect(found.get('predictql_errors_total{code="OVERLOADED"}')).toBe(1);
    expect(found.get('predictql_refusals_total{code="OVERLOADED",reason="limit"}')).toBe(1);
    expect([...found.keys()].filter((name) => name.includes('refusals') && name.includes('BAD_USER_INPUT'))).toEqual(
      [],
    );
  });

  it('have no label for a model that there is not, whatever the client called it', async () => {
    const metrics = new Metrics({ isLoaded: () => true });
    metrics.observer.onPrediction(prediction({ version: undefined, outcome: 'MODEL_NOT_FOUND' }));
    expect(
      (await scrape(metrics)).get(
        'predictql_predictions_total{task="sentiment",model="",version="",outcome="MODEL_NOT_FOUND"}',
      ),
    ).toBe(1);
  });
});

describe('numbers of a version', () => {
  it('are dropped a quarter of an hour after it was unloaded, and start anew when it comes back', () => {
    const loaded = new Set(['1', '2']);
    let now = 0;
    const tallies = new VersionTallies(
      (_model, name) => loaded.has(name),
      () => now,
    );
    const other = { ...version, version: '2' };
    const counts = (): Record<string, number> => {
      tallies.forgetUnloaded();
      const [predictions] = tallies.readings;
      const samples = [...(predictions!.read() as Iterable<{ labels: Record<string, string>; value: number }>)];
      return Object.fromEntries(samples.map(({ labels, value }) => [labels['version'], value]));
    };
    for (const each of [version, version, other]) tallies.onPrediction(prediction({ version: each }));
    expect(counts()).toEqual({ 1: 2, 2: 1 });
    loaded.delete('1');
    now += 60 * 60_000;
    expect(counts()).toEqual({ 1: 2, 2: 1 });
    now += 14 * 60_000;
    expect(counts()).toEqual({ 1: 2, 2: 1 });
    now += 60_000;
    expect(counts()).toEqual({ 2: 1 });
    tallies.onPrediction(prediction());
    expect(counts()).toEqual({ 1: 1, 2: 1 });
  });
});
