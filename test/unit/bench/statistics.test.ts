import { mediansOf, type Measurement } from '../../../bench/measurements';
import { median, percentile, summarize } from '../../../bench/statistics';
import { checkThresholds } from '../../../bench/thresholds';

describe('statistics', () => {
  it('takes the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([3])).toBe(3);
  });

  it('takes percentiles by the nearest rank', () => {
    const sorted = Array.from({ length: 200 }, (_, index) => index + 1);
    expect([50, 95, 99, 100].map((percent) => percentile(sorted, percent))).toEqual([100, 190, 198, 200]);
    expect(percentile([7], 99)).toBe(7);
  });

  it('orders latencies as numbers', () => {
    expect(summarize([100, 9, 20])).toEqual({ p50Ms: 20, p95Ms: 100, p99Ms: 100 });
  });
});

const base: Measurement = {
  task: 'sentiment',
  variant: 'server',
  concurrency: 32,
  perSecond: 100,
  p50Ms: 1,
  p95Ms: 2,
  p99Ms: 3,
  cpuMs: 4,
  engineCpuMs: undefined,
  rowsPerCall: 5,
};

it('medians are taken figure by figure, and for each variant alone', () => {
  const rounds = [
    { ...base, perSecond: 1, p50Ms: 30 },
    { ...base, perSecond: 2, p50Ms: 10 },
    { ...base, perSecond: 9, p50Ms: 20 },
    { ...base, variant: 'bare' as const, perSecond: 50 },
  ];
  const found = mediansOf(rounds);
  expect(found).toMatchObject([
    { variant: 'server', perSecond: 2, p50Ms: 20, cpuMs: 4, engineCpuMs: undefined },
    { variant: 'bare', perSecond: 50 },
  ]);
});

describe('thresholds', () => {
  const three = (task: Measurement['task'], server: number, concurrency = 32): Measurement[] => [
    { ...base, task, concurrency, perSecond: server },
    { ...base, task, concurrency, variant: 'constant', perSecond: 1_000 },
    { ...base, task, concurrency, variant: 'bare', perSecond: 100 },
  ];
  const verdictOf = (measurements: Measurement[]): boolean[] => checkThresholds(measurements).map(({ holds }) => holds);

  it('hold 11 ms of bare and constant against the time of a prediction', () => {
    expect(verdictOf(three('sentiment', 1_000 / 12.6))).toEqual([true]);
    expect(verdictOf(three('sentiment', 1_000 / 12.7))).toEqual([false]);
  });

  it("hold the constant's throughput against that of fraudScore", () => {
    expect(verdictOf(three('fraudScore', 851))).toEqual([true]);
    expect(verdictOf(three('fraudScore', 849))).toEqual([false]);
  });

  it('hold rows per call of 64 connections, and the latency of one', () => {
    const shared = { ...base, task: 'fraudScore' as const, concurrency: 64 };
    expect(verdictOf([{ ...shared, rowsPerCall: 10 }])).toEqual([true]);
    expect(verdictOf([{ ...shared, rowsPerCall: 9.9 }])).toEqual([false]);
    const alone = three('classifyImage', 100, 1);
    expect(verdictOf(alone)).toEqual([true]);
    expect(verdictOf([{ ...(alone[0] as Measurement), p50Ms: 3.1 }, ...alone.slice(1)])).toEqual([false]);
  });

  it('say nothing of what was not measured', () => {
    expect(checkThresholds([base])).toEqual([]);
  });
});
