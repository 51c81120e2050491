import { Cancellation } from '../../../src/cancellation';
import { ClientLeftError } from '../../../src/context';
import {
  PreprocessingTurns,
  type Preparation,
  type PreprocessingTurn,
} from '../../../src/prediction/preprocessing-turns';
import type { TicketOwner } from '../../../src/prediction/ticket';
import { createDeferred, endOfTurn, rejection } from '../../support/deferred';
import { createReadyVersion } from '../../support/ready-version';

const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((id): TicketOwner => ({ id, priority: 'interactive' })) as [
  TicketOwner,
  TicketOwner,
  TicketOwner,
];
const bulk: TicketOwner = { id: 'bulk', priority: 'bulk' };
const version = createReadyVersion();

/** Pieces of work that end when the test says so. */
function createWork(turns: PreprocessingTurns, count: number) {
  const ends = Array.from({ length: count }, () => createDeferred());
  const begun: number[] = [];
  const entered: PreprocessingTurn[] = [];
  const start = (index: number, given: Partial<Preparation> = {}): Promise<void> => {
    const turn = turns.enter({ version, owner: ann, maxAhead: 100, cancellation: new Cancellation(), ...given });
    entered[index] = turn;
    return turn.inTurn(() => {
      begun.push(index);
      return ends[index]!.promise;
    });
  };
  const endAll = (): void => {
    for (const end of ends) end.resolve();
  };
  return { ends, endAll, begun, start, entered };
}

/** Work that takes its time, until it is known how long others take. */
async function measure(turns: PreprocessingTurns, work: () => number, times = 10): Promise<void> {
  for (let time = 0; time < times; time++) {
    using turn = turns.enter({ version, owner: ann, maxAhead: 1, cancellation: new Cancellation() });
    await turn.inTurn(() => Promise.resolve(work()));
  }
}

describe('preprocessing in turns', () => {
  it('lets so much work go on at the same time, and the next when one has ended, however it ends', async () => {
    const { ends, begun, start } = createWork(new PreprocessingTurns(2), 4);
    const results = Promise.allSettled([0, 1, 2, 3].map((index) => start(index)));
    await endOfTurn();
    expect(begun).toEqual([0, 1]);
    ends[1]!.reject(new Error('It was no picture.'));
    await endOfTurn();
    expect(begun).toEqual([0, 1, 2]);
    for (const end of [ends[0]!, ends[2]!, ends[3]!]) end.resolve();
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('goes round among callers, so that a flood of one costs another a single turn', async () => {
    const { endAll, begun, start } = createWork(new PreprocessingTurns(1, () => 0), 8);
    const flood = [0, 1, 2, 3, 4].map((index) => start(index));
    const others = [start(5, { owner: bob }), start(6, { owner: bob }), start(7, { owner: cid })];
    endAll();
    await Promise.all([...flood, ...others]);
    expect(begun.indexOf(5)).toBeLessThanOrEqual(2);
    expect(begun.indexOf(7)).toBeLessThanOrEqual(3);
    expect(begun.indexOf(6)).toBeLessThanOrEqual(5);
  });

  it('leaves bulk callers what interactive ones do not need', async () => {
    const { endAll, begun, start } = createWork(new PreprocessingTurns(1, () => 0), 9);
    const flood = [0, 1, 2, 3].map((index) => start(index, { owner: bulk }));
    const others = [4, 5, 6, 7, 8].map((index) => start(index, { owner: ann }));
    endAll();
    await Promise.all([...flood, ...others]);
    // One had begun when the others came, and one is level with them.
    expect(begun.slice(-2)).toEqual([2, 3]);
  });

  it('is never further ahead of the engines than it may be', async () => {
    const { endAll, begun, start, entered } = createWork(new PreprocessingTurns(8), 5);
    endAll();
    const results = [0, 1, 2, 3, 4].map((index) => start(index, { maxAhead: 2 }));
    await endOfTurn();
    expect(begun).toEqual([0, 1]);
    entered[1]![Symbol.dispose]();
    await endOfTurn();
    expect(begun).toEqual([0, 1, 2]);
    for (const index of [0, 2, 3, 4]) {
      await results[index];
      entered[index]![Symbol.dispose]();
    }
    await Promise.all(results);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not hold up one version by another that is far enough ahead', async () => {
    const { endAll, begun, start } = createWork(new PreprocessingTurns(1), 4);
    endAll();
    const other = createReadyVersion({ version: '2' });
    const [first] = [0, 1, 2].map((index) => start(index, { maxAhead: 1 }));
    const last = start(3, { version: other, maxAhead: 1 });
    await Promise.all([first, last]);
    await endOfTurn();
    expect(begun).toEqual([0, 3]);
  });

  it('tells nothing by the first ones, which take long where a server has just started', async () => {
    let now = 0;
    const turns = new PreprocessingTurns(1, () => now);
    await measure(turns, () => (now += 300), 9);
    const { endAll, start } = createWork(turns, 5);
    const results = [0, 1, 2, 3, 4].map((index) => start(index));
    expect(turns.backlogMsBefore(version, ann)).toBe(0);
    endAll();
    await Promise.all(results);
    expect(turns.backlogMsBefore(version, ann)).toBe(0);
  });

  it("counts of another's flood only what goes before", async () => {
    let now = 0;
    const turns = new PreprocessingTurns(1, () => now);
    const { endAll, start } = createWork(turns, 5);
    await measure(turns, () => (now += 10));
    const flood = [0, 1, 2, 3, 4].map((index) => start(index));
    expect([ann, bob].map((owner) => turns.backlogMsBefore(version, owner))).toEqual([50, 20]);
    endAll();
    await Promise.all(flood);
  });

  it('tells how long what is there will take, by how long others took', async () => {
    let now = 0;
    const turns = new PreprocessingTurns(2, () => now);
    const { endAll, start } = createWork(turns, 5);
    expect(turns.backlogMsBefore(version, ann)).toBe(0);
    await measure(turns, () => (now += 8));
    expect(turns.backlogMsBefore(version, ann)).toBe(0);
    const results = [0, 1, 2, 3, 4].map((index) => start(index));
    expect(turns.backlogMsBefore(version, ann)).toBe((5 * 8) / 2);
    expect(turns.backlogMsBefore(createReadyVersion({ task: 'sentiment' }), ann)).toBe(0);
    endAll();
    await Promise.all(results);
    expect(turns.backlogMsBefore(version, ann)).toBe(0);
  });

  it('tells how long one waited', async () => {
    let now = 0;
    const { ends, start, entered } = createWork(new PreprocessingTurns(1, () => now), 2);
    const results = [start(0), start(1)];
    await endOfTurn();
    now += 7;
    ends[0]!.resolve();
    await endOfTurn();
    now += 5;
    ends[1]!.resolve();
    await Promise.all(results);
    expect(entered.map(({ waitedMs }) => waitedMs)).toEqual([0, 7]);
  });

  it('drops at once what is cancelled while it waits', async () => {
    const turns = new PreprocessingTurns(1);
    const { ends, endAll, begun, start, entered } = createWork(turns, 3);
    const first = start(0, { maxAhead: 2 });
    const cancellation = new Cancellation();
    const left = rejection(start(1, { maxAhead: 2, cancellation }));
    const last = start(2, { maxAhead: 2 });
    const reason = new ClientLeftError();
    cancellation.cancel(reason);
    expect(await left).toBe(reason);
    entered[1]![Symbol.dispose]();
    expect(await rejection(start(1, { cancellation }))).toBe(reason);
    ends[0]!.resolve();
    await endOfTurn();
    expect(begun).toEqual([0, 2]);
    endAll();
    await Promise.all([first, last]);
  });
});
