import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../errors';
import type { ErrorFormatter } from '../graphql/client-errors';
import type { Observer } from '../observability/observer';
import { answerRaw } from './raw-answer';
import { REQUEST_ID_HEADER } from './request-id';

/** Requests that came as far as GraphQL, which tells of them itself. */
const looked = new WeakSet<FastifyRequest>();

export function markAsLookedAt(request: FastifyRequest): void {
  looked.add(request);
}

export interface Refusal {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly code: ErrorCode;
  readonly status: number;
  /** The client's, behind trusted proxies too. */
  readonly address: string;
}

/** Answers a request that goes no further. `status` is one of HTTP's, where it says more than the code of the API. */
export type Refuse = (
  error: Error,
  where: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly status?: number },
) => FastifyReply;

/** Tells of a request that ends before anybody looked at what it asks. */
export function tellRefusal(
  observer: Pick<Observer, 'onRefusal'>,
  { request, reply, code, status, address }: Refusal,
): void {
  if (looked.has(request)) return;
  const { id, caller } = request;
  const route = request.routeOptions.url;
  observer.onRefusal({ id, status, code, route, caller, address, ms: reply.elapsedTime });
}

export interface UnreadableOptions {
  readonly formatError: ErrorFormatter;
  readonly observer: Pick<Observer, 'onRefusal'>;
  /** Those that every answer has. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Answers what is no HTTP, or too much of it, as everything else is answered, and ends its connection. */
export function createUnreadableAnswer({ formatError, observer, headers }: UnreadableOptions) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    // Node notes here what it is answering: the request that came too late itself, or one before it.
    const { _httpMessage: answering } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
    const isOfAnother = answering && (answering.req.complete || answering.headersSent);
    if (error.code === 'ECONNRESET' || !socket.writable || isOfAnother) {
      socket.destroy();
      return;
    }
    const { status, message } = describe(error.code);
    const formatted = formatError(new AppError('BAD_REQUEST', message));
    const id = randomUUID();
    const address = socket.remoteAddress;
    observer.onRefusal({ id, status, code: 'BAD_REQUEST', route: undefined, caller: undefined, address, ms: 0 });
    answerRaw(socket, { status, headers: [...headers, [REQUEST_ID_HEADER, id]], body: { errors: [formatted] } });
  };
}

function describe(code: string | undefined): { readonly status: number; readonly message: string } {
  if (code === 'HPE_HEADER_OVERFLOW')
    return { status: 431, message: 'The head of the request is too large. Send fewer or shorter headers.' };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, message: 'The request did not come in time. Send it whole, and sooner.' };
  return { status: 400, message: 'This is not a request of HTTP/1.1.' };
}
