import { createComplexityRule, fieldExtensionsEstimator, simpleEstimator } from 'graphql-query-complexity';
import {
  GraphQLError,
  TypeInfo,
  ValidationContext,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
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
  return (resolved) => {
    const cost = Math.ceil(countInferences(resolved, measuredMs));
    if (cost <= maxQueryCost) return;
    throw new AppError(
      'QUERY_TOO_COSTLY',
      `The request asks for ${cost} inferences; at most ${maxQueryCost} are allowed. Send it in several requests.`,
      { extensions: { cost, maxQueryCost } },
    );
  };
}

const ESTIMATORS = [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 0 })];

/**
 * The library's rule is asked about the one operation. As a rule it would be led through the whole document, for one call at
 * its beginning.
 */
function countInferences(resolved: ResolvedOperation, measuredMs: MeasuredMs | undefined): number {
  const { schema, document, operation, variables } = resolved;
  const faults: GraphQLError[] = [];
  const context = new ValidationContext(schema, document, new TypeInfo(schema), (fault) => faults.push(fault));
  const rule = createComplexityRule({
    maximumComplexity: Infinity,
    estimators: ESTIMATORS,
    variables,
    context: { measuredMs },
  })(context);
  try {
    rule.onOperationDefinitionEnter(operation);
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    faults.push(cause);
  }
  const [fault] = faults;
  if (fault) throw variableFaultsOf(resolved) ?? tooManyParts(fault);
  return rule.complexity;
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
