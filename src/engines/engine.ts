import type { EngineRun } from '../observability/observer';
import type { Tensors, TensorType } from '../tensor';

/** What a graph says of one of its inputs or outputs; a string is a dimension of any size. */
export interface TensorSignature {
  readonly name: string;
  readonly type: TensorType | (string & {});
  readonly shape: readonly (number | string)[];
}

export interface Signature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

/** Names a loaded model within an engine; the engine does not look inside it. */
export type ModelKey = string;

export interface RunResult {
  readonly outputs: Tensors;
  /** Time inside the model, without the way there and back. */
  readonly inferenceMs: number;
  /** Where and when, for traces; an engine may leave it out. */
  readonly run?: EngineRun;
}

/** The engine process died, or was ended for not answering, before it gave an answer: its rows may be run again. */
export class EngineLostError extends Error {
  override readonly name: string = 'EngineLostError';
}

/** The process was ended because a model took more than it was allowed to while it was loaded: trying again is of no use. */
export class EngineLimitError extends EngineLostError {
  override readonly name = 'EngineLimitError';

  constructor(
    readonly limit: 'time' | 'memory',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Runs batches of loaded models, several at a time.
 *
 * The dispatcher asks `hasFree` and then calls `run` in the same turn; `run` claims its place before it returns its
 * promise, so that nobody else gets that place in between.
 */
export interface Engine {
  /** How many batches can run at the same time when all is well. */
  readonly parallelism: number;

  /** Loads a model everywhere, while models loaded before go on being served. Rejects with why it cannot be loaded. */
  load(key: ModelKey, file: string): Promise<Signature>;

  /** Runs `inputs` once everywhere the model is loaded, so that no request pays for the first run. */
  warm(key: ModelKey, inputs: Tensors): Promise<void>;

  /** Frees the model's memory. Resolves when it is gone everywhere; unknown keys are gone already. */
  unload(key: ModelKey): Promise<void>;

  /** Whether `run` of this model would start at once. */
  hasFree(key: ModelKey): boolean;

  /**
   * Runs one batch. Call only after `hasFree`.
   * Rejects with EngineLostError when the process was lost, with another Error when the model failed on the batch.
   */
  run(key: ModelKey, inputs: Tensors): Promise<RunResult>;

  /** Calls the listener whenever a place may have become free, until the returned function is called. */
  onFree(listener: () => void): () => void;

  /** Whether at least one place is up and has this model, busy or not. */
  canServe(key: ModelKey): boolean;

  /** Lets running batches end, then ends all processes. */
  close(): Promise<void>;
}
