import { toTracingSettings, tracingEnvironment } from '../../../src/observability/tracing/settings';
import { createTracing, type Tracing } from '../../../src/observability/tracing/tracing';
import { silentLog } from '../../support/silent-log';

const REQUESTS = 4_000;
const sampledParent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const unsampledParent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' };
/** Its last eight digits are what a sampler by trace id goes by. */
const lowId = { traceparent: '00-00000000000000010000000000000001-b7ad6b7169203331-01' };

/** To where nobody listens. */
function startTracing(sampler: string): Tracing {
  const env = tracingEnvironment.parse({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_TRACES_SAMPLER: sampler,
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  return createTracing({ settings: toTracingSettings(env)!, version: '0', log: silentLog });
}

/** How many of the requests are traced. */
async function countTraced(sampler: string, carrier: Record<string, string>, requests = REQUESTS): Promise<number> {
  const tracing = startTracing(sampler);
  let traced = 0;
  for (let count = 0; count < requests; count++) if (tracing.observer.begin('http', carrier)) traced++;
  await tracing.close();
  return traced;
}

describe('of requests that come without a trace', () => {
  it.each(['traceidratio', 'parentbased_traceidratio'])('%s traces the share that is set', async (sampler) => {
    const traced = await countTraced(sampler, {});
    // Seven standard deviations to each side.
    expect(traced).toBeGreaterThan(REQUESTS * 0.25 - 192);
    expect(traced).toBeLessThan(REQUESTS * 0.25 + 192);
  });

  it.each([
    ['always_on', REQUESTS],
    ['parentbased_always_on', REQUESTS],
    ['always_off', 0],
    ['parentbased_always_off', 0],
  ])('%s traces all or none', async (sampler, expected) => {
    expect(await countTraced(sampler, {})).toBe(expected);
  });
});

describe('a request that comes with a trace', () => {
  it.each([
    ['parentbased_traceidratio', sampledParent, 1],
    ['parentbased_traceidratio', unsampledParent, 0],
    ['parentbased_always_off', sampledParent, 1],
    ['parentbased_always_on', unsampledParent, 0],
    ['always_off', sampledParent, 0],
    ['always_on', unsampledParent, 1],
    ['traceidratio', lowId, 1],
  ])('is traced by %s as the sampler says: %j', async (sampler, carrier, expected) => {
    expect(await countTraced(sampler, carrier, 1)).toBe(expected);
  });

  it('is taken for one without where the trace cannot be read', async () => {
    const traced = await countTraced('parentbased_traceidratio', { traceparent: 'nonsense' });
    expect(traced).toBeGreaterThan(REQUESTS * 0.25 - 192);
    expect(traced).toBeLessThan(REQUESTS * 0.25 + 192);
  });
});

it.each([1, 31, 32, 70])('sends all spans of %d requests that ended before the close', async (requests) => {
  const tracing = startTracing('always_on');
  for (let count = 0; count < requests; count++) {
    const span = tracing.observer.begin('http', {})!;
    span.begin('in it').end();
    tracing.observer.onRequest({
      ...{ id: 'r', transport: 'http', method: 'POST', status: 200, operation: { name: 'Ask', type: 'query' } },
      ...{ caller: { name: undefined }, address: undefined, startedAt: 0, endedAt: 1, hasLeft: false },
      ...{ errors: [], predictions: [], span },
    });
  }
  await tracing.close();
  expect(tracing.counts).toEqual({ exported: 0, failed: 2 * requests, dropped: 0 });
});
