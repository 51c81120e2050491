import fc from 'fast-check';
import { ClientLeftError } from '../../../src/context';
import { endOfTurn, rejection } from '../../support/deferred';
import { answerAll, answersOf, createDispatcherBench, index, number, rowsOf } from '../../support/dispatcher-bench';
import { createClient, disposeClients, type FakeClient } from '../../support/signals';
import { valuesOf } from '../../support/tensors';

afterEach(disposeClients);

describe('how requests come together', () => {
  it('gives a lone row its own call at the end of the turn', async () => {
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    const result = enqueue(number(3));
    expect(engine.calls).toHaveLength(0);
    expect(answersOf(await result)).toEqual([[6, 6]]);
    expect(await result).toMatchObject({ batchSize: 1, inferenceMs: 1 });
  });

  it('puts the rows of one turn into one call, and gives each its own answer', async () => {
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    const results = await Promise.all([1, 2, 3, 4, 5].map((value) => enqueue(number(value))));
    expect(rowsOf(engine)).toEqual([5]);
    expect(results.map(answersOf)).toEqual([[[2, 2]], [[4, 4]], [[6, 6]], [[8, 8]], [[10, 10]]]);
    expect(results.map(({ batchSize }) => batchSize)).toEqual([5, 5, 5, 5, 5]);
  });

  it('takes no more rows into a call than the version allows', async () => {
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m', 'doubling', 8);
    await Promise.all(Array.from({ length: 20 }, (_, value) => enqueue(number(value))));
    expect(rowsOf(engine)).toEqual([8, 8, 4]);
  });

  it('lets the batch grow while the engine is busy, and keeps it from waiting once it is free', async () => {
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { engine, addVersion } = createDispatcherBench({ places: 2, holdsCalls: true });
    const enqueue = await addVersion('m', 'doubling', 2);
    const results = [1, 2, 3, 4, 5].map((value) => enqueue(number(value)));
    await endOfTurn();
    expect(engine.running.map(({ rows }) => rows)).toEqual([2, 2]);
    await answerAll(engine);
    await Promise.all(results);
    expect(rowsOf(engine)).toEqual([2, 2, 1]);
  });

  it('never puts rows of two versions into one call', async () => {
    const { engine, addVersion } = createDispatcherBench();
    const [one, two] = [await addVersion('one'), await addVersion('two')];
    await Promise.all([one(number(1)), two(number(2)), one(number(3)), two(number(4))]);
    expect(engine.calls.map(({ key, rows }) => [key, rows])).toEqual([
      [one.version.key, 2],
      [two.version.key, 2],
    ]);
  });

  it('keeps the rows of one ticket in one call and in their order', async () => {
    const { engine, addVersion } = createDispatcherBench();
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
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    await Promise.all([10, 200, 12, 220, 11].map((length) => enqueue(number(length, length))));
    expect(engine.calls.map(({ inputs }) => valuesOf(inputs, 'x').filter((_, place) => place % 2 === 0))).toEqual([
      [10, 11, 12],
      [200, 220],
    ]);
  });

  it('tells how long a row waited', async () => {
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { dispatcher, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m', 'doubling', 3);
    await Promise.all([1, 2, 3, 4].map((value) => enqueue(number(value))));
    expect(dispatcher.counters).toMatchObject({ enqueued: 4, answered: 4, calls: 2, computedRows: 4 });
    expect(enqueue.version.statistics).toMatchObject({ batches: 2, meanBatchSize: 2 });
  });
});

describe('an engine process that becomes free', () => {
  /** Less than a turn of the event loop: whatever waits for its end has not happened. */
  const withinTurn = async (): Promise<void> => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
  };

  it('is given a full batch at once, and less than that at the end of the turn', async () => {
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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

describe('a client that leaves', () => {
  it('is not computed when it leaves before its batch has formed', async () => {
    const { engine, dispatcher, addVersion } = createDispatcherBench();
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
    const { engine, dispatcher, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    const client = createClient();
    const left = rejection(enqueue(number(1), client));
    client.leave();
    await left;
    await endOfTurn();
    expect(engine.calls).toHaveLength(0);
  });

  it('is not even queued when it has left before', async () => {
    const { dispatcher, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    const client = createClient();
    client.leave();
    expect(await rejection(Promise.resolve().then(() => enqueue(number(1), client)))).toBeInstanceOf(ClientLeftError);
    expect(dispatcher.counters.enqueued).toBe(0);
  });

  it('is told that its time is up, when that is why it was taken from the queue', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { engine, dispatcher, addVersion } = createDispatcherBench({ holdsCalls: true });
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
        const { engine, dispatcher, addVersion } = createDispatcherBench({ places: 2, holdsCalls: true });
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
