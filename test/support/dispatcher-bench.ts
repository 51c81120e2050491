import { Dispatcher } from '../../src/prediction/dispatcher';
import type { Row } from '../../src/prediction/task';
import type { TicketResult } from '../../src/prediction/ticket';
import { ModelVersion } from '../../src/registry/model-version';
import { stackRows } from '../../src/tensor';
import { endOfTurn } from './deferred';
import { fakeEngine, type FakeEngine, type FakeEngineOptions } from './fake-engine';
import { doubling, forgetful, logarithm, lookup } from './fake-models';
import { createRecordingLog, type LogEntry } from './silent-log';
import { createClient, type FakeClient } from './signals';
import { floats, integers, valuesOf } from './tensors';

const MODELS = { doubling, forgetful, logarithm, lookup };

/** A row for `doubling`; the answer is twice the number, twice. */
export const number = (value: number, length?: number): Row => ({
  tensors: { x: floats([2], value, value) },
  ...(length !== undefined && { length }),
});
/** A row for `lookup`: 0, 1 and 2 are answered, everything else fails the whole call. */
export const index = (value: number): Row => ({ tensors: { x: integers([], value) } });

/** A dispatcher before a fake engine. */
export interface DispatcherBench {
  readonly engine: FakeEngine;
  readonly dispatcher: Dispatcher;
  readonly logged: readonly LogEntry[];
  /** Loads a version of this model, which takes batches of at most so many rows. */
  readonly addVersion: (name: string, model?: keyof typeof MODELS, maxBatchSize?: number) => Promise<Enqueue>;
}

/** Enqueues rows of its version, as one ticket. */
export interface Enqueue {
  (rows: Row | readonly Row[], client?: FakeClient): Promise<TicketResult>;
  readonly version: ModelVersion;
}

export function createDispatcherBench({
  now,
  ...options
}: Omit<FakeEngineOptions, 'models'> & { now?: () => number } = {}): DispatcherBench {
  const engine = fakeEngine({ models: MODELS, ...options });
  const { log, entries } = createRecordingLog();
  const dispatcher = new Dispatcher({ engine, log, ...(now && { now }) });
  return {
    engine,
    dispatcher,
    logged: entries,
    async addVersion(name, model = 'doubling', maxBatchSize = 32) {
      const version = new ModelVersion(name, '1');
      await engine.load(version.key, model);
      const enqueue = (rows: Row | readonly Row[], client = createClient()): Promise<TicketResult> =>
        dispatcher.enqueue({
          version,
          maxBatchSize,
          collate: stackRows,
          rows: 'tensors' in rows ? [rows] : rows,
          deadline: client.deadline,
        });
      return Object.assign(enqueue, { version });
    },
  };
}

export const answersOf = ({ outputs }: TicketResult): number[][] => outputs.map((row) => valuesOf(row, 'y'));
export const rowsOf = ({ calls }: FakeEngine): number[] => calls.map(({ rows }) => rows);

/** Ends the calls under way, and those that follow, until there are none. */
export async function answerAll(engine: FakeEngine): Promise<void> {
  await endOfTurn();
  while (engine.running.length > 0) {
    for (const call of [...engine.running]) call.answer();
    await endOfTurn();
  }
}
