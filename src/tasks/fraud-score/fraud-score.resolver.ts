import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { RequestContext, Scope } from '../../context';
import { badUserInput } from '../../errors';
import { costOfList, costOfOne } from '../../prediction/cost';
import type { PredictionField } from '../../prediction/prediction-field';
import type { Predicted } from '../../prediction/predictor';
import { explainScore, MAX_REASONS } from './fraud-reasons';
import { FraudScoreArgs, FraudScoreListArgs } from './fraud-score.input';
import { fraudScoreTask, type FraudAssets, type FraudResult } from './fraud-score.task';
import { FraudAssessment, FraudReason } from './fraud-score.type';

@Resolver(() => FraudAssessment)
export class FraudScoreResolver {
  constructor(private readonly field: PredictionField) {}

  @Authorized<Scope>('predict:fraud-score')
  @Extensions({ predicts: 'fraud-score' })
  @Query(() => FraudAssessment, {
    complexity: costOfOne('fraud-score'),
    nullable: true,
    description: 'How likely a card transaction is to be fraudulent.',
  })
  fraudScore(@Args(() => FraudScoreArgs) args: FraudScoreArgs, @Ctx() context: RequestContext) {
    return this.field.one(fraudScoreTask, args, context);
  }

  @Authorized<Scope>('predict:fraud-score')
  @Extensions({ predicts: 'fraud-score' })
  @Query(() => [FraudAssessment], {
    nullable: 'itemsAndList',
    complexity: costOfList('fraud-score'),
    description:
      'Lists of 1 to 100. An item whose value is out of range is null with its own error at its path, and its neighbours are answered; an item of the wrong type refuses the request.',
  })
  fraudScoreList(@Args(() => FraudScoreListArgs) args: FraudScoreListArgs, @Ctx() context: RequestContext) {
    return this.field.list(fraudScoreTask, args, context);
  }

  @FieldResolver(() => [FraudReason], {
    // Without its reasons, should they fail, the assessment stands.
    nullable: true,
    complexity: costOfOne('fraud-score', MAX_REASONS),
    description:
      'What moved the score most, computed by the same version and only when asked for: by how much the probability changes when one input is replaced by its usual value. All replacements share one inference call.',
  })
  async reasons(
    @Root() assessment: Predicted<FraudResult, FraudAssets>,
    @Arg('first', () => Int, { defaultValue: 3, description: 'How many at most: 1 to 14, strongest first.' })
    first: number,
  ): Promise<FraudReason[]> {
    if (first < 1) throw badUserInput([{ path: 'first', message: 'Expected 1 or more.' }]);
    return (await explainScore(assessment)).slice(0, first);
  }
}
