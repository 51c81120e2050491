import type { Sample } from './reading';

/** From half a millisecond, which a small model takes, to ten seconds, which a prediction is given. In seconds. */
export const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Rows of an inference call. */
export const ROWS = [1, 2, 4, 8, 16, 32, 64, 128] as const;

/** A histogram: how many values fell below each bound, and their sum. */
export class Distribution {
  /** By the lowest bound a value is not above; the last is for those above all. */
  private readonly counts: Float64Array;
  private sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > (this.bounds[index] as number)) index++;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.sum += value;
  }

  /** As Prometheus wants them: buckets that include those below, sum and count. */
  *samples(name: string, labels: Readonly<Record<string, string>>): Generator<Sample> {
    let count = 0;
    for (const [index, bucket] of this.counts.entries()) {
      count += bucket;
      const le = index < this.bounds.length ? String(this.bounds[index]) : '+Inf';
      yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    }
    yield { metricName: `${name}_sum`, labels, value: this.sum };
    yield { metricName: `${name}_count`, labels, value: count };
  }
}
