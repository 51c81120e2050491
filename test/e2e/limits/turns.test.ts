import { ask } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { ASK_VIEWER, SCORE_FRAUD } from '../../support/operations';
import { startServer, type TestServer } from '../../support/server';

const MANY = 300;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

it('hundreds of requests at once that are no predictions do not hold up one', async () => {
  // So that it is known what it asks for.
  expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  let answered = 0;
  const others = Array.from({ length: MANY }, async () => {
    const { errors } = await ask(server, ASK_VIEWER);
    answered++;
    return errors;
  });
  expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  expect(answered).toBeLessThan(MANY / 2);
  expect((await Promise.all(others)).flat()).toEqual([]);
});
