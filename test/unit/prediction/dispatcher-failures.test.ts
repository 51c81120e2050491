import { AppError } from '../../../src/errors';
import type { Row } from '../../../src/prediction/task';
import { endOfTurn, rejection } from '../../support/deferred';
import { answerAll, answersOf, createDispatcherBench, index, number, rowsOf } from '../../support/dispatcher-bench';
import { createClient, disposeClients } from '../../support/signals';
import { floats, valuesOf } from '../../support/tensors';

afterEach(disposeClients);

describe('a row that fails', () => {
  it('stands alone at last, and its neighbours are answered', async () => {
    const { engine, addVersion } = createDispatcherBench();
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
    const { addVersion } = createDispatcherBench({ places: 2 });
    const enqueue = await addVersion('m', 'lookup', 16);
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, place) => enqueue(index(place % 7))));
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 100 }, (_, place) => (place % 7 < 3 ? 'fulfilled' : 'rejected')),
    );
  });

  it('does not hold up rows that arrive while it is looked for', async () => {
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { engine, addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m', 'logarithm');
    const row = (value: number): Row => ({ tensors: { x: floats([1], value) } });
    const results = await Promise.allSettled([1, -1, 1].map((value) => enqueue(row(value))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(rowsOf(engine)).toEqual([3]);
  });

  it('fails the ticket it belongs to, whose other rows are of no use without it', async () => {
    const { addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m', 'lookup');
    const results = await Promise.allSettled([enqueue([index(0), index(7)]), enqueue([index(1), index(2)])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('fails everybody where the model gives fewer rows than it was given', async () => {
    const { addVersion } = createDispatcherBench();
    const enqueue = await addVersion('m', 'forgetful');
    const results = await Promise.allSettled([1, 2, 3].map((value) => enqueue(number(value))));
    expect(results.map((result) => ('reason' in result ? (result.reason as Error).cause : undefined))).toEqual(
      Array(3).fill(new Error('Output "y" has 0 rows for a batch of 1.')),
    );
  });

  it('is logged with its cause, but not with what the client sent', async () => {
    const { logged, addVersion } = createDispatcherBench();
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
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
    const enqueue = await addVersion('m');
    const results = [1, 2, 3].map((value) => enqueue(number(value)));
    await endOfTurn();
    engine.running[0]!.lose();
    await answerAll(engine);
    expect(rowsOf(engine)).toEqual([3, 3]);
    expect((await Promise.all(results)).map(answersOf)).toEqual([[[2, 2]], [[4, 4]], [[6, 6]]]);
  });

  it('is put down to one of the rows once two were lost: each is run alone', async () => {
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { engine, addVersion } = createDispatcherBench({ holdsCalls: true });
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
    const { engine, dispatcher, addVersion } = createDispatcherBench({ holdsCalls: true });
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
