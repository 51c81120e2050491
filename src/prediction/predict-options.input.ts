import { IsOptional, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { Directive, Field, InputType, Int } from 'type-graphql';
import { VersionAliasEnum } from '../registry/model-enums.type';
import type { VersionAlias, VersionSelector } from '../registry/model';
import type { PredictSettings } from './predictor';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const NAME_EXPECTED = 'Expected letters, digits, dots and hyphens, at most 63.';

@Directive('@oneOf')
@InputType('VersionSelector', { description: 'A version by its number or by its role: exactly one of them.' })
export class VersionSelectorInput {
  @IsOptional()
  @Matches(NAME, { message: NAME_EXPECTED })
  @Field(() => String, { nullable: true, description: "The version's name, such as 2." })
  version?: string | null;

  @Field(() => VersionAliasEnum, { nullable: true, description: 'The role it has now.' })
  alias?: VersionAlias | null;
}

@InputType({ description: 'How a prediction is made.' })
export class PredictOptions {
  @IsOptional()
  @Matches(NAME, { message: NAME_EXPECTED })
  @Field(() => String, {
    nullable: true,
    description: "One of the models of this task, where there are several. Left out: the task's default model.",
  })
  model?: string | null;

  @IsOptional()
  @ValidateNested()
  @Field(() => VersionSelectorInput, {
    nullable: true,
    description:
      'Left out: the live version, or the canary for its share of requests. Naming one needs the scope models:read.',
  })
  version?: VersionSelectorInput | null;

  @IsOptional()
  @Min(1, { message: 'Expected 1 to 60000 milliseconds.' })
  @Max(60_000, { message: 'Expected 1 to 60000 milliseconds.' })
  @Field(() => Int, {
    nullable: true,
    description: 'Give up, and free the place in the queue, after so long: 1 to 60000 milliseconds. Left out: 10000.',
  })
  timeoutMs?: number | null;

  @IsOptional()
  @MaxLength(256, { message: 'Expected at most 256 characters.' })
  @Field(() => String, {
    nullable: true,
    description:
      'Requests with the same key meet the same version while a canary runs; without one it is drawn per request. At most 256 characters.',
  })
  stickyKey?: string | null;
}

/** What the predictor needs of the options; null and left out are the same. */
export function toSettings(options: PredictOptions | null | undefined): PredictSettings {
  return {
    model: options?.model ?? undefined,
    timeoutMs: options?.timeoutMs ?? undefined,
    version: toSelector(options?.version),
  };
}

function toSelector(selector: VersionSelectorInput | null | undefined): VersionSelector | undefined {
  if (selector?.version != null) return { version: selector.version };
  return selector?.alias != null ? { alias: selector.alias } : undefined;
}
