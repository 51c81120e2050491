import {
  GraphQLError,
  Kind,
  visit,
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { AppError } from '../errors';

/**
 * What a document may hold. Far above what a program asks for, and so low that validating the worst document within
 * these bounds takes a few milliseconds: some of the rules of GraphQL compare every field with every other.
 */
export const DOCUMENT_LIMITS = {
  /** Fields within fields. What tools ask of the schema itself is 15 deep. */
  depth: 20,
  /** Fields with every fragment in its place. */
  fields: 1_000,
  /** Fields of one document that answer under a name already taken beside them, counted in pairs. */
  repetitions: 500,
  rootFields: 100,
  aliases: 100,
  directives: 50,
  fragments: 50,
  operations: 20,
  /** Characters of a name. */
  name: 128,
} as const;

const NOTHING: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/** The rule that stands before all others can cost anything: a document beyond the limits is not looked at further. */
export function limitDocument(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const originalError = findExcess(document);
      if (!originalError) return undefined;
      context.reportError(new GraphQLError(originalError.message, { originalError }));
      // In its place the other rules are given a document with nothing in it.
      return NOTHING;
    },
  };
}

/** Why a document is refused before it is validated; undefined where it is within the limits. */
export function findExcess(document: DocumentNode): AppError | undefined {
  try {
    countNodes(document);
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    refuseCycles(fragments);
    const measure = new Measure(fragments);
    for (const definition of document.definitions)
      if (definition.kind === Kind.OPERATION_DEFINITION) measure.addOperation(definition.selectionSet);
    // Validation looks at those that nothing uses as well.
    for (const [name, { selectionSet }] of fragments) if (!measure.reached.has(name)) measure.add([selectionSet], 1);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** What can be counted by looking at each part once. */
function countNodes(document: DocumentNode): void {
  const counts = { aliases: 0, directives: 0, fragments: 0, operations: 0 };
  const count = (what: keyof typeof counts): void => {
    if (++counts[what] > DOCUMENT_LIMITS[what]) throw tooMany(what);
  };
  visit(document, {
    Name({ value }) {
      if (value.length > DOCUMENT_LIMITS.name)
        throw new AppError(
          'QUERY_TOO_COSTLY',
          `A name in the document has ${value.length} characters; at most ${DOCUMENT_LIMITS.name} are read.`,
        );
    },
    Field({ alias }) {
      if (alias) count('aliases');
    },
    Directive: () => count('directives'),
    FragmentDefinition: () => count('fragments'),
    OperationDefinition: () => count('operations'),
  });
}

/** A fragment that leads back to itself. GraphQL has a rule for it, which tells every way round there is. */
function refuseCycles(fragments: ReadonlyMap<string, FragmentDefinitionNode>): void {
  const done = new Set<string>();
  const open = new Set<string>();
  const enter = (name: string): void => {
    if (done.has(name)) return;
    if (open.has(name))
      throw new AppError('GRAPHQL_VALIDATION_FAILED', 'A fragment of the document contains itself. Take it out of it.');
    const fragment = fragments.get(name);
    if (!fragment) return;
    open.add(name);
    visit(fragment, { FragmentSpread: (spread) => enter(spread.name.value) });
    open.delete(name);
    done.add(name);
  };
  for (const name of fragments.keys()) enter(name);
}

/** The document with every fragment in its place, merged as it will be executed. It gives up at the first excess. */
class Measure {
  /** Names of the fragments that were met. */
  readonly reached = new Set<string>();
  private fields = 0;
  private repetitions = 0;

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  addOperation(selectionSet: SelectionSetNode): void {
    if (this.add([selectionSet], 1) > DOCUMENT_LIMITS.rootFields) throw tooMany('rootFields');
  }

  /** Selection sets that are answered as one object. Returns how many fields it has. */
  add(selectionSets: readonly SelectionSetNode[], depth: number): number {
    if (depth > DOCUMENT_LIMITS.depth)
      throw new AppError(
        'QUERY_TOO_COSTLY',
        `The document is more than ${DOCUMENT_LIMITS.depth} fields deep. Ask for less at once.`,
      );
    const byName = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const selectionSet of selectionSets) this.collect(selectionSet, byName, spread);
    for (const same of byName.values()) {
      this.repetitions += (same.length * (same.length - 1)) / 2;
      if (this.repetitions > DOCUMENT_LIMITS.repetitions) throw tooMany('repetitions');
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) this.add(below, depth + 1);
    }
    return byName.size;
  }

  private collect({ selections }: SelectionSetNode, byName: Map<string, FieldNode[]>, spread: Set<string>): void {
    for (const selection of selections) {
      // Spreads and inline fragments count too: a document may consist of nothing else.
      if (++this.fields > DOCUMENT_LIMITS.fields) throw tooMany('fields');
      switch (selection.kind) {
        case Kind.FIELD: {
          const name = (selection.alias ?? selection.name).value;
          const same = byName.get(name);
          if (same) same.push(selection);
          else byName.set(name, [selection]);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          this.collect(selection.selectionSet, byName, spread);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const fragment = this.fragments.get(name);
          if (!fragment || spread.has(name)) break;
          spread.add(name);
          this.reached.add(name);
          this.collect(fragment.selectionSet, byName, spread);
        }
      }
    }
  }
}

const NOUNS = {
  fields: 'fields, those of its fragments included',
  repetitions: 'repetitions of the same field',
  rootFields: 'fields of an operation itself',
  aliases: 'aliases',
  directives: 'directives',
  fragments: 'fragments',
  operations: 'operations',
} as const;

function tooMany(what: keyof typeof NOUNS): AppError {
  const message = `The document has more than ${DOCUMENT_LIMITS[what]} ${NOUNS[what]}. Ask for less at once.`;
  return new AppError('QUERY_TOO_COSTLY', message);
}
