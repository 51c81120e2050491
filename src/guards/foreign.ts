import { AppError } from '../errors';
import type { ServerAccess } from './authenticate';

/** Origins of pages that may use this server beside its own; '*' is any. */
export type AllowedOrigins = readonly string[];

export interface ForeignOptions {
  readonly allowedOrigins: AllowedOrigins;
  readonly access: () => ServerAccess;
}

/** The headers that tell from where a request was made, and for whom it was meant. */
export interface Provenance {
  readonly host?: readonly string[] | undefined;
  readonly origin?: readonly string[] | undefined;
}

/** Throws FORBIDDEN for a request that a page made which has no business here. */
export type RefuseForeign = (headers: Provenance) => void;

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Two ways by which a foreign page can reach a server through the browser of somebody who may: under a name of its own
 * that it lets point to this machine (DNS rebinding), which `Host` gives away where nobody is asked for a key, and by a
 * WebSocket, which browsers open to any host and which `Origin` gives away.
 */
export function createForeignGuard({ allowedOrigins, access }: ForeignOptions): RefuseForeign {
  return ({ host = [], origin = [] }) => {
    if (access() === 'local' && !(host.length === 1 && LOOPBACK_HOST.test(host[0] ?? '')))
      throw new AppError(
        'FORBIDDEN',
        'Without keys this server answers only to localhost, 127.0.0.1 and [::1]. Create a key (predictql keys create), or set PREDICTQL_AUTH=off.',
      );
    if (origin.length === 0) return;
    if (host.length === 1 && origin.every((each) => isAllowedOrigin(each, host[0] ?? '', allowedOrigins))) return;
    throw new AppError(
      'FORBIDDEN',
      'Pages of this origin may not use the server. The setting PREDICTQL_ALLOWED_ORIGINS names those that may.',
    );
  };
}

/**
 * Whether pages of an origin may use the server: those it serves itself, those of this machine where it is asked under a
 * name of this machine, and those of the setting.
 * @param origin as in the header `Origin`
 * @param host as in the header `Host`
 */
export function isAllowedOrigin(origin: string, host: string, allowedOrigins: AllowedOrigins): boolean {
  if (allowedOrigins.includes('*') || allowedOrigins.includes(origin.toLowerCase())) return true;
  const place = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  if (place === undefined) return false;
  return place.toLowerCase() === host.toLowerCase() || (LOOPBACK_HOST.test(place) && LOOPBACK_HOST.test(host));
}

/** Throws an Error where a server would let in whoever reaches it, and more than this machine can. */
export function requireSafeAddress(host: string, access: ServerAccess): void {
  if (access !== 'local' || host === '::1' || LOOPBACK_HOST.test(host)) return;
  throw new Error(
    [
      `HOST is ${host}, which others can reach, and there is no key yet: anybody could do everything.`,
      'Create a key with "predictql keys create", set PREDICTQL_JWKS_URL or PREDICTQL_AUTH=required,',
      'or set PREDICTQL_AUTH=off if something in front of the server decides who may ask.',
    ].join('\n'),
  );
}
