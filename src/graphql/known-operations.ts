import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, OperationTypeNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../context';
import type { PersistedQueryExtension, TrustedDocuments } from '../guards/trusted-documents';
import type { TaskName } from '../registry/manifest';

/** Documents remembered, and the longest, so that whoever sends many different ones fills 8 MB at most. */
const MAX_DOCUMENTS = 1_000;
const MAX_LENGTH = 4_096;

/** What a client sends, of whatever types. */
interface RequestBody {
  readonly query?: unknown;
  readonly extensions?: { readonly persistedQuery?: PersistedQueryExtension | null } | null;
}

/**
 * Documents that have been answered before and ask for nothing but predictions: so that their next requests can be
 * refused, when they must be, before any of GraphQL's work, and need not wait for a turn.
 */
export class KnownOperations {
  private readonly tasks = new Map<string, readonly TaskName[]>();

  /** @param trusted what requests may name by its hash */
  constructor(private readonly trusted?: TrustedDocuments) {}

  /**
   * The tasks that a request's body asks for; none where options name another version or more time than is usual, so that
   * only the prediction itself can be refused; undefined where it is not known to ask for nothing but predictions.
   */
  tasksOf(body: unknown): readonly TaskName[] | undefined {
    const { query, extensions } = (body ?? {}) as RequestBody;
    const text = query || this.trusted?.textOf(extensions?.persistedQuery ?? undefined);
    return typeof text === 'string' ? this.tasks.get(text) : undefined;
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
    if (source === undefined || source.length > MAX_LENGTH || this.tasks.has(source)) return;
    const tasks = predictedBy(document, schema);
    if (!tasks) return;
    const [oldest] = this.tasks.keys();
    if (this.tasks.size >= MAX_DOCUMENTS && oldest !== undefined) this.tasks.delete(oldest);
    this.tasks.set(source, tasks);
  }
}

/** What the only operation of a document predicts, as `tasksOf` tells it; undefined where a variable decides that. */
function predictedBy({ definitions }: DocumentNode, schema: GraphQLSchema): readonly TaskName[] | undefined {
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
  return haveOptions ? [] : [...tasks];
}
