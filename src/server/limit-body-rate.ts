import type { FastifyInstance } from 'fastify';

/** Milliseconds between two looks at what has come of a body. */
const BODY_LOOK_MS = 5_000;
/** Bytes that must have come between two: a kilobyte a second, which the slowest mobile network sends. */
const LEAST_BODY_BYTES = 5_000;

const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/**
 * Cuts requests whose bodies come slower than a kilobyte a second: each holds a place of its caller, and letter by letter
 * it could hold it for as long as a whole request may take.
 */
export function limitBodyRate(app: FastifyInstance): void {
  // From here on the body is read as fast as it comes.
  app.addHook('preParsing', ({ raw }, reply, payload, done) => {
    const { socket } = raw;
    let before = socket.bytesRead;
    const timer = setInterval(() => {
      if (raw.complete) {
        clearInterval(timer);
      } else if (socket.bytesRead - before < LEAST_BODY_BYTES) {
        // As Node cuts requests that take too long.
        socket.end(TIMED_OUT);
        socket.destroySoon();
      }
      before = socket.bytesRead;
    }, BODY_LOOK_MS).unref();
    reply.raw.once('close', () => clearInterval(timer));
    done(null, payload);
  });
}
