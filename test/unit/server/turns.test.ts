import { createTurns, takeTurn } from '../../../src/server/turns';

it('refuses an operation while five thousand others wait for their turns', async () => {
  const turns = createTurns(() => false);
  const waiting = Array.from({ length: 5_000 }, () => takeTurn(turns));
  expect(() => takeTurn(turns)).toThrow(
    expect.objectContaining({ code: 'OVERLOADED', message: '5000 operations wait for their turns. Try again later.' }),
  );
  await Promise.all(waiting);
  await takeTurn(turns);
});

it('rests eight milliseconds after a slice while predictions are under way', async () => {
  const turns = createTurns(() => true);
  let last = performance.now();
  const rests: number[] = [];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      await takeTurn(turns);
      rests.push(performance.now() - last);
      // Longer than a slice.
      for (const end = performance.now() + 3; performance.now() < end;);
      last = performance.now();
    }),
  );
  expect(Math.min(...rests.slice(1))).toBeGreaterThanOrEqual(8);
});
