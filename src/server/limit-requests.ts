import type { FastifyInstance } from 'fastify';
import type { CallerLimits } from '../guards/caller-limits';
import type { RefuseEarly } from '../prediction/early-refusal';

/**
 * Counts the requests of each caller before their bodies are read. The headers are those of the IETF's draft
 * "RateLimit header fields for HTTP": a quota in a window of one second, what is left of it, and when it is full again.
 */
export function limitRequests(app: FastifyInstance, limits: CallerLimits, refuseEarly: RefuseEarly): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { caller } = request;
    if (!caller) {
      done();
      return;
    }
    try {
      const place = limits.enterRequest(caller);
      reply.raw.once('close', () => place[Symbol.dispose]());
      refuseEarly(Number(request.headers['content-length'] ?? 0), caller);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const standing = request.caller && limits.standingOf(request.caller);
    if (standing) {
      reply.header('ratelimit-policy', `"requests";q=${standing.limit};w=1`);
      reply.header('ratelimit', `"requests";r=${standing.remaining};t=1`);
    }
    done();
  });
}
