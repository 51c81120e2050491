import type { Row } from '../../../src/prediction/task';
import type { Ticket } from '../../../src/prediction/ticket';
import { VersionQueue } from '../../../src/prediction/version-queue';
import { ModelVersion } from '../../../src/registry/model-version';
import { stackRows } from '../../../src/tensor';
import { createCaller } from '../../support/caller';
import { fakeEngine } from '../../support/fake-engine';

function createQueue(maxBatchSize: number): VersionQueue {
  const engine = fakeEngine({ models: {} });
  return new VersionQueue({
    engine,
    key: 'm/1',
    version: new ModelVersion('m', '1'),
    collate: stackRows,
    maxBatchSize,
  });
}

let ticketsMade = 0;

/** A ticket with a row of each of these lengths; 0 is a row without a length. */
function ticket(...lengths: readonly number[]): Ticket {
  return {
    rows: lengths.map((length): Row => (length === 0 ? { tensors: {} } : { tensors: {}, length })),
    // Tells tickets apart that are otherwise equal.
    enqueuedAt: ticketsMade++,
    isSettled: false,
    batchLimit: Infinity,
    owner: { id: 'a', priority: 'interactive' },
    losses: 0,
    lossesAlone: 0,
    resolve: () => undefined,
    reject: () => undefined,
  };
}

function take(queue: VersionQueue): Ticket[] {
  const batch = queue.nextBatch();
  for (const each of batch) queue.remove(each);
  return batch;
}

describe('the queue of a version', () => {
  it('gives out tickets in the order they came, up to the size of a batch', () => {
    const queue = createQueue(2);
    const [a, b, c] = [ticket(0), ticket(0), ticket(0)];
    for (const each of [a, b, c]) queue.push(each);
    expect(take(queue)).toEqual([a, b]);
    expect(take(queue)).toEqual([c]);
    expect(take(queue)).toEqual([]);
  });

  it('keeps the tickets of a batch until they are taken out', () => {
    const queue = createQueue(2);
    const a = ticket(0);
    queue.push(a);
    expect(queue.nextBatch()).toEqual([a]);
    expect(queue.size).toBe(1);
    expect(queue.remove(a)).toBe(true);
    expect(queue.remove(a)).toBe(false);
    expect(queue.size).toBe(0);
    expect(queue.backlogMs).toBe(0);
  });

  it('puts texts of like length together, nearest to the oldest first', () => {
    const queue = createQueue(3);
    const [ten, hundred, nineteen, eleven, twelve, fifty] = [10, 100, 19, 11, 12, 51].map((length) => ticket(length));
    for (const each of [ten, hundred, nineteen, eleven, twelve, fifty]) queue.push(each!);
    expect(take(queue)).toEqual([ten, eleven, twelve]);
    expect(take(queue)).toEqual([hundred, fifty]);
    expect(take(queue)).toEqual([nineteen]);
  });

  it('never keeps the oldest waiting for others that go better together', () => {
    const queue = createQueue(8);
    const odd = ticket(500);
    queue.push(odd);
    for (let count = 0; count < 20; count++) queue.push(ticket(10));
    expect(take(queue)).toEqual([odd]);
  });

  it('keeps the rows of a ticket together, and fills what is left with those that fit', () => {
    const queue = createQueue(4);
    const [three, two, one] = [ticket(0, 0, 0), ticket(0, 0), ticket(0)];
    for (const each of [three, two, one]) queue.push(each);
    expect(take(queue)).toEqual([three, one]);
    expect(take(queue)).toEqual([two]);
  });

  it('runs a ticket with more rows than a batch has by itself', () => {
    const queue = createQueue(2);
    const [large, small] = [ticket(0, 0, 0), ticket(0)];
    queue.push(large);
    queue.push(small);
    expect(take(queue)).toEqual([large]);
    expect(take(queue)).toEqual([small]);
  });

  it('puts tickets back to the front in their old order', () => {
    const queue = createQueue(2);
    const [a, b, c] = [ticket(0), ticket(0), ticket(0)];
    for (const each of [a, b, c]) queue.push(each);
    queue.putBack(take(queue));
    expect(queue.size).toBe(3);
    expect(take(queue)).toEqual([a, b]);
  });

  it('keeps the suspects of a failed batch among themselves, as many as their limit says', () => {
    const queue = createQueue(8);
    const suspects = [ticket(0), ticket(0), ticket(0)];
    for (const suspect of suspects) suspect.batchLimit = 2;
    const innocent = ticket(0);
    queue.push(innocent);
    queue.putBack(suspects);
    expect(take(queue)).toEqual(suspects.slice(0, 2));
    expect(take(queue)).toEqual(suspects.slice(2));
    expect(take(queue)).toEqual([innocent]);
  });

  it('keeps suspects out of the batch of an innocent that stands before them', () => {
    const queue = createQueue(8);
    const suspect = ticket(0);
    suspect.batchLimit = 1;
    const innocents = [ticket(0), ticket(0)];
    queue.push(innocents[0]!);
    queue.push(suspect);
    queue.push(innocents[1]!);
    expect(take(queue)).toEqual(innocents);
    expect(take(queue)).toEqual([suspect]);
  });

  it('learns what a row costs, newer calls counting for more', () => {
    const queue = createQueue(8);
    queue.push(ticket(0, 0));
    queue.learnCost(2, { inferenceMs: 2_000, occupiedMs: 0 });
    expect(queue.backlogMs).toBe(2_000);
    queue.learnCost(1, { inferenceMs: 2_000, occupiedMs: 0 });
    // 4,000 ms for 3 rows, the older ones forgotten by a third.
    expect(queue.backlogMs).toBeCloseTo((2 * 2_000 * (1 + Math.exp(-0.4))) / (1 + 2 * Math.exp(-0.4)));
    expect(queue.estimateMs([ticket(0)])).toBeCloseTo(1_200);
  });

  it('counts the time in which its engine process waits for a processor as wait, and not as inference', () => {
    const queue = createQueue(8);
    queue.push(ticket(0, 0));
    queue.learnCost(2, { inferenceMs: 20, occupiedMs: 1_200 });
    expect(queue.backlogMs).toBe(1_200);
    expect(queue.estimateMs([ticket(0)])).toBe(10);
    expect(queue.unhinderedMsPerRow).toBe(10);
  });

  it('presumes little until it has worked for a second: a server that is busy starting takes longer', () => {
    const queue = createQueue(8);
    queue.push(ticket(0, 0));
    queue.learnCost(1, { inferenceMs: 20, occupiedMs: 900 });
    expect(queue.backlogMs).toBe(2);
    queue.learnCost(1, { inferenceMs: 20, occupiedMs: 900 });
    expect(queue.backlogMs).toBeCloseTo(1_800);
  });

  it('presumes no more than a row was seen to take', () => {
    const queue = createQueue(8);
    queue.push(ticket(0, 0));
    queue.learnCost(100, { inferenceMs: 10, occupiedMs: 10 });
    expect(queue.backlogMs).toBeCloseTo(0.2);
  });

  it('knows what a row costs where nothing holds it up, whatever the moment, and learns of a model that became slower', () => {
    const queue = createQueue(8);
    const take = (inferenceMs: number): void => queue.learnCost(1, { inferenceMs, occupiedMs: inferenceMs });
    expect(queue.unhinderedMsPerRow).toBe(0);
    take(2);
    for (let call = 0; call < 10; call++) take(200);
    expect(queue.unhinderedMsPerRow).toBeLessThan(2.5);
    take(1);
    expect(queue.unhinderedMsPerRow).toBe(1);
    for (let call = 0; call < 1_000; call++) take(200);
    expect(queue.unhinderedMsPerRow).toBe(200);
  });

  it('counts rows that are still being prepared as a wait for those of their own caller, and one for others', () => {
    const queue = createQueue(8);
    queue.learnCost(100, { inferenceMs: 1_000, occupiedMs: 1_000 });
    const [own, other] = [createCaller({ id: 'own' }), createCaller({ id: 'other' })];
    const coming = [1, 2, 3].map(() => queue.expect(own));
    expect([queue.backlogMs, queue.backlogMsBefore(own), queue.backlogMsBefore(other)]).toEqual([30, 30, 10]);
    for (const each of coming) each[Symbol.dispose]();
    expect([queue.backlogMs, queue.backlogMsBefore(own)]).toEqual([0, 0]);
  });
});
