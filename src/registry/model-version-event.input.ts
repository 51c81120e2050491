import { IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { ArgsType, Field, Int } from 'type-graphql';
import type { EventKind } from '../events/model-version-event';
import { ModelVersionEventKindEnum } from './model-version-event.type';

/** Events of one page, at most. */
export const MAX_PAGE = 1_000;
const PAGE_EXPECTED = { message: `Expected 1 to ${MAX_PAGE}.` };
const NAME_EXPECTED = { message: 'Expected small letters, digits and hyphens, at most 63.' };
const CURSOR_EXPECTED = { message: 'Expected a cursor that this server gave.' };

@ArgsType()
export class ModelVersionChangedArgs {
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, NAME_EXPECTED)
  @Field(() => String, { nullable: true, description: 'Only events of this model. Left out: of all.' })
  model?: string | null;

  @Field(() => [ModelVersionEventKindEnum], {
    nullable: true,
    description: 'Only events of these kinds. Left out: all.',
  })
  kinds?: EventKind[] | null;

  @IsOptional()
  @MaxLength(512, CURSOR_EXPECTED)
  @Field(() => String, { nullable: true, description: 'Only events after the one with this cursor.' })
  after?: string | null;
}

@ArgsType()
export class ModelVersionEventsArgs extends ModelVersionChangedArgs {
  @IsOptional()
  @Min(1, PAGE_EXPECTED)
  @Max(MAX_PAGE, PAGE_EXPECTED)
  @Field(() => Int, {
    nullable: true,
    description: `The oldest so many: 1 to ${MAX_PAGE}. Left out, without last: 100.`,
  })
  first?: number | null;

  @IsOptional()
  @Min(1, PAGE_EXPECTED)
  @Max(MAX_PAGE, PAGE_EXPECTED)
  @Field(() => Int, { nullable: true, description: `The newest so many: 1 to ${MAX_PAGE}; not together with first.` })
  last?: number | null;

  @IsOptional()
  @MaxLength(512, CURSOR_EXPECTED)
  @Field(() => String, { nullable: true, description: 'Only events before the one with this cursor.' })
  before?: string | null;
}
