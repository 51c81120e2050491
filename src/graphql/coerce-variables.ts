import {
  coerceInputValue,
  getNamedType,
  isEnumType,
  isInputType,
  Kind,
  typeFromAST,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { FieldFault } from '../errors';

/** Faults told of one request at most; a list of many wrong items would else make an answer as large. */
const MAX_FAULTS = 50;

/** Checks variables against the types an operation declares for them. The faults name paths and types, never values. */
export function findVariableFaults(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): FieldFault[] {
  const faults: FieldFault[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    // Validation has refused unknown types already.
    if (!type || !isInputType(type)) continue;
    if (!Object.hasOwn(variables, name)) {
      if (definition.type.kind === Kind.NON_NULL_TYPE && !definition.defaultValue)
        faults.push({ path: name, message: `Expected a value of type ${String(type)}.` });
      continue;
    }
    coerceInputValue(variables[name], type, (path, _value, error) => {
      if (faults.length < MAX_FAULTS)
        faults.push({ path: [name, ...path].join('.'), message: describe(error, typeAt(type, path)) });
    });
  }
  return faults;
}

/** graphql-js names the value in most of its messages; those of our own scalars and of missing fields are fit to send. */
function describe(error: GraphQLError, type: GraphQLInputType | undefined): string {
  const { message } = error;
  if (
    /^(Field "\w+" of required type|Field "\w+" is not defined|Field "\w+" must be non-null|Exactly one key must)/.test(
      message,
    )
  )
    return withoutSuggestions(message);
  if (error.originalError === undefined && /^Expected (a clock time|a day)/.test(message)) return message;
  const ours = /; (Expected [^;]*)$/.exec(message)?.[1];
  if (ours) return ours;
  const named = type && getNamedType(type);
  if (named && isEnumType(named))
    return `Expected one of ${named
      .getValues()
      .map(({ name }) => name)
      .join(', ')}.`;
  return `Expected a value of type ${type ? String(type) : 'another kind'}.`;
}

function withoutSuggestions(message: string): string {
  return message.replace(/ Did you mean .*$/s, '');
}

function typeAt(root: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType | undefined {
  let type: GraphQLInputType | undefined = root;
  for (const key of path) {
    const nullable: unknown = type && 'ofType' in type ? unwrapNonNull(type) : type;
    if (typeof key === 'number') type = (nullable as { ofType?: GraphQLInputType }).ofType;
    else type = (nullable as { getFields?: () => Record<string, { type: GraphQLInputType }> }).getFields?.()[key]?.type;
  }
  return type;
}

function unwrapNonNull(type: GraphQLInputType): unknown {
  return String(type).endsWith('!') ? (type as { ofType: unknown }).ofType : type;
}
