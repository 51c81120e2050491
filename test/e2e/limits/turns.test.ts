import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ask } from '../../support/graphql';
import { openHttpSocket, postRequest } from '../../support/http-socket';
import { createTransaction } from '../../support/inputs';
import { ASK_VIEWER, SCORE_FRAUD } from '../../support/operations';
import { startServer, type TestServer } from '../../support/server';

const MANY = 400;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

async function askOver(socket: Socket, request: string): Promise<string> {
  socket.write(request);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

it('hundreds of requests at once that are no predictions do not hold up one', async () => {
  // So that it is known what it asks for.
  expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  // Connections that are open already: else it would count how long their client takes to open them.
  const sockets = await Promise.all(Array.from({ length: MANY }, () => openHttpSocket(server)));
  const last = await openHttpSocket(server);
  let answered = 0;
  const others = sockets.map(async (socket) => {
    const answer = await askOver(socket, postRequest(ASK_VIEWER));
    answered++;
    return answer;
  });
  const answer = await askOver(last, postRequest(SCORE_FRAUD, { input: createTransaction() }));
  const answeredBefore = answered;
  expect(answer).toContain('"probability"');
  expect(answeredBefore).toBeLessThan(MANY / 2);
  for (const other of await Promise.all(others)) expect(other).toContain('"viewer":{');
  for (const socket of [...sockets, last]) socket.destroy();
});
