import type { FastifyInstance } from 'fastify';
import type { Caller } from '../context';
import type { Identify } from '../guards/authenticate';
import { GRAPHQL_PATH } from './paths';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined where anybody may. */
    caller: Caller | undefined;
  }
}

/** Finds out who asks before a body is read, so that a stranger cannot make the server read one. */
export function identifyRequests(app: FastifyInstance, identify: Identify): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url !== GRAPHQL_PATH) return;
    request.caller = await identify({ headers: request.raw.headersDistinct, address: request.ip });
  });
}
