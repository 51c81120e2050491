import {
  getOperationAST,
  GraphQLError,
  parse,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import type { RequestContext } from '../context';
import { toError } from '../errors';
import { MAX_TOKENS } from './apollo-server';
import type { OperationGuard } from './operation-guards';

export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface PrepareOptions {
  readonly schema: GraphQLSchema;
  readonly guards: readonly OperationGuard[];
  readonly context: RequestContext;
}

/** Takes an operation to where it can be executed, through the same steps and guards that Apollo takes it over HTTP. */
export function prepareOperation(
  { query, operationName, variables }: OperationRequest,
  { schema, guards, context }: PrepareOptions,
): ExecutionArgs | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (thrown) {
    return [asParseError(toError(thrown))];
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return errors;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [new GraphQLError('Expected the name of one of the operations in the document.')];
  const variableValues = variables ?? {};
  try {
    const resolved = { schema, document, operation, variables: variableValues, context };
    for (const guard of guards) guard({ ...resolved, operationName: operationName ?? undefined });
  } catch (thrown) {
    return [asGraphQLError(toError(thrown))];
  }
  return { schema, document, operationName: operationName ?? null, variableValues, contextValue: context };
}

/** With the code that Apollo gives it, and where it stands in the document. */
function asParseError(error: Error): GraphQLError {
  const { source, positions } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(error.message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}

function asGraphQLError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
