import DataLoader from 'dataloader';
import type { Engine, ModelKey } from '../engines/engine';
import type { EngineRun } from '../observability/observer';
import { splitRows, type Tensors } from '../tensor';
import type { Row } from './task';

/** What one row gets from its inference call. */
export interface RowResult {
  readonly outputs: Tensors;
  readonly inferenceMs: number;
  readonly batchSize: number;
  /** Where and when; undefined where the engine does not tell. */
  readonly run: EngineRun | undefined;
}

export interface BatcherOptions {
  readonly engine: Engine;
  readonly key: ModelKey;
  readonly collate: (rows: readonly Tensors[]) => Tensors;
}

/**
 * The DataLoader of one version: every batch it dispatches is exactly one inference call. It lives as long as the
 * version and remembers no row, so that requests of different clients share calls.
 */
export class Batcher {
  private dispatchBatch: (() => void) | undefined;
  private readonly loader: DataLoader<Row, RowResult>;

  constructor(options: BatcherOptions) {
    this.loader = new DataLoader((rows) => runBatch(rows, options), {
      cache: false,
      // DataLoader calls this before the first row is in its batch, so the batch is dispatched later, by `run`.
      batchScheduleFn: (dispatch) => {
        this.dispatchBatch = dispatch;
      },
    });
  }

  /**
   * Runs all rows in one call; the engine's place is claimed before this returns.
   * Rejects with what the call failed with; a single row's fault is an Error in its place.
   */
  run(rows: readonly Row[]): Promise<(RowResult | Error)[]> {
    const results = rows.map((row) => this.loader.load(row));
    const dispatch = this.dispatchBatch;
    this.dispatchBatch = undefined;
    // DataLoader runs a batch again if told to twice, so tell it only once.
    dispatch?.();
    return Promise.all(results.map((result) => result.catch(asRowFault)));
  }
}

/** Everything that is not the fault of one row is everybody's. */
function asRowFault(thrown: unknown): Error {
  if (thrown instanceof RowFault) return thrown;
  throw thrown;
}

/** The call succeeded but this row's outputs are of no use. */
export class RowFault extends Error {
  override readonly name = 'RowFault';
}

async function runBatch(
  rows: readonly Row[],
  { engine, key, collate }: BatcherOptions,
): Promise<(RowResult | Error)[]> {
  const { outputs, inferenceMs, run } = await engine.run(key, collate(rows.map(({ tensors }) => tensors)));
  return splitRows(outputs, rows.length).map((row) =>
    hasNumbersOnly(row)
      ? { outputs: row, inferenceMs, batchSize: rows.length, run }
      : new RowFault(`Model ${key} gave a value that is not a finite number.`),
  );
}

function hasNumbersOnly(outputs: Tensors): boolean {
  return Object.values(outputs).every(({ data }) => !(data instanceof Float32Array) || data.every(Number.isFinite));
}
