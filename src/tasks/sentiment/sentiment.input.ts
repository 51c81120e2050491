import { Matches, MaxLength } from 'class-validator';
import { ArgsType, Field, InputType } from 'type-graphql';
import { PredictOptions } from '../../prediction/predict-options.input';

export const MAX_TEXT_CHARACTERS = 10_000;

@InputType({ description: 'A text to be judged.' })
export class SentimentInput {
  @MaxLength(MAX_TEXT_CHARACTERS, { message: `Expected at most ${MAX_TEXT_CHARACTERS} characters.` })
  // White space, control and format characters alone say nothing.
  @Matches(/[^\s\p{C}]/u, { message: 'Expected a text that is not blank.' })
  @Matches(/^\P{Surrogate}*$/u, { message: 'Expected well-formed Unicode; there is half of a surrogate pair.' })
  @Field(() => String, {
    description: `1 to ${MAX_TEXT_CHARACTERS} characters, not blank. English is what the shipped model reads.`,
  })
  text!: string;
}

@ArgsType()
export class SentimentArgs {
  @Field(() => SentimentInput, { description: 'The text.' })
  input!: SentimentInput;

  @Field(() => PredictOptions, { nullable: true, description: 'How the prediction is made.' })
  options?: PredictOptions | null;
}

@ArgsType()
export class SentimentListArgs {
  @Field(() => [SentimentInput], { description: '1 to 100 texts.' })
  inputs!: SentimentInput[];

  @Field(() => PredictOptions, { nullable: true, description: 'How each prediction is made.' })
  options?: PredictOptions | null;
}
