import { ApolloServer, type ApolloServerPlugin, type PersistedQueryOptions } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import {
  GraphQLError,
  OperationTypeNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationRule,
} from 'graphql';
import type { RequestContext } from '../context';
import { AppError, toError } from '../errors';
import type { TrustedDocuments } from '../guards/trusted-documents';
import { httpStatusOf, type ErrorFormatter } from './client-errors';
import type { DocumentCache } from './document-cache';
import type { KnownOperations } from './known-operations';
import type { OperationGuard } from './operation-guards';

/** Tokens of a document, at most: parsing is the first thing a stranger can make the server do. */
export const MAX_TOKENS = 1_000;

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  /** Beside those of GraphQL itself. */
  readonly validationRules: readonly ValidationRule[];
  readonly guards: readonly OperationGuard[];
  readonly formatError: ErrorFormatter;
  /** Operations that may be named by their hash. */
  readonly trusted?: TrustedDocuments | undefined;
  /** Left out: one of Apollo's own. */
  readonly documents?: DocumentCache | undefined;
  /** Learns what operations ask for. Left out: nobody wants to know. */
  readonly known?: KnownOperations | undefined;
}

/** Apollo Server for HTTP. Over WebSocket the same guards and the same formatter stand in `server/websocket.ts`. */
export function createApolloServer(options: ApolloOptions): ApolloServer<RequestContext> {
  const { schema, validationRules, guards, formatError, trusted, documents, known } = options;
  const requests = new WeakMap<Error, RequestContext>();
  return new ApolloServer<RequestContext>({
    schema,
    // One of our rules forbids it where the settings do, over WebSocket too.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    persistedQueries: trusted ? { cache: readOnlyCache(trusted) } : false,
    parseOptions: { maxTokens: MAX_TOKENS },
    ...(documents && { documentStore: documents.store }),
    validationRules: [...validationRules],
    // Apollo's notices of its own life are of no use to an operator, and failures are logged by the formatter.
    logger: { debug: noop, info: noop, warn: noop, error: noop },
    formatError: (_, error) => formatError(error, error instanceof Error ? requests.get(error) : undefined),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // Nothing here may be kept by a cache, and finding that out anew would be work in every field.
      ApolloServerPluginCacheControlDisabled(),
      ...(known ? [known.learn()] : []),
      rememberRequests(requests),
      checkOperation(guards),
      /* last: it sees every error */ setStatus(),
    ],
  });
}

/** Apollo does not tell `formatError` which request an error belongs to. */
function rememberRequests(requests: WeakMap<Error, RequestContext>): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors({ errors, contextValue }) {
          for (const error of errors) requests.set(error, contextValue);
          return Promise.resolve();
        },
      }),
  };
}

function checkOperation(guards: readonly OperationGuard[]): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ schema, document, operation, request, contextValue }) {
          if (!operation) return Promise.resolve();
          const variables = request.variables ?? {};
          const resolved = { schema, document, operation, variables, context: contextValue };
          try {
            refuseSubscription(operation);
            for (const guard of guards) guard(resolved);
          } catch (thrown) {
            return Promise.reject(asRequestError(thrown));
          }
          return Promise.resolve();
        },
      }),
  };
}

/** An answer over HTTP is one and then ends; Apollo would execute a subscription as if it were a query. */
function refuseSubscription({ operation }: OperationDefinitionNode): void {
  if (operation === OperationTypeNode.SUBSCRIPTION)
    throw new AppError(
      'BAD_REQUEST',
      'Subscriptions are answered over WebSocket (graphql-transport-ws), on the same path.',
    );
}

/** Clients can name the operations that the server was given, and teach it no others. */
function readOnlyCache(trusted: TrustedDocuments): NonNullable<PersistedQueryOptions['cache']> {
  return {
    get: (key) => Promise.resolve(trusted.textOf({ sha256Hash: key.replace(/^apq:/, '') })),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(false),
  };
}

/** An error thrown here refuses the whole request; Apollo would answer 500 to all but its own. */
function asRequestError(thrown: unknown): Error {
  const originalError = toError(thrown);
  return new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 400 } } });
}

/** A status other than 200 is for requests of which nothing was answered. */
function setStatus(): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse({ response }) {
          const { body, http } = response;
          if (body.kind !== 'single') return Promise.resolve();
          const { data, errors = [] } = body.singleResult;
          const [first] = errors;
          // Apollo knows best what is wrong with a request that is no GraphQL over HTTP.
          if (!first || first.extensions?.['code'] === 'BAD_REQUEST') return Promise.resolve();
          const hasAnswers = data != null && Object.values(data).some((value) => value !== null);
          http.status = hasAnswers ? 200 : Math.max(...errors.map((error) => httpStatusOf(error, data != null)));
          const retryAfterMs = first.extensions?.['retryAfterMs'];
          if (typeof retryAfterMs === 'number' && http.status > 200)
            http.headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
          return Promise.resolve();
        },
      }),
  };
}

function noop(): void {
  // Nothing to do.
}
