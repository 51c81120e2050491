import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  Kind,
  typeFromAST,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { FieldFault } from '../errors';
import { LocalDateTime } from '../scalars.type';

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

/** What graphql-js says of fields, which it names and which are not values. */
const ABOUT_FIELDS = /^(Field "\w{1,63}" (of required type|is not defined|must be non-null)|Exactly one key must)\b/;

/** graphql-js repeats the value in most of its messages; those about fields and those of our own scalars are fit to send. */
function describe(error: GraphQLError, type: GraphQLInputType | undefined): string {
  const { message } = error;
  if (ABOUT_FIELDS.test(message)) return withoutSuggestions(message);
  const named = type && getNamedType(type);
  // This scalar says what is wrong without repeating it; those of libraries do not.
  if (named?.name === LocalDateTime.name) return message;
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

/** The type that stands at a path. A single item may stand for a list of one, and then its path names no index. */
function typeAt(root: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType | undefined {
  let type: GraphQLInputType | undefined = root;
  for (const key of path) {
    if (typeof key === 'number') {
      const list: GraphQLInputType = getNullableType(type);
      type = isListType(list) ? list.ofType : undefined;
    } else {
      const object = getNamedType(type);
      type = isInputObjectType(object) ? object.getFields()[key]?.type : undefined;
    }
    if (!type) return undefined;
  }
  return type;
}
