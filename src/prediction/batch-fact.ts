import type { BatchFact, ObservedVersion } from '../observability/observer';
import type { RowResult } from './batcher';
import type { Row } from './task';
import type { Ticket } from './ticket';

/** An inference call under way. */
export interface StartedBatch {
  readonly version: ObservedVersion;
  readonly tickets: readonly Ticket[];
  readonly rows: readonly Row[];
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
}

/** How it ended: with the first of its rows that has a result, if one has, or with what the call failed with. */
export interface BatchEnd {
  readonly measured?: RowResult | undefined;
  readonly error?: Error;
}

/** An inference call that ends now, as observers hear of it. */
export function toBatchFact({ version, tickets, rows, startedAt }: StartedBatch, end: BatchEnd): BatchFact {
  let longest = 0;
  let filled = 0;
  for (const { length = 0 } of rows) {
    longest = Math.max(longest, length);
    filled += length;
  }
  const positions = longest * rows.length;
  return {
    version,
    predictions: tickets.length,
    rows: rows.length,
    positions,
    padding: positions - filled,
    startedAt,
    endedAt: performance.now(),
    inferenceMs: end.measured?.inferenceMs ?? 0,
    run: end.measured?.run,
    error: end.error,
    spans: tickets.flatMap(({ span }) => span ?? []),
  };
}
