import { Field, Float, ID, ObjectType } from 'type-graphql';
import { DateTime, SafeInt } from '../scalars.type';
import type { Model } from './model';
import { PromotionPolicyEnum, TaskEnum } from './model-enums.type';
import type { ModelVersion } from './model-version';
import { ModelVersionType } from './model-version.type';

@ObjectType('Canary', { description: 'A version that gets a share of the requests on trial.', simpleResolvers: true })
export class CanaryType {
  @Field(() => ModelVersionType, { description: 'The version on trial.' })
  version!: ModelVersionType;

  @Field(() => Float, { description: 'Share of the requests: over 0, under 100.' })
  percent!: number;

  @Field(() => DateTime, { description: 'When it began.' })
  since!: Date;

  @Field(() => SafeInt, { description: 'Predictions it was given since.' })
  requests!: number;

  @Field(() => SafeInt, { description: 'Those of them that failed for no fault of the input.' })
  failures!: number;
}

@ObjectType('Shadow', {
  description: 'A version that is computed beside the live one, for comparison only.',
  simpleResolvers: true,
})
export class ShadowType {
  @Field(() => ModelVersionType, { description: 'The version compared.' })
  version!: ModelVersionType;

  @Field(() => Float, { description: 'Share of the requests: over 0, at most 100.' })
  percent!: number;

  @Field(() => DateTime, { description: 'When it began.' })
  since!: Date;

  @Field(() => SafeInt, { description: 'Predictions compared since.' })
  compared!: number;

  @Field(() => Float, { nullable: true, description: '0 to 1; null before the first comparison.' })
  agreement!: number | null;
}

@ObjectType('Model', { description: 'A model: one question it answers, and its versions through time.' })
export class ModelType {
  constructor(private readonly subject: Model) {}

  @Field(() => ID, { description: "Unique among all objects; for a client's cache." })
  get id(): string {
    return `Model:${this.subject.name}`;
  }

  @Field(() => String, { description: 'Its name, such as sentiment-analyzer.' })
  get name(): string {
    return this.subject.name;
  }

  @Field(() => TaskEnum, { description: 'What it can be asked.' })
  get task(): string {
    return this.subject.file.task;
  }

  @Field(() => String, { description: 'What it is for.' })
  get description(): string {
    return this.subject.file.description;
  }

  @Field(() => Boolean, { description: 'Whether this model answers when no model is named.' })
  get isDefault(): boolean {
    return this.subject.isDefault;
  }

  @Field(() => PromotionPolicyEnum, { description: 'How a newer version goes live.' })
  get promotion(): string {
    return this.subject.file.promotion;
  }

  @Field(() => ModelVersionType, { nullable: true, description: 'The version that answers when none is named.' })
  get live(): ModelVersionType | null {
    return this.subject.live ? this.view(this.subject.live) : null;
  }

  @Field(() => ModelVersionType, {
    nullable: true,
    description:
      'What rollback would return to: the one below live in the history of promotions, never one that was rolled back from.',
  })
  get previous(): ModelVersionType | null {
    const { previous } = this.subject;
    return previous ? this.view(previous) : null;
  }

  @Field(() => CanaryType, { nullable: true, description: 'The version on trial, if there is one.' })
  get canary(): CanaryType | null {
    return null;
  }

  @Field(() => ShadowType, { nullable: true, description: 'The version compared, if there is one.' })
  get shadow(): ShadowType | null {
    return null;
  }

  @Field(() => [ModelVersionType], { description: 'Newest first; 2, 10 and 1.10.0 order as numbers.' })
  get versions(): ModelVersionType[] {
    return this.subject.newestFirst.map((version) => this.view(version));
  }

  private view(version: ModelVersion): ModelVersionType {
    return new ModelVersionType(this.subject, version);
  }
}
