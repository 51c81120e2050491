import { AppError } from '../errors';
import { TASK_NAMES, type TaskName } from './manifest';
import type { Model } from './model';
import type { ModelVersion } from './model-version';

/** A version by name, as a command gives it. */
export interface VersionName {
  readonly model: string;
  readonly version: string;
}

/** All models by name, and which of them answers a task when none is named. */
export class Models {
  private readonly byName = new Map<string, Model>();

  /** Ordered by name. */
  get inOrder(): Model[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Model | undefined {
    return this.byName.get(name);
  }

  /** Throws MODEL_NOT_FOUND with what there is. */
  require(name: string): Model {
    const model = this.find(name);
    if (model) return model;
    throw new AppError('MODEL_NOT_FOUND', `There is no model of that name. ${listNames(this.inOrder)}`);
  }

  /** Throws MODEL_NOT_FOUND or VERSION_NOT_FOUND with what there is. */
  requireVersion({ model: name, version }: VersionName): { readonly model: Model; readonly version: ModelVersion } {
    const model = this.require(name);
    return { model, version: model.requireVersion(version) };
  }

  /** Throws MODEL_NOT_FOUND with what there is for the task. */
  requireFor(task: TaskName, name: string | undefined): Model {
    const model = name === undefined ? this.defaultOf(task) : this.find(name);
    if (model?.file.task === task) return model;
    throw new AppError('MODEL_NOT_FOUND', `No model of that name answers ${task}. ${listNames(this.of(task))}`);
  }

  /** The model that answers a task when none is named. */
  defaultOf(task: TaskName): Model | undefined {
    return this.of(task).find(({ isDefault }) => isDefault);
  }

  /** Versions that answer a task now, of all its models. */
  liveFor(task: TaskName): ModelVersion[] {
    const live: ModelVersion[] = [];
    for (const model of this.byName.values()) if (model.file.task === task && model.live) live.push(model.live);
    return live;
  }

  /** Also to be called when the file of a model has changed. */
  put(model: Model): void {
    this.byName.set(model.name, model);
    this.chooseDefaults();
  }

  remove(name: string): void {
    this.byName.delete(name);
    this.chooseDefaults();
  }

  /** The one marked as default, else the first by name. */
  private chooseDefaults(): void {
    for (const task of TASK_NAMES) {
      const models = this.of(task);
      const chosen = models.find(({ file }) => file.default) ?? models[0];
      for (const model of models) model.isDefault = model === chosen;
    }
  }

  private of(task: TaskName): Model[] {
    return this.inOrder.filter(({ file }) => file.task === task);
  }
}

function listNames(models: readonly Model[]): string {
  return models.length === 0 ? 'There is none.' : `There is ${models.map(({ name }) => `"${name}"`).join(', ')}.`;
}
