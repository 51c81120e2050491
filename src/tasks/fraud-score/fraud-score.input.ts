import {
  Max,
  Min,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ArgsType, Field, Float, InputType, Int } from 'type-graphql';
import { PredictOptions } from '../../prediction/predict-options.input';
import { LocalDateTime } from '../../scalars.type';
import type { LocalDateTime as LocalDateTimeValue } from '../../transforms/local-date-time';

/** Far above any real amount, and far below what a 32-bit float cannot hold. */
const MAX_AMOUNT = 1e12;
const SMALLEST_AMOUNT = Number.MIN_VALUE;
const AMOUNT_EXPECTED = 'Expected an amount over 0, at most 1000000000000.';
const AVERAGE_EXPECTED = 'Expected 0 to 1000000000000.';
const COUNT_EXPECTED = 'Expected 0 or more.';

/** A value that only means something where transactions were counted. */
@ValidatorConstraint({ name: 'zeroWithoutTransactions' })
class ZeroWithoutTransactions implements ValidatorConstraintInterface {
  validate(value: number, { object }: ValidationArguments): boolean {
    return (object as { transactions: number }).transactions !== 0 || value === 0;
  }
}
const ZERO_EXPECTED = { message: 'Expected 0, since there are no transactions.' };

/** A longer window holds what the shorter ones hold. */
@ValidatorConstraint({ name: 'holdsShorterWindow' })
class HoldsShorterWindow implements ValidatorConstraintInterface {
  validate(window: { transactions: number }, { object, constraints }: ValidationArguments): boolean {
    const shorter = (object as Record<string, { transactions: number }>)[constraints[0] as string];
    return window.transactions >= (shorter?.transactions ?? 0);
  }

  defaultMessage({ constraints }: ValidationArguments): string {
    return `Expected at least as many transactions as in ${constraints[0] as string}, which this window contains.`;
  }
}

@InputType({
  description:
    'What a card holder spent in a window that ends now. averageAmount is 0 where there are no transactions.',
})
export class SpendingInput {
  @Min(0, { message: COUNT_EXPECTED })
  @Field(() => Int, { description: 'How many; 0 or more.' })
  transactions!: number;

  @Min(0, { message: AVERAGE_EXPECTED })
  @Max(MAX_AMOUNT, { message: AVERAGE_EXPECTED })
  @Validate(ZeroWithoutTransactions, ZERO_EXPECTED)
  @Field(() => Float, { description: "Mean amount in the account's currency: 0 to 1000000000000." })
  averageAmount!: number;
}

@InputType({ description: 'What a terminal saw in a window.' })
export class TerminalRiskInput {
  @Min(0, { message: COUNT_EXPECTED })
  @Field(() => Int, { description: 'How many; 0 or more.' })
  transactions!: number;

  @Min(0, { message: 'Expected 0 to 1.' })
  @Max(1, { message: 'Expected 0 to 1.' })
  @Validate(ZeroWithoutTransactions, ZERO_EXPECTED)
  @Field(() => Float, { description: 'Share of them that were fraudulent: 0 to 1, and 0 where there are none.' })
  fraudShare!: number;
}

@InputType({ description: "The card holder's earlier transactions, this one not counted." })
export class CustomerHistoryInput {
  @ValidateNested()
  @Field(() => SpendingInput, { description: 'The last 24 hours.' })
  last1Day!: SpendingInput;

  @ValidateNested()
  @Validate(HoldsShorterWindow, ['last1Day'])
  @Field(() => SpendingInput, { description: 'The last 7 days: at least as many transactions as last1Day.' })
  last7Days!: SpendingInput;

  @ValidateNested()
  @Validate(HoldsShorterWindow, ['last7Days'])
  @Field(() => SpendingInput, { description: 'The last 30 days: at least as many transactions as last7Days.' })
  last30Days!: SpendingInput;
}

@InputType({ description: 'What is known of the terminal; fraud is known late, so these windows end 7 days ago.' })
export class TerminalHistoryInput {
  @ValidateNested()
  @Field(() => TerminalRiskInput, { description: '1 day, ending 7 days ago.' })
  last1Day!: TerminalRiskInput;

  @ValidateNested()
  @Validate(HoldsShorterWindow, ['last1Day'])
  @Field(() => TerminalRiskInput, {
    description: '7 days, ending 7 days ago: at least as many transactions as last1Day.',
  })
  last7Days!: TerminalRiskInput;

  @ValidateNested()
  @Validate(HoldsShorterWindow, ['last7Days'])
  @Field(() => TerminalRiskInput, {
    description: '30 days, ending 7 days ago: at least as many transactions as last7Days.',
  })
  last30Days!: TerminalRiskInput;
}

@InputType({ description: 'A card transaction to be judged.' })
export class FraudScoreInput {
  @Min(SMALLEST_AMOUNT, { message: AMOUNT_EXPECTED })
  @Max(MAX_AMOUNT, { message: AMOUNT_EXPECTED })
  @Field(() => Float, { description: "In the account's currency: over 0, at most 1000000000000." })
  amount!: number;

  @Field(() => LocalDateTime, {
    description: 'Clock time where the card was used: hour and weekday matter.',
  })
  occurredAt!: LocalDateTimeValue;

  @ValidateNested()
  @Field(() => CustomerHistoryInput, { description: "The card holder's earlier transactions, this one not counted." })
  customer!: CustomerHistoryInput;

  @ValidateNested()
  @Field(() => TerminalHistoryInput, {
    description: 'What is known of the terminal; fraud is known late, so these windows end 7 days ago.',
  })
  terminal!: TerminalHistoryInput;
}

@ArgsType()
export class FraudScoreArgs {
  @Field(() => FraudScoreInput, { description: 'The transaction.' })
  input!: FraudScoreInput;

  @Field(() => PredictOptions, { nullable: true, description: 'How the prediction is made.' })
  options?: PredictOptions | null;
}

@ArgsType()
export class FraudScoreListArgs {
  @Field(() => [FraudScoreInput], { description: '1 to 100 transactions.' })
  inputs!: FraudScoreInput[];

  @Field(() => PredictOptions, { nullable: true, description: 'How each prediction is made.' })
  options?: PredictOptions | null;
}
