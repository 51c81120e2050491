import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PredictionInterface } from '../../prediction/prediction.type';

export enum SentimentLabel {
  NEGATIVE = 'NEGATIVE',
  POSITIVE = 'POSITIVE',
}
registerEnumType(SentimentLabel, {
  name: 'SentimentLabel',
  description: 'Whether a text speaks well or ill of its subject.',
  valuesConfig: {
    NEGATIVE: { description: 'It speaks ill of it.' },
    POSITIVE: { description: 'It speaks well of it.' },
  },
});

@ObjectType({
  description: 'Whether a text speaks well or ill of its subject.',
  implements: PredictionInterface,
  simpleResolvers: true,
})
export class SentimentAnalysis extends PredictionInterface {
  @Field(() => SentimentLabel, { description: 'The likelier of the two.' })
  label!: SentimentLabel;

  @Field(() => Float, { description: 'Probability of the label: 0.5 to 1.' })
  confidence!: number;

  @Field(() => Float, { description: '-1 (negative) to 1 (positive).' })
  score!: number;

  @Field(() => Int, { description: 'Tokens that the model read, the two that mark beginning and end included.' })
  tokens!: number;

  @Field(() => Boolean, { description: 'The model read only the beginning of the text.' })
  truncated!: boolean;
}
