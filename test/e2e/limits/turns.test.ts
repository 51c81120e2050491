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

/** The whole answer, in however many pieces it comes. */
function askOver(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      answer += piece;
      if (answer.endsWith('}\n')) resolve(answer);
    });
    socket.on('close', () => resolve(`${answer} and then the end`));
    socket.write(request);
  });
}

it('hundreds of requests at once that are no predictions do not hold up one', async () => {
  // So that it is known what it asks for.
  expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  // Connections that are open already: else it would count how long their client takes to open them.
  const sockets = await Promise.all(Array.from({ length: MANY }, () => openHttpSocket(server)));
  const last = await openHttpSocket(server);
  const [request, lastRequest] = [
    postRequest(ASK_VIEWER),
    // One whose input is refused waits for no engine process, which may be slow on a busy machine.
    postRequest(SCORE_FRAUD, { input: createTransaction({ amount: -1 }) }),
  ];
  let answered = 0;
  const others = sockets.map(async (socket) => {
    const answer = await askOver(socket, request);
    answered++;
    return answer;
  });
  const answer = await askOver(last, lastRequest);
  const answeredBefore = answered;
  expect(answer).toContain('"BAD_USER_INPUT"');
  // Without turns it would be all of them; some are answered while the client still sends, more where it is slow.
  expect(answeredBefore).toBeLessThan(0.8 * MANY);
  for (const other of await Promise.all(others)) expect(other).toContain('"viewer":{');
  for (const socket of [...sockets, last]) socket.destroy();
});
