import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors';
import type { Refuse } from './refused-requests';

/** Milliseconds between two looks at what has come of a body. */
const BODY_LOOK_MS = 5_000;
/** Bytes that must have come between two: a kilobyte a second, which the slowest mobile network sends. */
const LEAST_BODY_BYTES = 5_000;

/**
 * Refuses requests whose bodies come slower than a kilobyte a second: each holds a place of its caller, and letter by
 * letter it could hold it for as long as a whole request may take.
 */
export function limitBodyRate(app: FastifyInstance, refuse: Refuse): void {
  // From here on the body is read as fast as it comes.
  app.addHook('preParsing', (request, reply, payload, done) => {
    const { raw } = request;
    let before = raw.socket.bytesRead;
    const timer = setInterval(() => {
      if (raw.complete || reply.sent) {
        clearInterval(timer);
      } else if (raw.socket.bytesRead - before < LEAST_BODY_BYTES) {
        // What is still to come is no request: the connection ends with the answer.
        reply.header('connection', 'close');
        refuse(tooSlow(), { request, reply, status: 408 });
      }
      before = raw.socket.bytesRead;
    }, BODY_LOOK_MS).unref();
    reply.raw.once('close', () => clearInterval(timer));
    done(null, payload);
  });
}

function tooSlow(): AppError {
  return new AppError('BAD_REQUEST', 'The body came slower than a kilobyte a second. Send it faster, or send less.');
}
