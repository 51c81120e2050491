import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, OperationTypeNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../context';
import type { TaskName } from '../registry/manifest';

/** Documents remembered, and the longest, so that whoever sends many different ones fills 8 MB at most. */
const MAX_DOCUMENTS = 1_000;
const MAX_LENGTH = 4_096;

/**
 * Documents that have been answered before and ask for nothing but predictions, each within the default time: so that
 * their next requests can be refused, when they must be, before any of GraphQL's work.
 */
export class KnownOperations {
  private readonly tasks = new Map<string, readonly TaskName[]>();

  /** The tasks that a request's body asks for; undefined where that is not known, or it asks for something else too. */
  tasksOf(body: unknown): readonly TaskName[] | undefined {
    const query = (body as { readonly query?: unknown } | null | undefined)?.query;
    return typeof query === 'string' ? this.tasks.get(query) : undefined;
  }

  learn(): ApolloServerPlugin<RequestContext> {
    return {
      requestDidStart: () =>
        Promise.resolve({
          executionDidStart: ({ source, document, schema }) => {
            this.remember(source, document, schema);
            return Promise.resolve();
          },
        }),
    };
  }

  /** Of a valid document that may be executed. */
  remember(source: string, document: DocumentNode, schema: GraphQLSchema): void {
    if (source.length > MAX_LENGTH || this.tasks.has(source)) return;
    const tasks = predictedBy(document, schema);
    if (!tasks) return;
    const [oldest] = this.tasks.keys();
    if (this.tasks.size >= MAX_DOCUMENTS && oldest !== undefined) this.tasks.delete(oldest);
    this.tasks.set(source, tasks);
  }
}

/** What the only operation of a document predicts; undefined where it, or a variable of it, decides more than that. */
function predictedBy({ definitions }: DocumentNode, schema: GraphQLSchema): readonly TaskName[] | undefined {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== OperationTypeNode.QUERY) return undefined;
  const fields = schema.getQueryType()?.getFields() ?? {};
  const tasks = new Set<TaskName>();
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD || selection.directives?.length) return undefined;
    const task = fields[selection.name.value]?.extensions['predicts'] as TaskName | undefined;
    // Its options may name another model, or allow more time.
    if (!task || selection.arguments?.some(({ name }) => name.value === 'options')) return undefined;
    tasks.add(task);
  }
  return [...tasks];
}
