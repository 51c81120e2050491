import type { BatchFact, ObservedVersion, Observer, PredictionFact } from '../observer';
import type { Reading, Sample } from './reading';
import { STAGES, VersionTally } from './version-tally';

/** How long numbers of a version stay after it was unloaded: longer than any scrape interval, so that none is missed. */
const KEPT_MS = 15 * 60_000;

/** What a prediction is counted under for which no version could be chosen. What a client asked for is no label. */
const NO_VERSION: ObservedVersion = { task: undefined, modelName: '', version: '' };

interface Entry {
  readonly tally: VersionTally;
  readonly labels: { readonly task: string; readonly model: string; readonly version: string };
  /** When it was first seen to be unloaded, without news since. */
  idleSince: number | undefined;
}

/** Predictions and inference calls by task, model and version. */
export class VersionTallies implements Pick<Observer, 'onPrediction' | 'onBatch'> {
  private readonly entries = new Map<string, Entry>();
  /** The last few lookups by object, since a version is the same object for as long as it is loaded. */
  private byVersion = new WeakMap<ObservedVersion, VersionTally>();

  /** @param isLoaded whether a version is loaded now; numbers of others are dropped after a while */
  constructor(
    private readonly isLoaded: (modelName: string, version: string) => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  onPrediction({ task, version, outcome, times }: PredictionFact): void {
    this.tallyOf(version ?? { ...NO_VERSION, task }).countPrediction(outcome, times);
  }

  onBatch(fact: BatchFact): void {
    this.tallyOf(fact.version).countBatch(fact);
  }

  /** Drops the numbers of versions unloaded long ago: label values must not grow for ever. Called once a scrape. */
  forgetUnloaded(): void {
    for (const [key, entry] of this.entries) {
      const { model, version } = entry.labels;
      const isNeeded = entry.tally.takeNews() || model === '' || this.isLoaded(model, version);
      entry.idleSince = isNeeded ? undefined : (entry.idleSince ?? this.now());
      if (entry.idleSince === undefined || this.now() - entry.idleSince < KEPT_MS) continue;
      this.entries.delete(key);
      // Were the version to come back, it must not go on counting where nobody reads.
      this.byVersion = new WeakMap();
    }
  }

  get readings(): readonly Reading[] {
    const version = ['task', 'model', 'version'];
    return [
      {
        name: 'predictql_predictions_total',
        help: 'How many predictions came, and how did they end? `answered`, `left`, or the code of an error.',
        type: 'counter',
        labels: [...version, 'outcome'],
        read: () =>
          this.each(({ tally, labels }) =>
            [...tally.outcomes].map(([outcome, value]) => ({ labels: { ...labels, outcome }, value })),
          ),
      },
      {
        name: 'predictql_prediction_duration_seconds',
        help: 'How long does an answered prediction take, from admission to answer?',
        type: 'histogram',
        labels: version,
        read: () =>
          this.each(({ tally, labels }) => tally.duration.samples('predictql_prediction_duration_seconds', labels)),
      },
      {
        name: 'predictql_prediction_stage_seconds',
        help: 'Which stage takes the time of answered predictions? preprocess, queue, inference or postprocess.',
        type: 'histogram',
        labels: [...version, 'stage'],
        read: () =>
          this.each(({ tally, labels }) =>
            STAGES.flatMap((stage) => [
              ...tally.stages[stage].samples('predictql_prediction_stage_seconds', { ...labels, stage }),
            ]),
          ),
      },
      {
        name: 'predictql_inference_calls_total',
        help: 'How many inference calls were made, and did they end well? A failed one is split and run again.',
        type: 'counter',
        labels: [...version, 'outcome'],
        read: () =>
          this.each(({ tally, labels }) =>
            Object.entries(tally.calls).map(([outcome, value]) => ({ labels: { ...labels, outcome }, value })),
          ),
      },
      {
        name: 'predictql_inference_call_duration_seconds',
        help: 'How long is an engine process taken by one call, the way there and back included?',
        type: 'histogram',
        labels: version,
        read: () =>
          this.each(({ tally, labels }) =>
            tally.callDuration.samples('predictql_inference_call_duration_seconds', labels),
          ),
      },
      {
        name: 'predictql_inference_call_rows',
        help: 'How many rows share an inference call?',
        type: 'histogram',
        labels: version,
        read: () => this.each(({ tally, labels }) => tally.rows.samples('predictql_inference_call_rows', labels)),
      },
      {
        name: 'predictql_row_positions_total',
        help: 'How much of what is computed is padding? Places along rows of varying length, such as tokens.',
        type: 'counter',
        labels: [...version, 'kind'],
        read: () =>
          this.each(({ tally, labels }) =>
            Object.entries(tally.positions).map(([kind, value]) => ({ labels: { ...labels, kind }, value })),
          ),
      },
    ];
  }

  private tallyOf(version: ObservedVersion): VersionTally {
    const known = this.byVersion.get(version);
    if (known) return known;
    const { task = '', modelName: model, version: name } = version;
    const key = JSON.stringify([task, model, name]);
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { tally: new VersionTally(), labels: { task, model, version: name }, idleSince: undefined };
      this.entries.set(key, entry);
    }
    this.byVersion.set(version, entry.tally);
    return entry.tally;
  }

  private *each(read: (entry: Entry) => Iterable<Sample>): Generator<Sample> {
    for (const entry of this.entries.values()) yield* read(entry);
  }
}
