import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { AppError } from '../errors';

/** Values in an answer, at most, by estimate. Two full lists of everything there is to know are below it. */
const MAX_VALUES = 100_000;
/** Items of a list whose length nobody knows before. */
const LIST_ITEMS = 20;
/** Where the schema is asked about itself, lists are shorter. */
const INTROSPECTION_LIST_ITEMS = 10;

export interface ValidOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/**
 * Refuses what costs no inference and still an answer without end, such as versions of models of versions of models.
 * What an operation was estimated at is remembered for as long as its document is.
 */
export function limitAnswerSize(valid: ValidOperation): void {
  let values = estimates.get(valid.operation);
  if (values === undefined) estimates.set(valid.operation, (values = estimateValues(valid)));
  if (values > MAX_VALUES)
    throw new AppError(
      'QUERY_TOO_COSTLY',
      `The answer would have more than about ${MAX_VALUES} values. Ask for lists within lists in several requests.`,
    );
}

const estimates = new WeakMap<OperationDefinitionNode, number>();

function estimateValues({ schema, document, operation }: ValidOperation): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  // Fragments that spread others twice each would be walked through twice as often with every step.
  const valuesOfFragments = new Map<FragmentDefinitionNode, number>();
  const valuesIn = ({ selections }: SelectionSetNode, type: GraphQLCompositeType): number =>
    selections.reduce((sum, selection) => sum + valuesOf(selection, type), 0);

  const valuesOf = (selection: SelectionNode, parent: GraphQLCompositeType): number => {
    if (selection.kind === Kind.FIELD) {
      const type = typeOfField(parent, selection.name.value);
      const named = type && getNamedType(type);
      if (!selection.selectionSet || !isCompositeType(named)) return 1;
      return 1 + itemsOf(type as GraphQLOutputType) * valuesIn(selection.selectionSet, named);
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (!fragment) return 0;
    const known = fragment.kind === Kind.FRAGMENT_DEFINITION ? valuesOfFragments.get(fragment) : undefined;
    if (known !== undefined) return known;
    const narrowed = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
    const values = valuesIn(fragment.selectionSet, isCompositeType(narrowed) ? narrowed : parent);
    if (fragment.kind === Kind.FRAGMENT_DEFINITION) valuesOfFragments.set(fragment, values);
    return values;
  };

  const root = schema.getRootType(operation.operation);
  return root ? valuesIn(operation.selectionSet, root) : 0;
}

function typeOfField(parent: GraphQLCompositeType, name: string): GraphQLOutputType | undefined {
  for (const { name: metaName, type } of [SchemaMetaFieldDef, TypeMetaFieldDef]) if (name === metaName) return type;
  return isUnionType(parent) ? undefined : parent.getFields()[name]?.type;
}

function itemsOf(type: GraphQLOutputType): number {
  if (!isListType(getNullableType(type))) return 1;
  return getNamedType(type).name.startsWith('__') ? INTROSPECTION_LIST_ITEMS : LIST_ITEMS;
}
