import fc from 'fast-check';
import { ClientLeftError } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { Dispatcher } from '../../../src/prediction/dispatcher';
import type { Row } from '../../../src/prediction/task';
import type { TicketResult } from '../../../src/prediction/ticket';
import { ModelVersion } from '../../../src/registry/model-version';
import { stackRows } from '../../../src/tensor';
import { endOfTurn, rejection } from '../../support/deferred';
import { createCaller } from '../../support/caller';
import { fakeEngine, type FakeCall, type FakeEngine, type FakeEngineOptions } from '../../support/fake-engine';
import { doubling, forgetful, logarithm, lookup } from '../../support/fake-models';
import { createRecordingLog, type LogEntry } from '../../support/silent-log';
import { createClient, disposeClients, type FakeClient } from '../../support/signals';
import { floats, integers, valuesOf } from '../../support/tensors';

const MODELS = { doubling, forgetful, logarithm, lookup };

/** A row for `doubling`; the answer is twice the number, twice. */
const number = (value: number, length?: number): Row => ({
  tensors: { x: floats([2], value, value) },
  ...(length !== undefined && { length }),
});
/** A row for `lookup`: 0, 1 and 2 are answered, everything else fails the whole call. */
const index = (value: number): Row => ({ tensors: { x: integers([], value) } });

interface Bench {
  readonly engine: FakeEngine;
  readonly dispatcher: Dispatcher;
  readonly logged: readonly LogEntry[];
  /** Loads a version of this model, which takes batches of at most so many rows. */
  readonly addVersion: (name: string, model?: keyof typeof MODELS, maxBatchSize?: number) => Promise<Enqueue>;
}

interface Enqueue {
  (rows: Row | readonly Row[], client?: FakeClient): Promise<TicketResult>;
  readonly version: ModelVersion;
}

function createBench({ now, ...options }: Omit<FakeEngineOptions, 'models'> & { now?: () => number } = {}): Bench {
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

const answersOf = ({ outputs }: TicketResult): number[][] => outputs.map((row) => valuesOf(row, 'y'));
const rowsOf = ({ calls }: FakeEngine): number[] => calls.map(({ rows }) => rows);

/** Ends the calls under way, and those that follow, until there are none. */
async function answerAll(engine: FakeEngine): Promise<void> {
  await endOfTurn();
  while (engine.running.length > 0) {
    for (const call of [...engine.running]) call.answer();
    await endOfTurn();
  }
}

afterEach(disposeClients);

describe('how requests come together', () => {
  it('gives a lone row its own call at the end of the turn', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m');
    const result = enqueue(number(3));
    expect(engine.calls).toHaveLength(0);
    expect(answersOf(await result)).toEqual([[6, 6]]);
    expect(await result).toMatchObject({ batchSize: 1, inferenceMs: 1 });
  });

  it('puts the rows of one turn into one call, and gives each its own answer', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m');
    const results = await Promise.all([1, 2, 3, 4, 5].map((value) => enqueue(number(value))));
    expect(rowsOf(engine)).toEqual([5]);
    expect(results.map(answersOf)).toEqual([[[2, 2]], [[4, 4]], [[6, 6]], [[8, 8]], [[10, 10]]]);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([5, 5, 5, 5, 5]);
  });

  it('takes no more rows into a call than the version allows', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m', 'doubling', 8);
    await Promise.all(Array.from({ length: 20 }, (_, value) => enqueue(number(value))));
    expect(rowsOf(engine)).toEqual([8, 8, 4]);
  });

  it('lets the batch grow while the engine is busy, and keeps it from waiting once it is free', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const results = [enqueue(number(1))];
    await endOfTurn();
    for (const value of [2, 3, 4]) {
      results.push(enqueue(number(value)));
      await endOfTurn();
    }
    expect(rowsOf(engine)).toEqual([1]);
    engine.running[0]!.answer();
    await endOfTurn();
    expect(rowsOf(engine)).toEqual([1, 3]);
    engine.running[0]!.answer();
    await Promise.all(results);
  });

  it('uses all free places in one turn', async () => {
    const { engine, addVersion } = createBench({ places: 2, holdsCalls: true });
    const enqueue = await addVersion('m', 'doubling', 2);
    const results = [1, 2, 3, 4, 5].map((value) => enqueue(number(value)));
    await endOfTurn();
    expect(engine.running.map(({ rows }) => rows)).toEqual([2, 2]);
    await answerAll(engine);
    await Promise.all(results);
    expect(rowsOf(engine)).toEqual([2, 2, 1]);
  });

  it('never puts rows of two versions into one call', async () => {
    const { engine, addVersion } = createBench();
    const [one, two] = [await addVersion('one'), await addVersion('two')];
    await Promise.all([one(number(1)), two(number(2)), one(number(3)), two(number(4))]);
    expect(engine.calls.map(({ key, rows }) => [key, rows])).toEqual([
      [one.version.key, 2],
      [two.version.key, 2],
    ]);
  });

  it('keeps the rows of one ticket in one call and in their order', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m', 'doubling', 4);
    const [three, two] = await Promise.all([
      enqueue([number(1), number(2), number(3)]),
      enqueue([number(4), number(5)]),
    ]);
    expect(rowsOf(engine)).toEqual([3, 2]);
    expect(answersOf(three)).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ]);
    expect(answersOf(two)).toEqual([
      [8, 8],
      [10, 10],
    ]);
  });

  it('puts texts of like length together', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m');
    await Promise.all([10, 200, 12, 220, 11].map((length) => enqueue(number(length, length))));
    expect(engine.calls.map(({ inputs }) => valuesOf(inputs, 'x').filter((_, place) => place % 2 === 0))).toEqual([
      [10, 11, 12],
      [200, 220],
    ]);
  });

  it('tells how long a row waited', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const enqueue = await addVersion('m');
      const [first, second] = [enqueue(number(1)), (await endOfTurn(), enqueue(number(2)))];
      jest.advanceTimersByTime(120);
      await answerAll(engine);
      expect((await first).queueMs).toBe(0);
      expect((await second).queueMs).toBe(120);
    } finally {
      jest.useRealTimers();
    }
  });

  it('counts calls and rows, also where the version keeps its statistics', async () => {
    const { dispatcher, addVersion } = createBench();
    const enqueue = await addVersion('m', 'doubling', 3);
    await Promise.all([1, 2, 3, 4].map((value) => enqueue(number(value))));
    expect(dispatcher.counters).toMatchObject({ enqueued: 4, answered: 4, calls: 2, computedRows: 4 });
    expect(enqueue.version.statistics).toMatchObject({ batches: 2, meanBatchSize: 2 });
  });
});

describe('fairness between versions', () => {
  const costMs = ({ key, rows }: Pick<FakeCall, 'key' | 'rows'>): number => rows * (key.startsWith('slow') ? 12 : 1);
  const options = { holdsCalls: true, costMs };

  /** Milliseconds of inference that each version has had. */
  function spent(engine: FakeEngine): { slow: number; quick: number } {
    const of = (key: string): number =>
      engine.calls.filter((call) => call.key.startsWith(key)).reduce((sum, call) => sum + costMs(call), 0);
    return { slow: of('slow'), quick: of('quick') };
  }

  async function answerOne(engine: FakeEngine): Promise<void> {
    engine.running[0]!.answer();
    await endOfTurn();
  }

  it('gives each the same time, not the same number of calls', async () => {
    const { engine, addVersion } = createBench(options);
    const [slow, quick] = [await addVersion('slow', 'doubling', 1), await addVersion('quick', 'doubling', 1)];
    for (let count = 0; count < 40; count++) void slow(number(1));
    for (let count = 0; count < 400; count++) void quick(number(1));
    await endOfTurn();
    for (let count = 0; count < 200; count++) {
      await answerOne(engine);
      const { slow: a, quick: b } = spent(engine);
      // Never further apart than a call of the dearer and the quanta of a round, once both costs are known.
      if (count > 4) expect(Math.abs(a - b)).toBeLessThanOrEqual(2 * (12 + 5));
    }
    await answerAll(engine);
  });

  it('charges what a call took, not what it was expected to take', async () => {
    const cost = { slow: 1, quick: 1 };
    const had = { slow: 0, quick: 0 };
    const { engine, addVersion } = createBench({
      holdsCalls: true,
      costMs({ key }) {
        const name = key.startsWith('slow') ? 'slow' : 'quick';
        had[name] += cost[name];
        return cost[name];
      },
    });
    const [slow, quick] = [await addVersion('slow', 'doubling', 1), await addVersion('quick', 'doubling', 1)];
    for (let count = 0; count < 60; count++) void slow(number(1));
    for (let count = 0; count < 640; count++) void quick(number(1));
    await endOfTurn();
    for (let count = 0; count < 40; count++) await answerOne(engine);
    cost.slow = 40;
    for (let count = 0; count < 600; count++) await answerOne(engine);
    expect(Math.abs(had.slow - had.quick)).toBeLessThanOrEqual(2 * (40 + 5));
    await answerAll(engine);
  });

  it('makes a newcomer wait for no more than the call under way', async () => {
    const { engine, addVersion } = createBench(options);
    const [slow, quick] = [await addVersion('slow', 'doubling', 1), await addVersion('quick', 'doubling', 1)];
    for (let count = 0; count < 50; count++) void slow(number(1));
    await endOfTurn();
    for (let count = 0; count < 20; count++) await answerOne(engine);
    void quick(number(1));
    await endOfTurn();
    await answerOne(engine);
    await answerOne(engine);
    expect(spent(engine).quick).toBe(1);
    await answerAll(engine);
  });

  it('saves no credit for a version that had nothing to do', async () => {
    const { engine, addVersion } = createBench(options);
    const [slow, quick] = [await addVersion('slow', 'doubling', 1), await addVersion('quick', 'doubling', 1)];
    void quick(number(1));
    for (let count = 0; count < 60; count++) void slow(number(1));
    await endOfTurn();
    for (let count = 0; count < 20; count++) await answerOne(engine);
    const before = spent(engine);
    for (let count = 0; count < 200; count++) void quick(number(1));
    await endOfTurn();
    for (let count = 0; count < 100; count++) await answerOne(engine);
    const after = spent(engine);
    expect(Math.abs(after.quick - before.quick - (after.slow - before.slow))).toBeLessThanOrEqual(2 * (12 + 5));
    await answerAll(engine);
  });
});

describe('a row that fails', () => {
  it('stands alone at last, and its neighbours are answered', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m', 'lookup');
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, (_, place) => enqueue(index(place === 11 ? 7 : 1))),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const reason = (results[11] as PromiseRejectedResult).reason as unknown;
    expect(reason).toBeInstanceOf(AppError);
    expect(reason).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', cause: { message: 'Index 7 is out of bounds.' } });
    expect(rowsOf(engine)).toEqual([16, 8, 8, 4, 2, 2, 1, 1, 4]);
  });

  it('is found among others that fail too', async () => {
    const { addVersion } = createBench({ places: 2 });
    const enqueue = await addVersion('m', 'lookup', 16);
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, place) => enqueue(index(place % 7))));
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 100 }, (_, place) => (place % 7 < 3 ? 'fulfilled' : 'rejected')),
    );
  });

  it('does not hold up rows that arrive while it is looked for', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m', 'lookup');
    const suspects = [index(0), index(7)].map((row) => enqueue(row));
    const outcome = Promise.allSettled(suspects);
    await endOfTurn();
    engine.running[0]!.answer();
    const newcomer = enqueue(index(2));
    await endOfTurn();
    await answerAll(engine);
    expect(rowsOf(engine)).toEqual([2, 1, 1, 1]);
    expect(answersOf(await newcomer)).toEqual([[30]]);
    expect((await outcome).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('fails by itself, in the call it was in, where only its own outputs are no numbers', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m', 'logarithm');
    const row = (value: number): Row => ({ tensors: { x: floats([1], value) } });
    const results = await Promise.allSettled([1, -1, 1].map((value) => enqueue(row(value))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(rowsOf(engine)).toEqual([3]);
  });

  it('fails the ticket it belongs to, whose other rows are of no use without it', async () => {
    const { addVersion } = createBench();
    const enqueue = await addVersion('m', 'lookup');
    const results = await Promise.allSettled([enqueue([index(0), index(7)]), enqueue([index(1), index(2)])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('fails everybody where the model gives fewer rows than it was given', async () => {
    const { addVersion } = createBench();
    const enqueue = await addVersion('m', 'forgetful');
    const results = await Promise.allSettled([1, 2, 3].map((value) => enqueue(number(value))));
    expect(results.map((result) => ('reason' in result ? (result.reason as Error).cause : undefined))).toEqual(
      Array(3).fill(new Error('Output "y" has 0 rows for a batch of 1.')),
    );
  });

  it('is logged with its cause, but not with what the client sent', async () => {
    const { logged, addVersion } = createBench();
    const enqueue = await addVersion('m', 'lookup');
    await rejection(enqueue(index(7)));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      version: enqueue.version.key,
      rows: 1,
      error: { message: 'Index 7 is out of bounds.' },
    });
  });
});

describe('a lost engine process', () => {
  it('costs nobody an answer: the rows are run again', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const results = [1, 2, 3].map((value) => enqueue(number(value)));
    await endOfTurn();
    engine.running[0]!.lose();
    await answerAll(engine);
    expect(rowsOf(engine)).toEqual([3, 3]);
    expect((await Promise.all(results)).map(answersOf)).toEqual([[[2, 2]], [[4, 4]], [[6, 6]]]);
  });

  it('is put down to one of the rows once two were lost: each is run alone', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const results = [1, 2, 3].map((value) => enqueue(number(value)));
    await endOfTurn();
    for (let loss = 0; loss < 2; loss++) {
      engine.running[0]!.lose();
      await endOfTurn();
    }
    await answerAll(engine);
    expect(rowsOf(engine)).toEqual([3, 3, 1, 1, 1]);
    await Promise.all(results);
  });

  it('ends a row that was alone in two of them, and nobody else', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const outcome = Promise.allSettled([1, 666, 3].map((value) => enqueue(number(value))));
    await endOfTurn();
    while (engine.running.length > 0) {
      const [call] = engine.running;
      if (valuesOf(call!.inputs, 'x').includes(666)) call!.lose();
      else call!.answer();
      await endOfTurn();
    }
    const results = await outcome;
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      cause: { name: 'EngineLostError' },
    });
    expect(engine.calls.filter(({ inputs }) => valuesOf(inputs, 'x').includes(666)).map(({ rows }) => rows)).toEqual([
      3, 3, 1, 1,
    ]);
  });

  it('is nothing to a row whose client has left: it is not run again', async () => {
    const { engine, dispatcher, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const client = createClient();
    const left = rejection(enqueue(number(1), client));
    const stays = enqueue(number(2));
    await endOfTurn();
    client.leave();
    await left;
    engine.running[0]!.lose();
    await answerAll(engine);
    await stays;
    expect(rowsOf(engine)).toEqual([2, 1]);
    expect(dispatcher.counters).toMatchObject({ answered: 1, left: 1, failed: 0 });
  });
});

describe('a client that leaves', () => {
  it('is not computed when it leaves before its batch has formed', async () => {
    const { engine, dispatcher, addVersion } = createBench();
    const enqueue = await addVersion('m');
    const client = createClient();
    const left = rejection(enqueue(number(1), client));
    const stays = enqueue(number(2));
    client.leave();
    expect(await left).toBeInstanceOf(ClientLeftError);
    await stays;
    expect(rowsOf(engine)).toEqual([1]);
    expect(dispatcher.counters).toMatchObject({ enqueued: 2, answered: 1, abandoned: 1, left: 0, computedRows: 1 });
    expect(dispatcher.turns.length).toBe(0);
  });

  it('is told so at once when it leaves while its batch runs, and its neighbours are answered', async () => {
    const { engine, dispatcher, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const client = createClient();
    const left = rejection(enqueue(number(1), client));
    const stays = enqueue(number(2));
    await endOfTurn();
    client.leave();
    expect(await left).toBeInstanceOf(ClientLeftError);
    expect(engine.running).toHaveLength(1);
    engine.running[0]!.answer();
    expect(answersOf(await stays)).toEqual([[4, 4]]);
    expect(dispatcher.counters).toMatchObject({ enqueued: 2, answered: 1, abandoned: 0, left: 1 });
  });

  it('makes no call when everybody has left', async () => {
    const { engine, addVersion } = createBench();
    const enqueue = await addVersion('m');
    const client = createClient();
    const left = rejection(enqueue(number(1), client));
    client.leave();
    await left;
    await endOfTurn();
    expect(engine.calls).toHaveLength(0);
  });

  it('is not even queued when it has left before', async () => {
    const { dispatcher, addVersion } = createBench();
    const enqueue = await addVersion('m');
    const client = createClient();
    client.leave();
    expect(await rejection(Promise.resolve().then(() => enqueue(number(1), client)))).toBeInstanceOf(ClientLeftError);
    expect(dispatcher.counters.enqueued).toBe(0);
  });

  it('is told that its time is up, when that is why it was taken from the queue', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { engine, dispatcher, addVersion } = createBench({ holdsCalls: true });
      const enqueue = await addVersion('m');
      const running = enqueue(number(1));
      await endOfTurn();
      const late = rejection(enqueue(number(2), createClient(50)));
      jest.advanceTimersByTime(50);
      expect(await late).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await answerAll(engine);
      await running;
      expect(rowsOf(engine)).toEqual([1]);
      expect(dispatcher.counters.abandoned).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('an engine process that becomes free', () => {
  /** Less than a turn of the event loop: whatever waits for its end has not happened. */
  const withinTurn = async (): Promise<void> => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
  };

  it('is given a full batch at once, and less than that at the end of the turn', async () => {
    const { engine, addVersion } = createBench({ holdsCalls: true });
    const enqueue = await addVersion('m', 'doubling', 2);
    const results = [1, 2, 3, 4, 5].map((value) => enqueue(number(value)));
    await endOfTurn();
    expect(rowsOf(engine)).toEqual([2]);
    engine.running[0]!.answer();
    await withinTurn();
    expect(rowsOf(engine)).toEqual([2, 2]);
    engine.running[0]!.answer();
    await withinTurn();
    expect(rowsOf(engine)).toEqual([2, 2]);
    await endOfTurn();
    expect(rowsOf(engine)).toEqual([2, 2, 1]);
    await answerAll(engine);
    await Promise.all(results);
  });
});

describe('the estimated wait', () => {
  const costMs = ({ rows }: { rows: number }): number => rows * 1_000;
  /** What a call costs is what the fake engine says, however long the machine takes. */
  const now = (): number => 0;

  it('is nothing while nobody waits', async () => {
    const { dispatcher, addVersion } = createBench();
    const enqueue = await addVersion('m');
    expect(dispatcher.turns.waitMs(enqueue.version)).toBe(0);
    await enqueue(number(1));
    expect(dispatcher.turns.waitMs(enqueue.version)).toBe(0);
  });

  it('is the time that the rows in the queue will take, shared by the engine processes', async () => {
    const { engine, dispatcher, addVersion } = createBench({ places: 2, holdsCalls: true, costMs, now });
    const enqueue = await addVersion('m', 'doubling', 1);
    const learnt = enqueue(number(0));
    await answerAll(engine);
    await learnt;
    const results = [1, 2, 3, 4, 5, 6].map((value) => enqueue(number(value)));
    await endOfTurn();
    expect(engine.running).toHaveLength(2);
    expect(dispatcher.turns.length).toBe(4);
    // Four seconds wait, and two calls of one run and are taken for half done.
    expect(dispatcher.turns.waitMs(enqueue.version)).toBe((4_000 + 1_000) / 2);
    await answerAll(engine);
    await Promise.all(results);
  });

  it('is told for whoever has to wait longest too, who is not a stranger in a flood of one caller', async () => {
    const { engine, dispatcher, addVersion } = createBench({ holdsCalls: true, costMs, now });
    const enqueue = await addVersion('m', 'doubling', 1);
    const learnt = enqueue(number(0));
    await answerAll(engine);
    await learnt;
    const { version } = enqueue;
    const [many, stranger] = [createCaller({ id: 'many' }), createCaller({ id: 'stranger' })];
    const request = { version, maxBatchSize: 1, collate: stackRows, rows: [number(1)], owner: many };
    const flood = Array.from({ length: 11 }, () =>
      dispatcher.enqueue({ ...request, deadline: createClient().deadline }),
    );
    await endOfTurn();
    expect(dispatcher.turns.longestWaitMs(version)).toBe(10_000 + 500);
    expect(dispatcher.turns.waitMs(version, stranger)).toBe(1_000 + 500);
    await answerAll(engine);
    await Promise.all(flood);
  });

  it("is no longer for one version because of another's long queue than its share of the time", async () => {
    const { engine, dispatcher, addVersion } = createBench({ holdsCalls: true, costMs, now });
    const [busy, calm] = [await addVersion('busy', 'doubling', 1), await addVersion('calm', 'doubling', 1)];
    const learnt = [busy(number(0)), calm(number(0))];
    await answerAll(engine);
    await Promise.all(learnt);
    const results = Array.from({ length: 101 }, () => busy(number(1)));
    await endOfTurn();
    results.push(calm(number(1)));
    expect(dispatcher.turns.waitMs(calm.version)).toBe(2_000 + 500);
    expect(dispatcher.turns.waitMs(busy.version)).toBe(101_000 + 500);
    await answerAll(engine);
    await Promise.all(results);
  });
});

describe('the books', () => {
  it('balance whatever clients and engine processes do', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('enqueue' as const), value: fc.constantFrom(0, 1, 2, 7), version: fc.nat(1) }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }),
      fc.record({ kind: fc.constantFrom('answer' as const, 'lose' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('turn' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { engine, dispatcher, addVersion } = createBench({ places: 2, holdsCalls: true });
        const versions = [await addVersion('a', 'lookup', 4), await addVersion('b', 'lookup', 4)];
        const clients: FakeClient[] = [];
        const outcomes: Promise<unknown>[] = [];
        for (const each of steps) {
          if (each.kind === 'enqueue') {
            const client = createClient();
            clients.push(client);
            outcomes.push(versions[each.version]!(index(each.value), client).catch((error: unknown) => error));
          } else if (each.kind === 'turn') await endOfTurn();
          else if (each.kind === 'leave') clients[each.which % clients.length]?.leave();
          else engine.running[each.which % engine.running.length]?.[each.kind]();
        }
        await answerAll(engine);
        await Promise.all(outcomes);
        const { enqueued, answered, failed, abandoned, left, calls, computedRows } = dispatcher.counters;
        expect(enqueued).toBe(outcomes.length);
        expect(answered + failed + abandoned + left).toBe(enqueued);
        expect(dispatcher.turns.length).toBe(0);
        expect(dispatcher.turns.waitMs(versions[0]!.version)).toBe(0);
        expect(calls).toBe(engine.calls.length);
        expect(computedRows).toBe(engine.calls.reduce((sum, { rows }) => sum + rows, 0));
        disposeClients();
      }),
      { numRuns: 150 },
    );
  });
});
