import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from '../../src/graphql/schema';
import { SCHEMA_CLASSES } from '../../src/schema-classes';

/** The schema as the server builds it; its resolvers have no services, so nothing can be executed on it. */
export function createOwnSchema(): GraphQLSchema {
  const instances = SCHEMA_CLASSES.map((ResolverClass) => Object.create(ResolverClass.prototype) as object);
  return createSchema({ classes: SCHEMA_CLASSES, instances, pubSub: createPubSub() });
}
