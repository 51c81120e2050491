import { Arg, Authorized, Query, Resolver } from 'type-graphql';
import type { Scope } from '../context';
import type { TaskName } from './manifest';
import { TaskEnum } from './model-enums.type';
import { ModelType } from './model.type';
import type { Registry } from './registry';

@Resolver()
export class ModelResolver {
  constructor(private readonly registry: Registry) {}

  @Authorized<Scope>('models:read')
  @Query(() => [ModelType], { nullable: true, description: 'All models, or those that answer a task, by name.' })
  models(
    @Arg('task', () => TaskEnum, { nullable: true, description: 'Left out: the models of all tasks.' })
    task?: TaskName | null,
  ): ModelType[] {
    return this.registry.models.filter(({ file }) => !task || file.task === task).map((model) => new ModelType(model));
  }

  @Authorized<Scope>('models:read')
  @Query(() => ModelType, { nullable: true, description: 'A model by its name; null where there is none.' })
  model(@Arg('name', () => String, { description: 'Such as sentiment-analyzer.' }) name: string): ModelType | null {
    const model = this.registry.findModel(name);
    return model ? new ModelType(model) : null;
  }
}
