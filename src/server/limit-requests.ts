import type { FastifyInstance } from 'fastify';
import type { CallerLimits } from '../guards/caller-limits';
import type { KnownOperations } from '../graphql/known-operations';
import type { EarlyRefusal } from '../prediction/early-refusal';
import type { Slices } from '../slices';
import { GRAPHQL_PATH } from './paths';
import { takeTurn } from './turns';

export interface RequestLimits {
  readonly callerLimits: CallerLimits;
  readonly earlyRefusal: Pick<EarlyRefusal, 'ofSize' | 'ofTasks'>;
  readonly known: Pick<KnownOperations, 'tasksOf' | 'remember'>;
  /** Of operations that are not known to be predictions, and of requests that wait for others of their connections. */
  readonly turns: Slices;
}

/**
 * Counts the requests of each caller before their bodies are read. The headers are those of the IETF's draft
 * "RateLimit header fields for HTTP": a quota in a window of one second, what is left of it, and when it is full again.
 */
export function limitRequests(
  app: FastifyInstance,
  { callerLimits: limits, earlyRefusal, known, turns }: RequestLimits,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { caller } = request;
    if (!caller) {
      done();
      return;
    }
    try {
      const place = limits.enterRequest(caller);
      reply.raw.once('close', () => place[Symbol.dispose]());
      done(earlyRefusal.ofSize(Number(request.headers['content-length'] ?? 0), caller));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('preValidation', ({ caller, body, query, routeOptions }, { raw: response }, done) => {
    const tasks = known.tasksOf(body ?? query);
    try {
      if (routeOptions.url !== GRAPHQL_PATH || !caller) {
        done();
      } else if (tasks) {
        done(earlyRefusal.ofTasks(tasks, caller));
      } else {
        void takeTurn(turns).then(() => {
          // Its client may have left meanwhile, and nobody would tell when.
          if (!response.destroyed) done();
        });
      }
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
