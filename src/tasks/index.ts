import type { PredictionField } from '../prediction/prediction-field';
import type { AnyTask } from '../prediction/task';
import { ClassifyImageResolver } from './classify-image/classify-image.resolver';
import { createClassifyImageTask, type ClassifyImageOptions } from './classify-image/classify-image.task';
import { FraudScoreResolver } from './fraud-score/fraud-score.resolver';
import { fraudScoreTask } from './fraud-score/fraud-score.task';
import { SentimentResolver } from './sentiment/sentiment.resolver';
import { sentimentTask } from './sentiment/sentiment.task';

/** All tasks: a new one is a folder beside these and a line in each list. */
export const RESOLVER_CLASSES = [ClassifyImageResolver, SentimentResolver, FraudScoreResolver];

export interface Tasks {
  readonly list: readonly AnyTask[];
  /** The one whose inputs are by far the largest. */
  readonly largeInputs: AnyTask;
  /** The resolvers, in the order of RESOLVER_CLASSES. */
  createResolvers(field: PredictionField): object[];
}

export function createTasks(options: ClassifyImageOptions): Tasks {
  const classifyImageTask = createClassifyImageTask(options);
  return {
    largeInputs: classifyImageTask,
    list: [classifyImageTask, sentimentTask, fraudScoreTask],
    createResolvers: (field) => [
      new ClassifyImageResolver(field, classifyImageTask),
      new SentimentResolver(field),
      new FraudScoreResolver(field),
    ],
  };
}
