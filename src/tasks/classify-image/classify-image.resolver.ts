import { Args, Authorized, Ctx, Extensions, Query, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../../context';
import { costOfList, costOfOne } from '../../prediction/cost';
import type { PredictionField } from '../../prediction/prediction-field';
import { ClassifyImageArgs, ClassifyImageListArgs } from './classify-image.input';
import type { ClassifyImageTask } from './classify-image.task';
import { ImageClassification } from './classify-image.type';

@Resolver()
export class ClassifyImageResolver {
  constructor(
    private readonly field: PredictionField,
    private readonly task: ClassifyImageTask,
  ) {}

  @Authorized<Scope>('predict:classify-image')
  @Extensions({ predicts: 'classify-image' })
  @Query(() => ImageClassification, {
    complexity: costOfOne('classify-image'),
    nullable: true,
    description: 'What an image shows, most likely first.',
  })
  classifyImage(@Args(() => ClassifyImageArgs) args: ClassifyImageArgs, @Ctx() context: RequestContext) {
    return this.field.one(this.task, args, context);
  }

  @Authorized<Scope>('predict:classify-image')
  @Extensions({ predicts: 'classify-image' })
  @Query(() => [ImageClassification], {
    nullable: 'itemsAndList',
    complexity: costOfList('classify-image'),
    description:
      'Lists of 1 to 100. An item whose value is out of range is null with its own error at its path, and its neighbours are answered; an item of the wrong type refuses the request.',
  })
  classifyImageList(@Args(() => ClassifyImageListArgs) args: ClassifyImageListArgs, @Ctx() context: RequestContext) {
    return this.field.list(this.task, args, context);
  }
}
