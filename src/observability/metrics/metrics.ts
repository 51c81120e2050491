import { collectDefaultMetrics, Registry as MetricRegistry } from 'prom-client';
import type { Observer } from '../observer';
import { toMetric, type Reading } from './reading';
import { RequestTallies } from './request-tallies';
import { VersionTallies } from './version-tallies';

export interface MetricsOptions {
  /** Whether a version is loaded now. */
  readonly isLoaded: (modelName: string, version: string) => boolean;
}

/** Left out: gauges that are called like counters, and lists of all handles, which take long where many are open. */
const OMITTED = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

/** What Prometheus is told. Facts are counted as they come; everything else is read when it asks. */
export class Metrics {
  readonly observer: Pick<Observer, 'onPrediction' | 'onBatch' | 'onError' | 'onRequest'>;
  private readonly registry = new MetricRegistry();
  private readonly versions: VersionTallies;

  constructor({ isLoaded }: MetricsOptions) {
    this.versions = new VersionTallies(isLoaded);
    const requests = new RequestTallies();
    const { versions } = this;
    this.observer = {
      onPrediction: (fact) => versions.onPrediction(fact),
      onBatch: (fact) => versions.onBatch(fact),
      onError: (fact) => requests.onError(fact),
      onRequest: (fact) => requests.onRequest(fact),
    };
    // The process itself: processor time, memory, event loop, garbage collection.
    collectDefaultMetrics({ register: this.registry });
    for (const name of OMITTED) this.registry.removeSingleMetric(name);
    this.add([...versions.readings, ...requests.readings]);
  }

  add(readings: readonly Reading[]): void {
    for (const reading of readings) this.registry.registerMetric(toMetric(reading));
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics with their labels, for those who hold documents against them. */
  get described(): readonly { readonly name: string; readonly labels: readonly string[] }[] {
    return this.registry.getMetricsAsArray().map((metric) => {
      const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: readonly string[] };
      return { name, labels: labelNames };
    });
  }

  /** The text of one scrape. */
  render(): Promise<string> {
    this.versions.forgetUnloaded();
    return this.registry.metrics();
  }
}
