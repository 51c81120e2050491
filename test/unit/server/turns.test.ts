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
