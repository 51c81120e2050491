import { Args, Authorized, Ctx, Extensions, Query, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../../context';
import { costOfList, costOfOne } from '../../prediction/cost';
import type { PredictionField } from '../../prediction/prediction-field';
import { SentimentArgs, SentimentListArgs } from './sentiment.input';
import { sentimentTask } from './sentiment.task';
import { SentimentAnalysis } from './sentiment.type';

@Resolver()
export class SentimentResolver {
  constructor(private readonly field: PredictionField) {}

  @Authorized<Scope>('predict:sentiment')
  @Extensions({ predicts: 'sentiment' })
  @Query(() => SentimentAnalysis, {
    complexity: costOfOne('sentiment'),
    nullable: true,
    description: 'Whether a text speaks well or ill of its subject.',
  })
  sentiment(@Args(() => SentimentArgs) args: SentimentArgs, @Ctx() context: RequestContext) {
    return this.field.one(sentimentTask, args, context);
  }

  @Authorized<Scope>('predict:sentiment')
  @Extensions({ predicts: 'sentiment' })
  @Query(() => [SentimentAnalysis], {
    nullable: 'itemsAndList',
    complexity: costOfList('sentiment'),
    description:
      'Lists of 1 to 100. An item whose value is out of range is null with its own error at its path, and its neighbours are answered; an item of the wrong type refuses the request.',
  })
  sentimentList(@Args(() => SentimentListArgs) args: SentimentListArgs, @Ctx() context: RequestContext) {
    return this.field.list(sentimentTask, args, context);
  }
}
