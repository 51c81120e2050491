import { IsOptional, Matches, MaxLength } from 'class-validator';
import { Field, InputType } from 'type-graphql';

const MODEL = {
  pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
  expected: 'Expected small letters, digits and hyphens, at most 63.',
};
const VERSION = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  expected: 'Expected letters, digits, dots and hyphens, at most 63.',
};
const MAX_REASON = 1_000;

/** What every change of a model says: which model, and why. */
@InputType()
abstract class ModelChangeInput {
  @Matches(MODEL.pattern, { message: MODEL.expected })
  @Field(() => String, { description: "The model's name." })
  model!: string;

  @IsOptional()
  @MaxLength(MAX_REASON, { message: `Expected at most ${MAX_REASON} characters.` })
  @Field(() => String, { nullable: true, description: `Why, for the event: at most ${MAX_REASON} characters.` })
  reason?: string | null;
}

@InputType()
abstract class VersionChangeInput extends ModelChangeInput {
  @Matches(VERSION.pattern, { message: VERSION.expected })
  @Field(() => String, { description: "The version's name." })
  version!: string;
}

@InputType({ description: 'Makes a ready version live.' })
export class PromoteModelVersionInput extends VersionChangeInput {}

@InputType({ description: 'Returns to the version that was live before.' })
export class RollbackModelInput extends ModelChangeInput {}

@InputType({ description: 'Loads a version, also one that failed before.' })
export class LoadModelVersionInput extends VersionChangeInput {}

@InputType({ description: 'Unloads a version that is not live.' })
export class UnloadModelVersionInput extends VersionChangeInput {}
