import { ViewerResolver } from './guards/viewer.resolver';
import { ModelMutationResolver } from './registry/model-mutation.resolver';
import { ModelVersionEventResolver } from './registry/model-version-event.resolver';
import { ModelResolver } from './registry/model.resolver';
import { RESOLVER_CLASSES } from './tasks';

/** Every class with root fields: together they are the schema. */
export const SCHEMA_CLASSES = [
  ...RESOLVER_CLASSES,
  ModelResolver,
  ModelVersionEventResolver,
  ModelMutationResolver,
  ViewerResolver,
];
