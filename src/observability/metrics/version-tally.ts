import type { BatchFact, Outcome, StageTimes } from '../observer';
import { Distribution, ROWS, SECONDS } from './distribution';

export const STAGES = ['preprocess', 'queue', 'inference', 'postprocess'] as const;
export type Stage = (typeof STAGES)[number];

/** What one version did, in plain numbers: a prediction costs it a handful of additions. */
export class VersionTally {
  readonly outcomes = new Map<Outcome, number>();
  readonly duration = new Distribution(SECONDS);
  readonly stages: Readonly<Record<Stage, Distribution>> = {
    preprocess: new Distribution(SECONDS),
    queue: new Distribution(SECONDS),
    inference: new Distribution(SECONDS),
    postprocess: new Distribution(SECONDS),
  };
  readonly calls = { answered: 0, failed: 0 };
  readonly callDuration = new Distribution(SECONDS);
  readonly rows = new Distribution(ROWS);
  /** Places along rows of varying length: what the inputs filled, and what only made them equally long. */
  readonly positions = { input: 0, padding: 0 };
  /** Whether anything came since `takeNews` was last called. */
  private hasNews = true;

  countPrediction(outcome: Outcome, times: StageTimes): void {
    this.hasNews = true;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (outcome !== 'answered') return;
    this.duration.observe(times.totalMs / 1_000);
    this.stages.preprocess.observe(times.preprocessMs / 1_000);
    this.stages.queue.observe(times.queueMs / 1_000);
    this.stages.inference.observe(times.inferenceMs / 1_000);
    this.stages.postprocess.observe(times.postprocessMs / 1_000);
  }

  countBatch({ rows, positions, padding, startedAt, endedAt, error }: BatchFact): void {
    this.hasNews = true;
    this.calls[error ? 'failed' : 'answered']++;
    this.callDuration.observe((endedAt - startedAt) / 1_000);
    this.rows.observe(rows);
    this.positions.input += positions - padding;
    this.positions.padding += padding;
  }

  takeNews(): boolean {
    const { hasNews } = this;
    this.hasNews = false;
    return hasNews;
  }
}
