import { createTurns, takeTurn } from '../../../src/server/turns';

it('refuses an operation while five thousand others wait for their turns', async () => {
  const turns = createTurns({ inUse: 0 });
  const waiting = Array.from({ length: 5_000 }, () => takeTurn(turns));
  expect(() => takeTurn(turns)).toThrow(
    expect.objectContaining({ code: 'OVERLOADED', message: '5000 operations wait for their turns. Try again later.' }),
  );
  await Promise.all(waiting);
  await takeTurn(turns);
});

/** Milliseconds between turns, each of which fills its slice. */
async function measureRests(inUse: number): Promise<number[]> {
  const turns = createTurns({ inUse });
  let last = performance.now();
  const rests: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      await takeTurn(turns);
      rests.push(performance.now() - last);
      for (const end = performance.now() + 3; performance.now() < end;);
      last = performance.now();
    }),
  );
  return rests.slice(1);
}

it('rests eight milliseconds after a slice where a prediction is under way, and less where none is', async () => {
  expect(Math.min(...(await measureRests(1)))).toBeGreaterThanOrEqual(8);
  expect(Math.min(...(await measureRests(0)))).toBeLessThan(8);
});
