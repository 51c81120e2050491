import type { Cancellation } from '../cancellation';
import type { DescribedTask } from '../observability/prediction-log/prediction-row';
import type { GoldenExample, TaskName } from '../registry/manifest';
import type { StoredVersion } from '../registry/model-store';
import type { Tensors } from '../tensor';

/** One line of a batch: its tensors without the batch dimension. */
export interface Row {
  readonly tensors: Tensors;
  /** For rows of varying length, such as tokens of a text: rows of like length share a batch. */
  readonly length?: number;
}

/** An input as the model takes it, and what postprocessing must still know of it. */
export interface Preprocessed<Facts> {
  readonly row: Row;
  readonly facts: Facts;
  /** What the input brought or told where to find, such as a picture. */
  readonly bytes?: Uint8Array;
}

/** For whom an input is preprocessed. */
export interface Asker {
  /** Cancelled when nobody waits for the row any more: what takes long ends then. */
  readonly cancellation: Cancellation;
  /** Does work that keeps a core busy, off the event loop, when it is its turn; never, and rejects, once cancelled. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * What one kind of prediction is: how an input becomes a row of tensors, and a row of outputs a result.
 *
 * Tasks are pure: no GraphQL, no engine, no clock. `Assets` is what the task makes of a version's files, once, when
 * the version is loaded; `Facts` is what it learns of an input besides the row.
 */
export interface Task<Input, Assets, Facts, Result> {
  readonly name: TaskName;

  /** Reads what the task needs of a version's files. Throws an Error that says what does not fit the task. */
  loadAssets(version: StoredVersion): Promise<Assets>;

  /** What a version can answer with, where it has labels. */
  labelsOf?(assets: Assets): readonly string[];

  /**
   * Throws an AppError for an input that cannot be understood; heavy work must leave the event loop free.
   * @param asker left out: the server itself, one input after the other
   */
  preprocess(input: Input, assets: Assets, asker?: Asker): Preprocessed<Facts> | Promise<Preprocessed<Facts>>;

  /** Rows to one batch. */
  collate(rows: readonly Tensors[]): Tensors;

  postprocess(
    outputs: Tensors,
    given: { readonly assets: Assets; readonly facts: Facts; readonly input: Input },
  ): Result;

  /** What the prediction log may write down of it; a result must not bring the input along. Left out: all as it is. */
  readonly logged?: DescribedTask<Input, Result>;

  /** The input of a golden example, with the files it names read from the version. */
  readGoldenInput(example: GoldenExample, version: StoredVersion): Promise<Input>;

  /**
   * How far outputs are from those of a golden example, as the largest absolute difference.
   * Infinity, with `found` saying what came instead, where they are different in kind.
   */
  compareGolden(outputs: Tensors, example: GoldenExample, assets: Assets): GoldenDifference;
}

export interface GoldenDifference {
  readonly difference: number;
  /** What was expected and what came, for a person. */
  readonly found: string;
}

/** A task among others: which input or result it has is known only to who calls it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of tasks holds all of them, whatever their types
export type AnyTask = Task<any, any, any, any>;
