import { getComplexity, fieldExtensionsEstimator, simpleEstimator } from 'graphql-query-complexity';
import { GraphQLError, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../context';
import { AppError } from '../errors';
import { limitAnswerSize } from '../guards/answer-size';
import type { TrustedDocuments } from '../guards/trusted-documents';
import { limitVariables } from '../guards/variable-limits';
import type { MeasuredMs } from '../prediction/cost';
import { findVariableFaults } from './coerce-variables';

/** An operation that was parsed and validated and is about to be executed, over HTTP or WebSocket. */
export interface ResolvedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

/** Refuses an operation by throwing an AppError. */
export type OperationGuard = (operation: ResolvedOperation) => void;

export interface OperationGuardOptions {
  /** Inferences that one request may ask for. */
  readonly maxQueryCost: number;
  /** Left out: every inference costs the same. */
  readonly measuredMs?: MeasuredMs | undefined;
  /** Left out: any operation may be sent. */
  readonly trusted?: TrustedDocuments | undefined;
}

/** What every operation must pass before it is executed, whatever it came by; in this order. */
export function createOperationGuards(options: OperationGuardOptions): readonly OperationGuard[] {
  const { trusted } = options;
  return [
    /* first: what is refused has a name too */ rememberOperation,
    ...(trusted ? [({ document }: ResolvedOperation) => trusted.check(document)] : []),
    limitAnswerSize,
    ({ variables }) => limitVariables(variables),
    limitCost(options),
  ];
}

function rememberOperation({ operation, context }: ResolvedOperation): void {
  context.operation = { name: operation.name?.value, type: operation.operation };
}

/**
 * Cost counts inferences, so it stands beside each field that makes some. A list in the variables counts by its items, so
 * they are checked against their types here: reading them is the largest cost of a small request, and is not done twice.
 */
function limitCost({ maxQueryCost, measuredMs }: OperationGuardOptions): OperationGuard {
  const estimators = [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 0 })];
  return (resolved) => {
    const { schema, document, operationName, variables } = resolved;
    const options = { schema, query: document, variables, estimators, context: { measuredMs } };
    let complexity: number;
    try {
      complexity = getComplexity(operationName === undefined ? options : { ...options, operationName });
    } catch (cause) {
      if (!(cause instanceof GraphQLError)) throw cause;
      throw variableFaultsOf(resolved) ?? tooManyParts(cause);
    }
    const cost = Math.ceil(complexity);
    if (cost <= maxQueryCost) return;
    throw new AppError(
      'QUERY_TOO_COSTLY',
      `The request asks for ${cost} inferences; at most ${maxQueryCost} are allowed. Send it in several requests.`,
      { extensions: { cost, maxQueryCost } },
    );
  };
}

/** What is wrong with the variables, without their values, which stand in the library's own error. */
function variableFaultsOf({ schema, operation, variables }: ResolvedOperation): AppError | undefined {
  const fields = findVariableFaults(schema, operation, variables);
  if (fields.length === 0) return undefined;
  const listed = fields.map(({ path, message }) => `$${path}: ${message}`).join(' ');
  return new AppError('GRAPHQL_VALIDATION_FAILED', `The variables do not fit the operation. ${listed}`, {
    extensions: { fields },
  });
}

/** The library gives up on a document of too many parts, every fragment in each of its places. */
function tooManyParts(cause: Error): AppError {
  return new AppError('QUERY_TOO_COSTLY', 'The document has too many parts to be counted. Ask for less at once.', {
    cause,
  });
}
