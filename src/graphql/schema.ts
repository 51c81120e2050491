import { lexicographicSortSchema, printSchema, type GraphQLSchema, GraphQLInputObjectType } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { authorize } from '../guards/authorize';

/** A resolver's class. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what its constructor takes is app.ts's concern
export type ResolverClass = abstract new (...args: any[]) => object;

export interface SchemaParts {
  readonly classes: readonly ResolverClass[];
  /** One of each class. */
  readonly instances: readonly object[];
  /** Where subscriptions get their events. */
  readonly pubSub: PubSub;
}

/**
 * Builds the schema from the classes. Resolvers are instances, made by `app.ts` with what they need.
 * The schema is built once: no change of a version touches it.
 */
export function createSchema({ classes, instances, pubSub }: SchemaParts): GraphQLSchema {
  const byClass = new Map(instances.map((instance) => [instance.constructor, instance]));
  const schema = buildSchemaSync({
    resolvers: classes as unknown as NonEmptyArray<new () => object>,
    container: {
      get: (type: ResolverClass) => {
        const instance = byClass.get(type);
        if (!instance) throw new Error(`There is no instance of ${type.name}.`);
        return instance;
      },
    },
    // Inputs are validated by PredictionField, which finds the faults of all arguments at once.
    validate: false,
    pubSub,
    authChecker: authorize,
  });
  enforceOneOf(schema);
  return schema;
}

/** The schema as text, in a fixed order, so that a change of it shows as a change. */
export function printSortedSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** TypeGraphQL keeps the directive but does not know what it means. */
function enforceOneOf(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLInputObjectType)) continue;
    if (type.astNode?.directives?.some(({ name }) => name.value === 'oneOf')) type.isOneOf = true;
  }
}
