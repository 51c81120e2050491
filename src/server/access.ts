import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Caller } from '../context';
import { requireScope, type Scope } from '../context';
import type { Identify } from '../guards/authenticate';
import type { RefuseForeign } from '../guards/foreign';

/** Who may ask a route: anybody, everybody who was let in, or whoever has a scope. */
export type Access = 'open' | 'caller' | Scope;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says so; the server does not start with one that does not. */
    access?: Access;
  }

  interface FastifyRequest {
    /** Who asks; undefined where anybody may. */
    caller: Caller | undefined;
  }

  interface FastifyInstance {
    /** Every route, such as `GET /livez`, with who may ask it. */
    accessByRoute: () => ReadonlyMap<string, Access | undefined>;
  }
}

export interface AccessOptions {
  readonly refuseForeign: RefuseForeign;
  readonly identify: Identify;
  /** Where a request comes from, behind trusted proxies too. */
  readonly clientAddress: (request: IncomingMessage) => string;
}

/**
 * Finds out who asks before a body is read, so that a stranger cannot make the server read one. Hooks that must come
 * first, such as those that answer a preflight of CORS, are added before; those that count by caller, after.
 */
export function controlAccess(app: FastifyInstance, { refuseForeign, identify, clientAddress }: AccessOptions): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  app.decorate('accessByRoute', () => accessOf(routes));
  app.addHook('onReady', (done) => {
    const undeclared = [...accessOf(routes)].filter(([, access]) => access === undefined).map(([route]) => route);
    done(undeclared.length > 0 ? new Error(`It is not said who may ask ${undeclared.join(', ')}.`) : undefined);
  });
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request) => {
    refuseForeign(request.raw.headersDistinct);
    const { access } = request.routeOptions.config;
    // What is not there is not there for anybody.
    if (access === 'open' || request.is404) return;
    request.caller = await identify({ headers: request.raw.headersDistinct, address: clientAddress(request.raw) });
    if (access !== 'caller' && access !== undefined) requireScope(request.caller, access);
  });
}

/** The same access for every route of a plugin, which cannot say so itself. */
export function grantAccess(app: FastifyInstance, access: Access): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access };
  });
}

function accessOf(routes: readonly RouteOptions[]): ReadonlyMap<string, Access | undefined> {
  return new Map(
    routes.flatMap(({ method, url, config }) => [method].flat().map((each) => [`${each} ${url}`, config?.access])),
  );
}
