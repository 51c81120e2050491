import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, Kind, print, type ASTNode, type GraphQLFormattedError } from 'graphql';
import { ClientLeftError, type RequestContext } from '../context';
import { AppError, ERROR_CODES, toError, type ErrorCode } from '../errors';
import type { Logger } from '../observability/logger';
import { UNOBSERVED, type Observer } from '../observability/observer';

/** Whatever was thrown, as a client may see it. */
export type ErrorFormatter = (error: unknown, context?: RequestContext) => GraphQLFormattedError;

export interface FormatOptions {
  /** Leave out the names that GraphQL suggests for those it does not know. Default: tell them. */
  readonly hidesSchema?: boolean;
}

/**
 * Turns whatever was thrown into what a client may see. An AppError was written for clients; what GraphQL itself says
 * of a document is told without the values in it; everything else is masked and logged once with its cause.
 */
export function createErrorFormatter(
  log: Logger,
  observer: Pick<Observer, 'onError'> = UNOBSERVED,
  { hidesSchema = false }: FormatOptions = {},
): ErrorFormatter {
  return (error, context) => {
    const told = format(error, context);
    const original = originalOf(error);
    // Nobody is told of an error whose client has left.
    if (original instanceof ClientLeftError) return told;
    const code = told.extensions?.['code'] as ErrorCode;
    observer.onError({ code, reason: original instanceof AppError ? original.reason : undefined });
    context?.errors.push({ code, message: told.message, path: told.path });
    return told;
  };

  function format(error: unknown, context: RequestContext | undefined): GraphQLFormattedError {
    const graphqlError = error instanceof GraphQLError ? error : undefined;
    const original = originalOf(error);
    const place = placeOf(graphqlError);
    if (original instanceof AppError) {
      if (original.code === 'INTERNAL_SERVER_ERROR') logOnce(original);
      return {
        message: original.message,
        ...place,
        extensions: { ...original.extensions, ...codeOf(original.code, context) },
      };
    }
    if (original instanceof ClientLeftError)
      return { message: original.message, ...place, extensions: codeOf('DEADLINE_EXCEEDED', context) };
    const code = graphqlError && knownCode(graphqlError);
    if (code && code !== 'INTERNAL_SERVER_ERROR')
      return { message: messageOf(graphqlError, hidesSchema), ...place, extensions: codeOf(code, context) };
    logOnce(original);
    return {
      message: 'Something went wrong on our side. The request id helps to find out what.',
      ...place,
      extensions: codeOf('INTERNAL_SERVER_ERROR', context),
    };

    function logOnce(cause: unknown): void {
      log.error({ requestId: context?.id, path: graphqlError?.path, error: toError(cause) }, 'request failed');
    }
  }
}

function originalOf(error: unknown): unknown {
  return (error instanceof GraphQLError ? error.originalError : undefined) ?? unwrapResolverError(error);
}

/**
 * HTTP status for an error of a request that got no answer at all. What failed while it was executed is no failure of
 * HTTP, so INTERNAL_SERVER_ERROR is 500 only where nothing was executed.
 */
export function httpStatusOf(error: GraphQLFormattedError, wasExecuted: boolean): number {
  const code = error.extensions?.['code'];
  if (typeof code !== 'string' || !isErrorCode(code)) return 500;
  return code === 'INTERNAL_SERVER_ERROR' && wasExecuted ? 200 : ERROR_CODES[code].httpStatus;
}

function codeOf(code: ErrorCode, context: RequestContext | undefined): Record<string, unknown> {
  return code === 'INTERNAL_SERVER_ERROR' && context ? { code, requestId: context.id } : { code };
}

function placeOf(error: GraphQLError | undefined): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  const { locations, path } = error ?? {};
  return { ...(locations && { locations }), ...(path && { path }) };
}

/** The code of an error that GraphQL or Apollo raised about the request itself; undefined for anything else. */
function knownCode({ extensions, originalError, path }: GraphQLError): ErrorCode | undefined {
  const code = extensions['code'];
  if (code === ApolloServerErrorCode.BAD_USER_INPUT && !originalError) return 'GRAPHQL_VALIDATION_FAILED';
  if (typeof code === 'string' && isErrorCode(code)) return code;
  if (typeof code === 'string' && code.startsWith('PERSISTED_QUERY_')) return 'BAD_REQUEST';
  if (code === ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE) return 'GRAPHQL_VALIDATION_FAILED';
  // graphql-js gives its own errors of parsing and validating no code; they have no path and no cause.
  return code === undefined && !originalError && !path ? 'GRAPHQL_VALIDATION_FAILED' : undefined;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function messageOf(error: GraphQLError, hidesSchema: boolean): string {
  const message = withoutValues(error);
  return hidesSchema ? message.replace(/ Did you mean .*$/s, '') : message;
}

/** A message of GraphQL's own without what the client sent: a picture in base64 would come back whole. */
function withoutValues({ message, nodes }: GraphQLError): string {
  const withoutNodes = (nodes ?? [])
    .filter(isValue)
    .reduce((text, node) => text.replaceAll(print(node), 'the value'), message);
  // A syntax error names the token it stumbled over, as in `found String "…"`.
  return withoutNodes.replace(/\b(String|BlockString|Int|Float) ".*"/s, '$1');
}

function isValue(node: ASTNode): boolean {
  const values: readonly string[] = [
    Kind.STRING,
    Kind.INT,
    Kind.FLOAT,
    Kind.BOOLEAN,
    Kind.ENUM,
    Kind.LIST,
    Kind.OBJECT,
  ];
  return values.includes(node.kind);
}
