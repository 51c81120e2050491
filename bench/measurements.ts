import { median } from './statistics';
import type { TaskField } from './payloads';

/** The server; the server answering by a constant; preprocessing and inference without a server. */
export const VARIANTS = ['server', 'constant', 'bare'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Measurement {
  readonly task: TaskField;
  readonly variant: Variant;
  readonly concurrency: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Processor time of one prediction, server and engines; undefined where the system does not tell. */
  readonly cpuMs: number | undefined;
  /** Of it, in engine processes. */
  readonly engineCpuMs: number | undefined;
  readonly rowsPerCall: number;
}

/** One measurement for each task, variant and concurrency: the medians of its rounds, figure by figure. */
export function mediansOf(measurements: readonly Measurement[]): Measurement[] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const key = [measurement.task, measurement.variant, measurement.concurrency].join();
    groups.set(key, [...(groups.get(key) ?? []), measurement]);
  }
  return [...groups.values()].map(medianOf);
}

function medianOf(rounds: readonly Measurement[]): Measurement {
  const [first] = rounds as [Measurement];
  const over = (read: (measurement: Measurement) => number | undefined): number | undefined => {
    const values = rounds.map(read).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  return {
    ...first,
    perSecond: over(({ perSecond }) => perSecond) ?? NaN,
    p50Ms: over(({ p50Ms }) => p50Ms) ?? NaN,
    p95Ms: over(({ p95Ms }) => p95Ms) ?? NaN,
    p99Ms: over(({ p99Ms }) => p99Ms) ?? NaN,
    cpuMs: over(({ cpuMs }) => cpuMs),
    engineCpuMs: over(({ engineCpuMs }) => engineCpuMs),
    rowsPerCall: over(({ rowsPerCall }) => rowsPerCall) ?? NaN,
  };
}
