import {
  buildSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  parse,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql';
import { limitAnswerSize } from '../../src/guards/answer-size';
import { readDocument } from '../support/documents';
import type { Draw } from './draw';
import { edgeString, edgeValue } from './edge-values';
import { anyInput, SOUND_INPUTS } from './generated-inputs';

/** An operation with its variables. `isSound`: it must be answered without an error. */
export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly isSound: boolean;
}

const schema = buildSchema(readDocument('schema/schema.graphql'));
const ROOTS = {
  query: Object.values(schema.getQueryType()!.getFields()),
  mutation: Object.values(schema.getMutationType()!.getFields()),
  subscription: Object.values(schema.getSubscriptionType()!.getFields()),
};
const MAX_DEPTH = 4;
const MAX_ITEMS = 3;

/** An operation on the fields of the schema, its inputs as `kind` says: sound ones, or whatever comes. */
export function generateOperation(draw: Draw, kind: 'sound' | 'any'): GeneratedOperation {
  const isSound = kind === 'sound';
  const root: keyof typeof ROOTS = isSound
    ? 'query'
    : draw.weighted([[90, 'query'] as const, [7, 'mutation'], [3, 'subscription']]);
  for (;;) {
    const fields = draw.list(1, root === 'query' ? 3 : 1, () => draw.pick(ROOTS[root]));
    const operation = new OperationWriter(draw, isSound).write(root, fields);
    if (!isSound || isSmallEnough(operation.query)) return operation;
  }
}

/** What may be refused for the size of its answer is not sound. */
function isSmallEnough(query: string): boolean {
  const document = parse(query);
  try {
    limitAnswerSize({ schema, document, operation: getOperationAST(document)! });
    return true;
  } catch {
    return false;
  }
}

class OperationWriter {
  private readonly variables: Record<string, unknown> = {};
  private readonly declarations: string[] = [];
  private readonly fragments: string[] = [];

  constructor(
    private readonly draw: Draw,
    private readonly isSound: boolean,
  ) {}

  write(root: string, fields: readonly GraphQLField<unknown, unknown>[]): GeneratedOperation {
    // Aliases always: the same field with other arguments would not merge.
    const selected = fields.map((field, index) => `f${index}: ${this.writeField(field, [])}`).join(' ');
    const declared = this.declarations.length > 0 ? `(${this.declarations.join(', ')})` : '';
    const query = [`${root} Generated${declared} { ${selected} }`, ...this.fragments].join('\n');
    return { query, variables: this.variables, isSound: this.isSound };
  }

  /** @param within types it stands in, the outermost first */
  private writeField(field: GraphQLField<unknown, unknown>, within: readonly GraphQLObjectType[]): string {
    const args = field.args.filter((arg) => isRequiredArgument(arg) || (!this.isSound && this.draw.chance(0.3)));
    const written = args.map((arg) => `${arg.name}: ${this.writeArgument(arg)}`);
    const type = getNamedType(field.type);
    const selection = isObjectType(type) ? ` ${this.writeSelection(type, [...within, type])}` : '';
    return `${field.name}${written.length > 0 ? `(${written.join(', ')})` : ''}${this.writeDirective()}${selection}`;
  }

  private writeSelection(type: GraphQLObjectType, within: readonly GraphQLObjectType[]): string {
    // Versions of models of versions of models: an answer as large as that is refused.
    const mayNest = (inner: GraphQLNamedType): boolean => !this.isSound || !within.some((outer) => outer === inner);
    const fields = Object.values(type.getFields()).filter((field) => mayNest(getNamedType(field.type)));
    const leaves = fields.filter((field) => !isObjectType(getNamedType(field.type)));
    const chosen = this.draw.some(within.length < MAX_DEPTH ? fields : leaves, 6);
    const written = ['__typename', ...chosen.map((field) => this.writeField(field, within))].join(' ');
    if (this.draw.chance(0.9)) return `{ ${written} }`;
    if (this.draw.chance(0.5)) return `{ ... on ${type.name} { ${written} } }`;
    const name = `fragment${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${type.name} { ${written} }`);
    return `{ ...${name} }`;
  }

  private writeDirective(): string {
    if (this.draw.chance(0.95)) return '';
    return this.draw.pick([' @include(if: true)', ' @skip(if: false)', ' @include(if: true) @skip(if: false)']);
  }

  private writeArgument(arg: GraphQLArgument): string {
    const value = this.valueOf(arg.type);
    if (!this.isSound && this.draw.chance(0.2)) return toLiteral(value, arg.type);
    const name = `v${this.declarations.length}`;
    this.declarations.push(`$${name}: ${String(arg.type)}`);
    this.variables[name] = value;
    return `$${name}`;
  }

  private valueOf(type: GraphQLInputType): unknown {
    const inner = getNullableType(type);
    const { draw } = this;
    if (isListType(inner)) return draw.list(this.isSound ? 1 : 0, MAX_ITEMS, () => this.valueOf(inner.ofType));
    if (!this.isSound && draw.chance(0.1)) return edgeValue(draw);
    const sound = SOUND_INPUTS[getNamedType(inner).name];
    if (sound) return this.isSound ? sound(draw) : anyInput(draw, getNamedType(inner).name);
    if (isEnumType(inner)) return draw.pick(inner.getValues()).name;
    if (isInputObjectType(inner)) {
      const fields = Object.values(inner.getFields()).filter(({ type }) => isNonNullType(type) || draw.chance(0.3));
      return Object.fromEntries(fields.map(({ name, type: own }) => [name, this.valueOf(own)]));
    }
    return this.scalarOf(inner.name);
  }

  /** The only scalar that a query must be given is the name of a model. */
  private scalarOf(name: string): unknown {
    const { draw } = this;
    if (this.isSound) return draw.pick(['fraud-detector', 'image-classifier', 'sentiment-analyzer']);
    const usual = { Int: draw.int(-2, 200), Float: draw.float(-2, 101), Boolean: draw.chance(0.5) }[name];
    if (usual !== undefined) return usual;
    return draw.chance(0.5) ? draw.pick(['fraud-detector', '1', '2', '9']) : edgeString(draw);
  }
}

/** A value as it stands in a document. */
function toLiteral(value: unknown, type: GraphQLInputType): string {
  if (isEnumType(getNamedType(type)) && typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((item) => toLiteral(item, type)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${toLiteral(inner, fieldType(type, key) ?? type)}`)
    .join(', ')} }`;
}

function fieldType(type: GraphQLInputType, key: string): GraphQLInputType | undefined {
  const object = getNamedType(type);
  return isInputObjectType(object) ? object.getFields()[key]?.type : undefined;
}
