import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { isAllowedOrigin, type AllowedOrigins } from '../guards/foreign';
import { REQUEST_ID_HEADER } from './request-id';

/** Seconds for which a browser need not ask again whether it may send a request. */
const PREFLIGHT_SECONDS = 600;

/**
 * Tells browsers which pages may read the answers. Keys are sent in headers that a page sets itself, so no cookies are
 * allowed. Add it before whatever asks who is there: a browser asks for permission without saying.
 */
export async function allowOrigins(app: FastifyInstance, allowedOrigins: AllowedOrigins): Promise<void> {
  await app.register(cors, {
    delegator: ({ headers: { origin, host } }, callback) => {
      const isAllowed = origin !== undefined && isAllowedOrigin(origin, host ?? '', allowedOrigins);
      callback(null, {
        origin: isAllowed,
        methods: ['GET', 'POST'],
        credentials: false,
        maxAge: PREFLIGHT_SECONDS,
        exposedHeaders: [REQUEST_ID_HEADER, 'retry-after', 'ratelimit', 'ratelimit-policy'],
      });
    },
  });
}
