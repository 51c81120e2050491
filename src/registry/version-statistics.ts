import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { roundTo } from '../transforms/round';

/** What a version did since it was loaded. Latencies are kept in microseconds, in a histogram of fixed size. */
export class VersionStatistics {
  since: Date | undefined;
  predictions = 0;
  failures = 0;
  batches = 0;
  private rows = 0;
  private readonly totals: RecordableHistogram = createHistogram();

  recordAnswer(totalMs: number): void {
    this.predictions++;
    // The histogram takes whole numbers from 1.
    this.totals.record(Math.max(1, Math.round(totalMs * 1000)));
  }

  recordFailure(): void {
    this.failures++;
  }

  recordBatch(rows: number): void {
    this.batches++;
    this.rows += rows;
  }

  /** Rows per inference call; undefined before the first. */
  get meanBatchSize(): number | undefined {
    return this.batches === 0 ? undefined : roundTo(3, this.rows / this.batches);
  }

  /** Milliseconds within which this share of the answers was given; undefined before the first. Percentile in 0 to 100. */
  percentileMs(percentile: number): number | undefined {
    return this.predictions === 0 ? undefined : this.totals.percentile(percentile) / 1000;
  }
}
