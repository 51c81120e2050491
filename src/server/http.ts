import type { ApolloServer } from '@apollo/server';
import fastifyApollo from '@as-integrations/fastify';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { RequestContext } from '../context';
import { AppError, ERROR_CODES, type ErrorCode } from '../errors';
import type { ErrorFormatter } from '../graphql/client-errors';
import type { AllowedOrigins } from '../guards/foreign';
import type { Metrics } from '../observability/metrics/metrics';
import type { Observer } from '../observability/observer';
import { controlAccess, grantAccess, type AccessOptions } from './access';
import type { TrustedProxies } from './client-address';
import { answerInTurn } from './answer-in-turn';
import { allowOrigins } from './cors';
import type { Health } from './health';
import { acceptJson, refusePacked } from './json-bodies';
import { HEADERS_TIMEOUT_MS, limitConnections, REQUEST_TIMEOUT_MS, TIMEOUT_CHECK_MS } from './limit-connections';
import { limitBodyRate } from './limit-body-rate';
import { limitRequests, type RequestLimits } from './limit-requests';
import { serveMetrics } from './metrics-endpoint';
import { redirectVisitors, servePages, type PagesOptions } from './pages';
import { PlainUnlessWebSocket } from './other-upgrades';
import { GRAPHQL_PATH, NOTHING_HERE } from './paths';
import { toAppError } from './refused-bodies';
import { createUnreadableAnswer, markAsLookedAt, tellRefusal, type Refuse } from './refused-requests';
import { readRequestId, REQUEST_ID_HEADER } from './request-id';
import { acceptUploads } from './uploads';

/** Answers are data for the program that asked: nothing to keep, to guess a type of, to frame or to tell others of. */
const API_HEADERS = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
] as const;

export interface HttpOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly formatError: ErrorFormatter;
  readonly health: Health;
  readonly pages: PagesOptions;
  readonly maxBodyBytes: number;
  readonly access: AccessOptions;
  /** Of pages that may read the answers, beside the server's own. */
  readonly allowedOrigins: AllowedOrigins;
  readonly maxConnectionsPerAddress: number;
  readonly trustedProxies: TrustedProxies;
  readonly requestLimits: RequestLimits;
  readonly observer: Observer;
  /** Left out: they are not served here. */
  readonly metrics?: Metrics | undefined;
}

/** The HTTP side of the server; it does not listen yet. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const {
    apollo,
    formatError,
    health,
    pages,
    maxBodyBytes,
    access,
    requestLimits,
    observer,
    metrics,
    allowedOrigins,
    maxConnectionsPerAddress,
  } = options;
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    // Connections that idle must not hold up a stop; those with a request under way may finish it.
    forceCloseConnections: 'idle',
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      IncomingMessage: PlainUnlessWebSocket,
    },
    logger: false,
    clientErrorHandler: createUnreadableAnswer({ formatError, observer, headers: API_HEADERS }),
    genReqId: ({ headers }) => readRequestId(headers[REQUEST_ID_HEADER]),
    // Fastify's own answer to an address it cannot read repeats it. No hook runs for one.
    frameworkErrors: (_error, request, reply) => {
      reply.headers({ ...Object.fromEntries(API_HEADERS), [REQUEST_ID_HEADER]: request.id });
      const error = new AppError('BAD_REQUEST', `The address cannot be read. The API is at ${GRAPHQL_PATH}.`);
      refuse(error, { request, reply });
    },
  });
  const refuse: Refuse = (error, { request, reply, status: given }) => {
    const formatted = formatError(error);
    const code = formatted.extensions?.['code'] as ErrorCode;
    // Fastify would cut the connection, and a client that is still sending would not read why.
    if (code === 'PAYLOAD_TOO_LARGE') reply.removeHeader('connection');
    if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
    const retryAfterMs = formatted.extensions?.['retryAfterMs'];
    if (typeof retryAfterMs === 'number') reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    const status = given ?? ERROR_CODES[code].httpStatus;
    tellRefusal(observer, { request, reply, code, status, address: access.clientAddress(request.raw) });
    return reply.code(status).send({ errors: [formatted] });
  };
  app.setErrorHandler((error: FastifyError, request, reply) =>
    refuse(toAppError(error, maxBodyBytes), { request, reply }),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(NOTHING_HERE));
  limitConnections(app.server, maxConnectionsPerAddress, options.trustedProxies);
  answerInTurn(app, requestLimits.turns);
  completeHeaders(app);
  redirectVisitors(app);
  await allowOrigins(app, allowedOrigins);
  controlAccess(app, access);
  limitRequests(app, requestLimits);
  refusePacked(app);
  acceptJson(app);
  limitBodyRate(app, refuse);
  acceptUploads(app, maxBodyBytes);
  health.serveOn(app);
  if (metrics) serveMetrics(app, metrics);
  await servePages(app, pages);
  await app.register(async (scope) => {
    grantAccess(scope, 'caller');
    await scope.register(fastifyApollo(apollo), {
      path: GRAPHQL_PATH,
      context: (request, reply) => {
        markAsLookedAt(request);
        const { caller, id, method, raw, headers: carrier } = request;
        if (!caller) throw new Error('A request came here without anybody having asked who sends it.');
        const address = access.clientAddress(raw);
        const context = new RequestContext(caller, { id, method, address, carrier, observer });
        reply.raw.once('close', () => {
          const { writableFinished: isAnswered, statusCode } = reply.raw;
          if (!isAnswered) context.abort();
          context.end(isAnswered ? statusCode : undefined);
        });
        return Promise.resolve(context);
      },
    });
  });
  return app;
}

/**
 * Every answer says which request it is of. And Fastify ends connections that idle when it closes; one that is busy
 * then would be kept open after its answer.
 */
function completeHeaders(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    // Pages have headers of their own.
    for (const [name, value] of API_HEADERS) if (!reply.hasHeader(name)) reply.header(name, value);
    if (isClosing) reply.header('connection', 'close');
    done();
  });
}
