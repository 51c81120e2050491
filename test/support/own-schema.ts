import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from '../../src/graphql/schema';
import { SCHEMA_CLASSES } from '../../src/schema-classes';

/** The schema as the server builds it. Resolvers that are not given have no services: nothing of theirs can be executed. */
export function createOwnSchema(given: readonly object[] = []): GraphQLSchema {
  const instances = SCHEMA_CLASSES.map(
    (ResolverClass) =>
      given.find(({ constructor }) => constructor === ResolverClass) ??
      (Object.create(ResolverClass.prototype) as object),
  );
  return createSchema({ classes: SCHEMA_CLASSES, instances, pubSub: createPubSub() });
}
