import type { TaskName } from '../registry/manifest';

/**
 * Milliseconds of inference that cost as much as one inference of a quick model does: so a full budget of 200 is what
 * one engine process computes in the ten seconds that a request has.
 */
const UNIT_MS = 50;

/** How long a row of a task's models takes, by what was measured: milliseconds of inference; 0 before the first. */
export type MeasuredMs = (task: TaskName) => number;

/** What a field's cost is reckoned from: its arguments as sent, and what is selected of each result. */
export interface CostFacts {
  readonly args: Readonly<Record<string, unknown>>;
  readonly childComplexity: number;
  readonly context?: { readonly measuredMs?: MeasuredMs };
}

export type FieldCost = (facts: CostFacts) => number;

/** One prediction of so many rows, and what the selected fields need. */
export function costOfOne(task: TaskName, rows = 1): FieldCost {
  return ({ childComplexity, context }) => costOf(task, rows, context) + childComplexity;
}

/** The same for each item. */
export function costOfList(task: TaskName): FieldCost {
  return ({ args: { inputs }, childComplexity, context }) =>
    (Array.isArray(inputs) ? inputs.length : 1) * (costOf(task, 1, context) + childComplexity);
}

/** 1, or more where the rows take longer than a quick model's. */
function costOf(task: TaskName, rows: number, context: CostFacts['context']): number {
  return Math.max(1, (rows * (context?.measuredMs?.(task) ?? 0)) / UNIT_MS);
}
