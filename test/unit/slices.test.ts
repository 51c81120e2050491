import { Slices } from '../../src/slices';

/** Longer than a slice, so that each piece of work ends one. */
const SLICE_MS = 2;

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Counts the turns of the event loop until stopped. */
function countLoopTurns() {
  let count = 0;
  let next = setImmediate(function again() {
    count++;
    next = setImmediate(again);
  });
  return { count: () => count, stop: () => clearImmediate(next) };
}

it('gives turns in the order in which they are asked for', async () => {
  const slices = new Slices({ sliceMs: SLICE_MS });
  const order: number[] = [];
  const each = Array.from({ length: 50 }, (_, index) => slices.turn().then(() => order.push(index)));
  await Promise.all(each);
  expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
});

it('lets go first what is under way when a turn is asked for', async () => {
  const order: string[] = [];
  const turn = new Slices({ sliceMs: SLICE_MS }).turn().then(() => order.push('turn'));
  process.nextTick(() => order.push('tick'));
  await Promise.resolve();
  order.push('microtask');
  await turn;
  expect(order).toEqual(['microtask', 'tick', 'turn']);
});

it('lets the event loop go on as soon as a slice is used up, however many wait', async () => {
  const slices = new Slices({ sliceMs: SLICE_MS });
  const loop = countLoopTurns();
  const workPerLoopTurn = new Map<number, number>();
  await Promise.all(
    Array.from({ length: 80 }, async () => {
      await slices.turn();
      workPerLoopTurn.set(loop.count(), (workPerLoopTurn.get(loop.count()) ?? 0) + 1);
      work(1);
    }),
  );
  loop.stop();
  // The clock is looked at after every eighth.
  expect(Math.max(...workPerLoopTurn.values())).toBeLessThanOrEqual(8);
});

it('gives one that asks again and again many turns in a slice', async () => {
  const slices = new Slices({ sliceMs: 50 });
  const loop = countLoopTurns();
  for (let count = 0; count < 1_000; count++) await slices.turn();
  loop.stop();
  expect(loop.count()).toBeLessThan(200);
});

it('rests after a slice in which not all had their turn, and not after others', async () => {
  const REST_MS = 200;
  const slices = new Slices({ sliceMs: SLICE_MS, turnsAtOnce: 1, restMs: REST_MS });
  const startedAt = performance.now();
  const times = await Promise.all(
    Array.from({ length: 3 }, async () => {
      await slices.turn();
      work(SLICE_MS + 1);
      return performance.now() - startedAt;
    }),
  );
  const rests = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.min(...rests)).toBeGreaterThanOrEqual(REST_MS);
  const loop = countLoopTurns();
  for (let count = 0; count < 3; count++) {
    await new Promise((resolve) => setImmediate(resolve));
    await slices.turn();
  }
  loop.stop();
  // In a rest there are thousands.
  expect(loop.count()).toBeLessThan(100);
});

it('rests on while others are at work, but not for ever', async () => {
  const LONGEST_REST_MS = 300;
  let isBusy = true;
  const slices = new Slices({
    sliceMs: SLICE_MS,
    turnsAtOnce: 1,
    restMs: 2,
    isBusy: () => isBusy,
    longestRestMs: LONGEST_REST_MS,
  });
  let last = performance.now();
  const rests: number[] = [];
  await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      await slices.turn();
      rests.push(performance.now() - last);
      if (index === 1) isBusy = false;
      work(SLICE_MS + 1);
      last = performance.now();
    }),
  );
  const [, busy = 0, ...idle] = rests;
  expect(busy).toBeGreaterThanOrEqual(LONGEST_REST_MS);
  expect(Math.min(...idle)).toBeLessThan(LONGEST_REST_MS);
});

it('is at rest when nobody asks, and begins again for whoever does', async () => {
  const slices = new Slices({ sliceMs: SLICE_MS });
  for (let round = 0; round < 3; round++) {
    await slices.turn();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
});
