import { Field, Float, Int, ObjectType } from 'type-graphql';
import { SafeInt } from '../scalars.type';

@ObjectType('Limits', { description: 'What a client meets when it asks too much.', simpleResolvers: true })
export class LimitsType {
  @Field(() => SafeInt, { description: "Bytes of a request's body." })
  maxBodyBytes!: number;

  @Field(() => SafeInt, { description: 'Width times height of a picture.' })
  maxImagePixels!: number;

  @Field(() => Int, { description: 'Characters of a text.' })
  maxTextCharacters!: number;

  @Field(() => Int, { description: 'Items of a list of inputs.' })
  maxListItems!: number;

  @Field(() => Int, {
    description:
      'Cost of one request, in inferences: each alias, each list item and the reasons of each are one, or more where the model takes longer than 50 milliseconds for it.',
  })
  maxQueryCost!: number;

  @Field(() => Float, { nullable: true, description: 'Requests per second; null: no limit.' })
  requestsPerSecond!: number | null;

  @Field(() => Float, { nullable: true, description: 'Milliseconds of inference per second; null: no limit.' })
  inferenceMsPerSecond!: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time; null: no limit.' })
  concurrentRequests!: number | null;

  @Field(() => Int, { nullable: true, description: 'Subscriptions at the same time; null: no limit.' })
  subscriptions!: number | null;
}

@ObjectType('Viewer', { description: 'Who asks, what they may do, and the limits they meet.', simpleResolvers: true })
export class ViewerType {
  @Field(() => String, { nullable: true, description: 'Name of the API key or subject. Null: anonymous.' })
  name!: string | null;

  @Field(() => [String], { description: 'What the caller may do.' })
  scopes!: string[];

  @Field(() => LimitsType, { description: 'What the caller meets when it asks too much.' })
  limits!: LimitsType;
}
