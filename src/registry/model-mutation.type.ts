import { Field, ObjectType } from 'type-graphql';
import { ModelVersionEventType } from './model-version-event.type';
import { ModelVersionType } from './model-version.type';
import { ModelType } from './model.type';

@ObjectType({ simpleResolvers: true })
abstract class PointerChangePayload {
  @Field(() => ModelType, { description: 'The model as it is now.' })
  model!: ModelType;

  @Field(() => ModelVersionEventType, { description: 'What subscribers were told.' })
  event!: ModelVersionEventType;
}

@ObjectType({ simpleResolvers: true })
abstract class VersionChangePayload {
  @Field(() => ModelVersionType, { description: 'The version as it is now; events tell the rest.' })
  modelVersion!: ModelVersionType;
}

@ObjectType({ description: 'The version is live.', simpleResolvers: true })
export class PromoteModelVersionPayload extends PointerChangePayload {}

@ObjectType({ description: 'The version before is live again.', simpleResolvers: true })
export class RollbackModelPayload extends PointerChangePayload {}

@ObjectType({ description: 'The load has begun.', simpleResolvers: true })
export class LoadModelVersionPayload extends VersionChangePayload {}

@ObjectType({ description: 'The version drains and is unloaded then.', simpleResolvers: true })
export class UnloadModelVersionPayload extends VersionChangePayload {}
