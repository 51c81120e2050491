import { createHash } from 'node:crypto';
import type { PredictionFact, StageTimes } from '../observer';

/** A prediction as the log keeps it; one line of its export. */
export interface LoggedPrediction extends StageTimes {
  /** The one that the client was told. */
  readonly id: string;
  readonly requestId: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly task: string;
  /** Null, with version and role, where no version could be chosen. */
  readonly model: string | null;
  readonly version: string | null;
  readonly role: string | null;
  /** `answered`, `left`, or the code of an error. */
  readonly outcome: string;
  /** SHA-256 in hexadecimal, of a picture's bytes or of the input's JSON; null where a picture was never read. */
  readonly inputSha256: string | null;
  /** JSON with its keys in order; null unless inputs are kept. */
  readonly input: string | null;
  /** JSON of what the task answered; null unless answered. */
  readonly output: string | null;
}

/** What of a task's inputs and results may be written down. */
export interface DescribedTask<Input = never, Result = never> {
  /** Left out: the input as it is. */
  readonly input?: (input: Input) => unknown;
  /** Left out: the result as it is. */
  readonly output?: (result: Result) => unknown;
  /** The input is known by the bytes it brought, such as a picture's, however they came. */
  readonly isHashedByBytes?: boolean;
}

export interface RowOptions {
  readonly keepsInput: boolean;
  readonly task: DescribedTask;
  /** Of the input's bytes, where it has any. */
  readonly bytesSha256: string | null;
}

export function toLoggedPrediction(
  fact: PredictionFact,
  { keepsInput, task, bytesSha256 }: RowOptions,
): LoggedPrediction {
  const { id, requestId, version, role, outcome, times, result } = fact;
  const input = toOrderedJson(task.input ? task.input(fact.input as never) : fact.input);
  const output = result === undefined ? undefined : task.output ? task.output(result as never) : result;
  return {
    id,
    requestId,
    at: Math.round(performance.timeOrigin + fact.startedAt),
    task: fact.task,
    model: version?.modelName ?? null,
    version: version?.version ?? null,
    role: role ?? null,
    outcome,
    inputSha256: task.isHashedByBytes ? bytesSha256 : sha256(input),
    input: keepsInput ? input : null,
    output: output === undefined ? null : JSON.stringify(output),
    ...times,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same text for the same value, in whatever order its keys came. */
export function toOrderedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
