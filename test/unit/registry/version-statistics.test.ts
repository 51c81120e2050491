import { VersionStatistics } from '../../../src/registry/version-statistics';

describe('the statistics of a version', () => {
  it('know nothing before the first answer', () => {
    const statistics = new VersionStatistics();
    expect(statistics).toMatchObject({ predictions: 0, failures: 0, batches: 0, meanBatchSize: undefined });
    expect(statistics.percentileMs(50)).toBeUndefined();
  });

  it('tell within which time a share of the answers was given', () => {
    const statistics = new VersionStatistics();
    for (let ms = 1; ms <= 100; ms++) statistics.recordAnswer(ms);
    expect(statistics.predictions).toBe(100);
    expect(statistics.percentileMs(50)).toBeCloseTo(50, 0);
    expect(statistics.percentileMs(99)).toBeCloseTo(99, 0);
    expect(statistics.percentileMs(100)).toBeCloseTo(100, 0);
  });

  it('count an answer that took no time that could be measured', () => {
    const statistics = new VersionStatistics();
    statistics.recordAnswer(0);
    expect(statistics.predictions).toBe(1);
    expect(statistics.percentileMs(50)).toBeCloseTo(0.001);
  });

  it('tell how many rows a call had on average', () => {
    const statistics = new VersionStatistics();
    for (const rows of [1, 2, 6]) statistics.recordBatch(rows);
    expect(statistics).toMatchObject({ batches: 3, meanBatchSize: 3 });
  });

  it('count failures apart from answers', () => {
    const statistics = new VersionStatistics();
    statistics.recordFailure();
    expect(statistics).toMatchObject({ predictions: 0, failures: 1 });
  });
});
