import { stackRows } from '../../../src/tensor';
import { endOfTurn } from '../../support/deferred';
import { createCaller } from '../../support/caller';
import { answerAll, createDispatcherBench, number } from '../../support/dispatcher-bench';
import type { FakeCall, FakeEngine } from '../../support/fake-engine';
import { createClient, disposeClients } from '../../support/signals';

afterEach(disposeClients);

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
    const { engine, addVersion } = createDispatcherBench(options);
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
    const { engine, addVersion } = createDispatcherBench({
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
    const { engine, addVersion } = createDispatcherBench(options);
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
    const { engine, addVersion } = createDispatcherBench(options);
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

describe('the estimated wait', () => {
  const costMs = ({ rows }: { rows: number }): number => rows * 1_000;
  /** What a call costs is what the fake engine says, however long the machine takes. */
  const now = (): number => 0;

  it('is nothing while nobody waits', async () => {
    const { dispatcher, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m');
    expect(dispatcher.turns.waitMs(enqueue.version)).toBe(0);
    await enqueue(number(1));
    expect(dispatcher.turns.waitMs(enqueue.version)).toBe(0);
  });

  it('is the time that the rows in the queue will take, shared by the engine processes', async () => {
    const { engine, dispatcher, addVersion } = createDispatcherBench({ places: 2, holdsCalls: true, costMs, now });
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
    const { engine, dispatcher, addVersion } = createDispatcherBench({ holdsCalls: true, costMs, now });
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
    const { engine, dispatcher, addVersion } = createDispatcherBench({ holdsCalls: true, costMs, now });
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
