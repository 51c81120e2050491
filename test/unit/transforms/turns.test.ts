import { ClientLeftError } from '../../../src/context';
import { Turns } from '../../../src/transforms/turns';
import { createDeferred, endOfTurn } from '../../support/deferred';

/** Pieces of work that end when the test says so. */
function createWork(count: number) {
  const ends = Array.from({ length: count }, () => createDeferred());
  const begun: number[] = [];
  const start = (turns: Turns, index: number, owner = 'ann'): Promise<void> =>
    turns.take(
      () => {
        begun.push(index);
        return ends[index]!.promise;
      },
      { owner },
    );
  return { ends, begun, start };
}

describe('turns', () => {
  it('let so much work go on at the same time, and the next when one has ended, however it ends', async () => {
    const turns = new Turns(2);
    const { ends, begun, start } = createWork(4);
    const results = Promise.allSettled([0, 1, 2, 3].map((index) => start(turns, index)));
    await endOfTurn();
    expect(begun).toEqual([0, 1]);
    ends[1]!.reject(new Error('It was no picture.'));
    await endOfTurn();
    expect(begun).toEqual([0, 1, 2]);
    for (const end of [ends[0]!, ends[2]!, ends[3]!]) end.resolve();
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('go round among owners, so that a flood of one costs another a single turn', async () => {
    const turns = new Turns(1, () => 0);
    const { ends, begun, start } = createWork(8);
    const flood = [0, 1, 2, 3, 4].map((index) => start(turns, index, 'ann'));
    const others = [start(turns, 5, 'bob'), start(turns, 6, 'bob'), start(turns, 7, 'cid')];
    for (const end of ends) end.resolve();
    await Promise.all([...flood, ...others]);
    expect(begun).toEqual([0, 1, 5, 7, 2, 6, 3, 4]);
  });

  it("count of another's flood only what goes before", async () => {
    let now = 0;
    const turns = new Turns(1, () => now);
    await turns.take(() => Promise.resolve((now += 10)));
    const { ends, start } = createWork(5);
    const flood = [0, 1, 2, 3, 4].map((index) => start(turns, index, 'ann'));
    expect(['ann', 'bob'].map((owner) => turns.backlogMsBefore(owner))).toEqual([50, 20]);
    for (const end of ends) end.resolve();
    await Promise.all(flood);
  });

  it('tell how long what is there will take, by how long others took', async () => {
    let now = 0;
    const turns = new Turns(2, () => now);
    expect(turns.backlogMsBefore('ann')).toBe(0);
    await turns.take(() => Promise.resolve((now += 8)));
    expect(turns.backlogMsBefore('ann')).toBe(0);
    const { ends, start } = createWork(5);
    const results = [0, 1, 2, 3, 4].map((index) => start(turns, index));
    expect(turns.backlogMsBefore('ann')).toBe((5 * 8) / 2);
    for (const end of ends) end.resolve();
    await Promise.all(results);
    expect(turns.backlogMsBefore('ann')).toBe(0);
  });

  it('pass over what was cancelled while it waited', async () => {
    const turns = new Turns(1);
    const { ends, begun, start } = createWork(2);
    const first = start(turns, 0);
    const cancellation: { reason: Error | undefined } = { reason: undefined };
    const left = turns.take(() => Promise.resolve(begun.push(9)), { owner: 'ann', cancellation });
    const last = start(turns, 1);
    cancellation.reason = new ClientLeftError();
    const outcome = expect(left).rejects.toBe(cancellation.reason);
    for (const end of ends) end.resolve();
    await Promise.all([first, last, outcome]);
    expect(begun).toEqual([0, 1]);
  });
});
