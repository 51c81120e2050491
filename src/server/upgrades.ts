import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERROR_CODES, type ErrorCode } from '../errors';
import type { ErrorFormatter } from '../graphql/client-errors';
import type { Observer } from '../observability/observer';
import type { AccessOptions } from './access';
import { GRAPHQL_PATH, NOTHING_HERE } from './paths';
import { answerRaw } from './raw-answer';
import { REQUEST_ID_HEADER } from './request-id';

export interface UpgradeOptions {
  readonly access: Pick<AccessOptions, 'refuseForeign' | 'clientAddress'>;
  readonly formatError: ErrorFormatter;
  readonly observer: Pick<Observer, 'onRefusal'>;
  /** Whether connections are still taken. */
  readonly isOpen: () => boolean;
  readonly accept: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Hands on what wants to become a WebSocket of the API. Everything else is told why not, over HTTP as it came. */
export function handleUpgrades(http: Server, options: UpgradeOptions): void {
  const { access, formatError, observer, isOpen, accept } = options;
  http.on('upgrade', (request, socket, head) => {
    if (!isOpen() || !isForApi(request)) {
      answerRaw(socket, { status: 404, headers: [], body: NOTHING_HERE });
      return;
    }
    try {
      access.refuseForeign(request.headersDistinct);
    } catch (thrown) {
      const error = formatError(thrown);
      const code = error.extensions?.['code'] as ErrorCode;
      const status = ERROR_CODES[code].httpStatus;
      const id = randomUUID();
      const address = access.clientAddress(request);
      observer.onRefusal({ id, status, code, route: GRAPHQL_PATH, caller: undefined, address, ms: 0 });
      answerRaw(socket, { status, headers: [[REQUEST_ID_HEADER, id]], body: { errors: [error] } });
      return;
    }
    accept(request, socket, head);
  });
}

/** Clients may send anything as an address, such as `//`. */
function isForApi({ url = '' }: IncomingMessage): boolean {
  const base = 'http://localhost';
  return URL.canParse(url, base) && new URL(url, base).pathname === GRAPHQL_PATH;
}
