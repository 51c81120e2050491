import {
  astFromValue,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  print,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/**
 * What a client that was written against `promised` would miss or meet otherwise in `actual`, one line each.
 * What `actual` has besides is no difference, unless clients would have to send it.
 */
export function findDifferences(promised: GraphQLSchema, actual: GraphQLSchema): string[] {
  const types = Object.values(promised.getTypeMap()).filter((type) => !isIntrospectionType(type));
  return types.flatMap((type) => {
    const found = actual.getType(type.name);
    return found ? compareTypes(type, found) : [`${type.name} is missing`];
  });
}

function compareTypes(promised: GraphQLNamedType, actual: GraphQLNamedType): string[] {
  const { name } = promised;
  if (isScalarType(promised) && isScalarType(actual)) {
    const url = promised.specifiedByURL;
    return url == null || url === actual.specifiedByURL ? [] : [`${name} is not specified by ${url}`];
  }
  if (isEnumType(promised) && isEnumType(actual))
    return promised
      .getValues()
      .filter((value) => !actual.getValue(value.name))
      .map((value) => `${name}.${value.name} is missing`);
  if (isInputObjectType(promised) && isInputObjectType(actual)) {
    const oneOf = promised.isOneOf === actual.isOneOf ? [] : [`${name} is${actual.isOneOf ? '' : ' not'} @oneOf`];
    return [...oneOf, ...compareInputs(name, promised.getFields(), actual.getFields())];
  }
  const isComposite = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type);
  if (isComposite(promised) && isComposite(actual) && isObjectType(promised) === isObjectType(actual)) {
    const interfaces = actual.getInterfaces().map((each) => each.name);
    return [
      ...promised
        .getInterfaces()
        .filter((each) => !interfaces.includes(each.name))
        .map((each) => `${name} does not implement ${each.name}`),
      ...compareFields(name, promised.getFields(), actual.getFields()),
    ];
  }
  return [`${name} is of another kind`];
}

type Fields = Readonly<Record<string, GraphQLField<unknown, unknown>>>;

function compareFields(parent: string, promised: Fields, actual: Fields): string[] {
  return Object.values(promised).flatMap((field) => {
    const path = `${parent}.${field.name}`;
    const found = actual[field.name];
    if (!found) return [`${path} is missing`];
    const ownArguments = Object.fromEntries(field.args.map((each) => [each.name, each]));
    const foundArguments = Object.fromEntries(found.args.map((each) => [each.name, each]));
    return [...compareTypeNames(path, field, found), ...compareInputs(path, ownArguments, foundArguments)];
  });
}

type Inputs = Readonly<Record<string, GraphQLArgument | GraphQLInputField>>;

function compareInputs(parent: string, promised: Inputs, actual: Inputs): string[] {
  const known = Object.values(promised).flatMap((input) => {
    const path = `${parent}.${input.name}`;
    const found = actual[input.name];
    if (!found) return [`${path} is missing`];
    const [expected, came] = [defaultOf(input), defaultOf(found)];
    return [
      ...compareTypeNames(path, input, found),
      ...(expected === came ? [] : [`${path} has the default ${came} instead of ${expected}`]),
    ];
  });
  const demanded = Object.values(actual)
    .filter((input) => !promised[input.name] && isRequired(input))
    .map(({ name }) => `${parent}.${name} is demanded of clients that do not know it`);
  return [...known, ...demanded];
}

function compareTypeNames(path: string, promised: { type: unknown }, actual: { type: unknown }): string[] {
  const [expected, came] = [String(promised.type), String(actual.type)];
  return expected === came ? [] : [`${path} is of type ${came} instead of ${expected}`];
}

function isRequired(input: GraphQLArgument | GraphQLInputField): boolean {
  return isRequiredArgument(input) || isRequiredInputField(input);
}

function defaultOf({ defaultValue, type }: GraphQLArgument | GraphQLInputField): string {
  const node = defaultValue === undefined ? undefined : astFromValue(defaultValue, type);
  return node ? print(node) : 'nothing';
}
