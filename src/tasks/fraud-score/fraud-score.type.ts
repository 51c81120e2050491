import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { PredictionInterface } from '../../prediction/prediction.type';

export enum RiskLevel {
  LOW = 'LOW',
  MEDIUM = 'MEDIUM',
  HIGH = 'HIGH',
}
registerEnumType(RiskLevel, {
  name: 'RiskLevel',
  description: 'How worrying a transaction is, by the limits of the version that answered.',
  valuesConfig: {
    LOW: { description: 'Below the limit for MEDIUM.' },
    MEDIUM: { description: 'Worth a look, not flagged.' },
    HIGH: { description: 'Flagged: the probability reaches the threshold.' },
  },
});

@ObjectType({ description: 'What one input did to a score.', simpleResolvers: true })
export class FraudReason {
  @Field(() => String, { description: 'Path in the input, such as terminal.last7Days.fraudShare.' })
  input!: string;

  @Field(() => Float, { nullable: true, description: 'What was sent. Null where the input is no number.' })
  value!: number | null;

  @Field(() => Float, { nullable: true, description: 'What is usual. Null where the input is no number.' })
  usual!: number | null;

  @Field(() => Float, {
    description:
      'Given probability minus probability with the usual value: -1 to 1, above 0 where it raised the score.',
  })
  effect!: number;
}

@ObjectType({
  description: 'How likely a card transaction is to be fraudulent.',
  implements: PredictionInterface,
  simpleResolvers: true,
})
export class FraudAssessment extends PredictionInterface {
  @Field(() => Float, { description: '0 to 1.' })
  probability!: number;

  @Field(() => RiskLevel, { description: 'HIGH exactly when flagged.' })
  riskLevel!: RiskLevel;

  @Field(() => Boolean, { description: "Whether probability reaches the version's threshold." })
  flagged!: boolean;

  @Field(() => Float, { description: 'The probability from which the version flags: 0 to 1.' })
  threshold!: number;
}
