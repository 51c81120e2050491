import type { Metric } from 'prom-client';

/** One number with what it is of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Default: that of its reading. Histograms have several. */
  readonly metricName?: string;
}

/**
 * A metric that is read when somebody asks for it. Until then its numbers lie where they were made, so that whoever
 * makes them pays for no labels.
 */
export interface Reading {
  readonly name: string;
  /** The question that it answers. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** Called once a scrape. */
  readonly read: () => Iterable<Sample> | Promise<Iterable<Sample>>;
}

/** A reading as prom-client's registry takes it: of a metric it only asks this. */
export function toMetric({ read, labels, ...described }: Reading): Metric {
  return {
    ...described,
    labelNames: labels,
    get: async () => ({ ...described, aggregator: 'sum', values: [...(await read())] }),
  } as unknown as Metric;
}

/** The one sample of a reading without labels. */
export function only(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}
