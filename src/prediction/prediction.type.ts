import { Field, Float, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { ServingRole } from '../registry/model';
import { ServingRoleEnum } from '../registry/model-enums.type';

@ObjectType({ description: 'The version that answered.', simpleResolvers: true })
export class ServedBy {
  @Field(() => String, { description: "The model's name." })
  modelName!: string;

  @Field(() => String, { description: "The version's name." })
  version!: string;

  @Field(() => ServingRoleEnum, { description: 'Why this version and no other.' })
  role!: ServingRole;
}

@ObjectType({ description: 'Where the time went, stage by stage, in milliseconds.', simpleResolvers: true })
export class PredictionTiming {
  @Field(() => Float, { description: 'From admission to answer, in milliseconds.' })
  totalMs!: number;

  @Field(() => Float, { description: 'Input to tensor: decoding and scaling, tokens, features. In milliseconds.' })
  preprocessMs!: number;

  @Field(() => Float, {
    description: 'Waiting for its turn: to be preprocessed, and for an engine process. In milliseconds.',
  })
  queueMs!: number;

  @Field(() => Float, { description: 'The inference call in the engine process, in milliseconds.' })
  inferenceMs!: number;

  @Field(() => Float, { description: 'Tensor to result, in milliseconds.' })
  postprocessMs!: number;

  @Field(() => Int, { description: 'How many predictions shared the inference call: 1 or more.' })
  batchSize!: number;
}

@InterfaceType('Prediction', { description: 'What every prediction tells of itself.' })
export abstract class PredictionInterface {
  @Field(() => ID, { description: 'Names this prediction in logs and traces.' })
  id!: string;

  @Field(() => ServedBy, { description: 'The version that answered.' })
  servedBy!: ServedBy;

  @Field(() => PredictionTiming, { description: 'Where the time went.' })
  timing!: PredictionTiming;
}
