import {
  getOperationAST,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import type { RequestContext } from '../context';
import { AppError, toError } from '../errors';
import type { PersistedQueryExtension, TrustedDocuments } from '../guards/trusted-documents';
import { MAX_TOKENS } from './apollo-server';
import type { DocumentCache } from './document-cache';
import type { OperationGuard } from './operation-guards';

export interface OperationRequest {
  /** May be empty where the extensions name an operation. */
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface PrepareOptions {
  readonly schema: GraphQLSchema;
  /** Beside those of GraphQL itself. */
  readonly validationRules: readonly ValidationRule[];
  readonly guards: readonly OperationGuard[];
  readonly documents: DocumentCache;
  readonly context: RequestContext;
  /** Operations that may be named by their hash. */
  readonly trusted?: TrustedDocuments | undefined;
}

/** Takes an operation to where it can be executed, through the same steps and guards that Apollo takes it over HTTP. */
export function prepareOperation(
  { query, operationName, variables, extensions }: OperationRequest,
  options: PrepareOptions,
): ExecutionArgs | readonly GraphQLError[] {
  const { schema, guards, documents, context, trusted } = options;
  const text = query || (trusted?.textOf(extensions?.['persistedQuery'] as PersistedQueryExtension | undefined) ?? '');
  const document = documents.find(text) ?? readDocument(text, options);
  if (!('kind' in document)) return document;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [new GraphQLError('Expected the name of one of the operations in the document.')];
  const variableValues = variables ?? {};
  try {
    const resolved = { schema, document, operation, variables: variableValues, context };
    for (const guard of guards) guard(resolved);
  } catch (thrown) {
    return [asGraphQLError(toError(thrown))];
  }
  return { schema, document, operationName: operationName ?? null, variableValues, contextValue: context };
}

function readDocument(
  text: string,
  { schema, validationRules, documents }: PrepareOptions,
): DocumentNode | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: MAX_TOKENS });
  } catch (thrown) {
    return [asParseError(toError(thrown))];
  }
  const errors = validate(schema, document, [...specifiedRules, ...validationRules]);
  if (errors.length > 0) return errors.map(asValidationError);
  documents.keep(text, document);
  return document;
}

/** With the code that Apollo gives it, and where it stands in the document. */
function asParseError(error: Error): GraphQLError {
  const { source, positions } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(error.message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}

/**
 * With the code that Apollo gives it: what a scalar threw about a value in the document is no failure of ours. Our own
 * rules have codes of their own.
 */
function asValidationError(error: GraphQLError): GraphQLError {
  if (error.originalError instanceof AppError) return error;
  const { message, nodes, source, positions } = error;
  return new GraphQLError(message, { nodes, source, positions, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function asGraphQLError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
