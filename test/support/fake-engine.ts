import { EngineLostError, type Engine, type ModelKey, type RunResult, type Signature } from '../../src/engines/engine';
import { toError } from '../../src/errors';
import type { Tensors } from '../../src/tensor';
import { createDeferred } from './deferred';

/** What stands in for an ONNX file: a signature, and a function instead of a graph. */
export interface FakeModel {
  readonly signature: Signature;
  /** What it throws fails the call. */
  run(inputs: Tensors): Tensors;
}

/** One call of `run`. In an engine that holds its calls it ends when the test says so. */
export interface FakeCall {
  readonly key: ModelKey;
  readonly inputs: Tensors;
  /** Size of the first dimension. */
  readonly rows: number;
  /** Ends the call with what the model gives. */
  answer(): void;
  /** Ends the call as a process that was lost. */
  lose(): void;
}

export interface FakeEngineOptions {
  /** Models by what the server takes for their file. */
  readonly models: Readonly<Record<string, FakeModel>>;
  /** Calls at the same time; default 1. */
  readonly places?: number;
  /** Whether calls wait for the test to end them; by default they are answered at once. */
  readonly holdsCalls?: boolean;
  /** The inference time that a call reports, in milliseconds; default 1. No time passes. */
  readonly costMs?: (call: Pick<FakeCall, 'key' | 'rows'>) => number;
}

/** An engine of one process, this one: a real implementation of the contract, small, and steered by the test. */
export interface FakeEngine extends Engine {
  /** All calls, ended or not, in the order they were made. */
  readonly calls: readonly FakeCall[];
  /** Calls that have not ended, oldest first. */
  readonly running: readonly FakeCall[];
}

export function fakeEngine({
  models,
  places = 1,
  holdsCalls = false,
  costMs = () => 1,
}: FakeEngineOptions): FakeEngine {
  const loaded = new Map<ModelKey, FakeModel>();
  const calls: FakeCall[] = [];
  const running: FakeCall[] = [];
  const listeners = new Set<() => void>();

  const hasFree = (key: ModelKey): boolean => loaded.has(key) && running.length < places;

  const start = (key: ModelKey, inputs: Tensors, model: FakeModel): Promise<RunResult> => {
    const result = createDeferred<RunResult>();
    const rows = Object.values(inputs)[0]?.dims[0] ?? 0;
    const end = (settle: () => void): void => {
      const index = running.indexOf(call);
      if (index === -1) throw new Error('This call has ended already.');
      running.splice(index, 1);
      settle();
      for (const listener of [...listeners]) listener();
    };
    const call: FakeCall = {
      key,
      inputs,
      rows,
      answer: () =>
        end(() => {
          try {
            result.resolve({ outputs: model.run(inputs), inferenceMs: costMs({ key, rows }) });
          } catch (error) {
            result.reject(toError(error));
          }
        }),
      lose: () => end(() => result.reject(new EngineLostError('The fake engine was told to lose this call.'))),
    };
    calls.push(call);
    running.push(call);
    // Like a real engine, it has not answered when `run` returns.
    if (!holdsCalls) setImmediate(() => call.answer());
    return result.promise;
  };

  return {
    calls,
    running,
    parallelism: places,
    hasFree,
    canServe: (key) => loaded.has(key),

    load(key, file) {
      const model = models[file];
      if (loaded.has(key)) return Promise.reject(new Error(`Model ${key} is loaded already.`));
      if (!model) return Promise.reject(new Error(`There is no model ${file}.`));
      loaded.set(key, model);
      return Promise.resolve(model.signature);
    },

    warm(key, inputs) {
      const model = loaded.get(key);
      if (!model) return Promise.reject(new Error(`Model ${key} is not loaded.`));
      try {
        model.run(inputs);
        return Promise.resolve();
      } catch (error) {
        loaded.delete(key);
        return Promise.reject(toError(error));
      }
    },

    unload(key) {
      loaded.delete(key);
      return Promise.resolve();
    },

    run(key, inputs) {
      const model = loaded.get(key);
      if (!model || !hasFree(key)) return Promise.reject(new Error(`No place is free for model ${key}.`));
      return start(key, inputs, model);
    },

    onFree(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close() {
      loaded.clear();
      return Promise.resolve();
    },
  };
}
