import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Requests of one connection that may wait for those before them. Browsers and most clients never let any wait. */
const MAX_WAITING = 100;

/**
 * Takes up the requests of one connection one after the other, each in a turn of the event loop of its own. A client need
 * not wait for an answer before it sends the next request, and a single reading brings hundreds: all at once they would
 * hold up everybody else, and Node would not tell of those whose turn never came that their connection has ended.
 * Add it before whatever counts or answers.
 */
export function answerInTurn(app: FastifyInstance): void {
  /** What waits on each connection with a request under way. */
  const waiting = new WeakMap<Socket, (() => void)[]>();
  app.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    const start = (): void => {
      response.once('close', () => startNext(socket));
      done();
    };
    const others = waiting.get(socket);
    if (!others) {
      waiting.set(socket, []);
      start();
    } else if (others.length < MAX_WAITING) {
      others.push(start);
    } else {
      socket.destroy();
    }
  });

  function startNext(socket: Socket): void {
    const next = waiting.get(socket)?.shift();
    if (!next) waiting.delete(socket);
    else if (!socket.destroyed) setImmediate(next);
  }
}
