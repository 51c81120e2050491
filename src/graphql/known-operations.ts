import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, OperationTypeNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../context';
import type { PersistedQueryExtension, TrustedDocuments } from '../guards/trusted-documents';
import type { TaskName } from '../registry/manifest';

/** Documents remembered, and the longest, so that whoever sends many different ones fills 8 MB at most. */
const MAX_DOCUMENTS = 1_000;
const MAX_LENGTH = 4_096;

/** What is known of a document that asks for nothing but predictions. */
interface Predictions {
  readonly tasks: readonly TaskName[];
  /** Some may be asked of another model, or be allowed more time. */
  readonly haveOptions: boolean;
}

/** What a client sends, of whatever types. */
interface RequestBody {
  readonly query?: unknown;
  readonly extensions?: { readonly persistedQuery?: PersistedQueryExtension | null } | null;
}

/**
 * Documents that have been answered before and ask for nothing but predictions: so that their next requests can be
 * refused, when they must be, before any of GraphQL's work.
 */
export class KnownOperations {
  private readonly predictions = new Map<string, Predictions>();

  /** @param trusted what requests may name by its hash */
  constructor(private readonly trusted?: TrustedDocuments) {}

  /**
   * The tasks that a request's body asks for, of live versions and within the default time; undefined where that is not
   * known, or it asks for something else too.
   */
  tasksOf(body: unknown): readonly TaskName[] | undefined {
    const found = this.find(body);
    return found?.haveOptions ? undefined : found?.tasks;
  }

  /** Whether a body is known to ask for nothing but predictions. */
  isPrediction(body: unknown): boolean {
    return this.find(body) !== undefined;
  }

  learn(): ApolloServerPlugin<RequestContext> {
    return {
      requestDidStart: () =>
        Promise.resolve({
          executionDidStart: ({ document, schema }) => {
            this.remember(document, schema);
            return Promise.resolve();
          },
        }),
    };
  }

  /** Of a valid document that may be executed. */
  remember(document: DocumentNode, schema: GraphQLSchema): void {
    const source = document.loc?.source.body;
    if (source === undefined || source.length > MAX_LENGTH || this.predictions.has(source)) return;
    const found = predictedBy(document, schema);
    if (!found) return;
    const [oldest] = this.predictions.keys();
    if (this.predictions.size >= MAX_DOCUMENTS && oldest !== undefined) this.predictions.delete(oldest);
    this.predictions.set(source, found);
  }

  private find(body: unknown): Predictions | undefined {
    const { query, extensions } = (body ?? {}) as RequestBody;
    const text = query || this.trusted?.textOf(extensions?.persistedQuery ?? undefined);
    return typeof text === 'string' ? this.predictions.get(text) : undefined;
  }
}

/** What the only operation of a document predicts; undefined where it, or a variable of it, decides more than that. */
function predictedBy({ definitions }: DocumentNode, schema: GraphQLSchema): Predictions | undefined {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== OperationTypeNode.QUERY) return undefined;
  const fields = schema.getQueryType()?.getFields() ?? {};
  const tasks = new Set<TaskName>();
  let haveOptions = false;
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD || selection.directives?.length) return undefined;
    const task = fields[selection.name.value]?.extensions['predicts'] as TaskName | undefined;
    if (!task) return undefined;
    tasks.add(task);
    haveOptions ||= selection.arguments?.some(({ name }) => name.value === 'options') ?? false;
  }
  return { tasks: [...tasks], haveOptions };
}
