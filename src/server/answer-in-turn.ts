import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Slices } from '../slices';

/** Requests of one connection that may wait for those before them. Browsers and most clients never let any wait. */
const MAX_WAITING = 100;

/**
 * Takes up the requests of one connection one after the other, and those that had to wait in turns that they share with
 * all other connections: whoever waits for each answer goes first. A client need not wait before it sends the next request,
 * and a single reading brings hundreds, which would hold up everybody else; and Node would not tell of those without an
 * answer that their connection has ended. Add it before whatever counts or answers.
 */
export function answerInTurn(app: FastifyInstance, turns: Slices): void {
  /** What waits on each connection with a request under way. */
  const waiting = new WeakMap<Socket, (() => void)[]>();
  app.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    const start = (): void => {
      // It has ended meanwhile, and nobody would tell when.
      if (socket.destroyed) return;
      response.once('close', () => void release(socket));
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

  async function release(socket: Socket): Promise<void> {
    const next = waiting.get(socket)?.shift();
    if (!next) {
      waiting.delete(socket);
      return;
    }
    await turns.turn();
    next();
  }
}
