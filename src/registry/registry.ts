import { AppError, toError } from '../errors';
import type { Engine } from '../engines/engine';
import type { Logger } from '../observability/logger';
import type { Tensors } from '../tensor';
import { TASK_NAMES, type TaskName } from './manifest';
import { Model, type Selection, type VersionSelector } from './model';
import type { ModelStore, StoredVersion } from './model-store';
import { ModelVersion, type GoldenReport } from './model-version';
import { checkSignature } from './signature';

/**
 * What the registry needs of tasks, which stand above it: `app.ts` hands in the implementation.
 */
export interface VersionPreparation {
  /** What the version's task made of its files. */
  readonly assets: unknown;
  /** What the version can answer with, where it has labels. */
  readonly labels: readonly string[] | undefined;
  /** One batch made of the golden examples. */
  readonly warmUp: Tensors;
  /** Runs the golden examples on the loaded version. Throws an Error that names the example and both values. */
  checkGolden(): Promise<GoldenReport>;
}
export type PrepareVersion = (stored: StoredVersion, key: string) => Promise<VersionPreparation>;

export interface RegistryOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly prepare: PrepareVersion;
  readonly log: Logger;
}

export interface SelectOptions {
  readonly task: TaskName;
  readonly model?: string | undefined;
  readonly version?: VersionSelector | undefined;
}

/** All models and the phases of their versions: which version answers is decided here. */
export class Registry {
  private readonly modelsByName = new Map<string, Model>();

  constructor(private readonly options: RegistryOptions) {}

  /** Finds what the store has and loads each model's newest versions; the highest that becomes ready is live. */
  async start(): Promise<void> {
    for (const { file, versions } of await this.options.store.list()) {
      const model = new Model(file);
      for (const version of versions) model.versions.set(version, new ModelVersion(file.name, version));
      this.modelsByName.set(file.name, model);
    }
    for (const task of TASK_NAMES) chooseDefault(this.modelsOf(task));
    await Promise.all(this.models.map((model) => this.startModel(model)));
  }

  get models(): Model[] {
    return [...this.modelsByName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  findModel(name: string): Model | undefined {
    return this.modelsByName.get(name);
  }

  /** The model that answers a task when none is named. */
  defaultModel(task: TaskName): Model | undefined {
    return this.modelsOf(task).find(({ isDefault }) => isDefault);
  }

  /** The version that answers a request, leased. Throws MODEL_NOT_FOUND, VERSION_NOT_FOUND or MODEL_NOT_READY. */
  select({ task, model: name, version }: SelectOptions): Selection {
    const model = name === undefined ? this.defaultModel(task) : this.findModel(name);
    if (model?.file.task === task) return model.select(version);
    const names = this.modelsOf(task).map((each) => `"${each.name}"`);
    const found = names.length === 0 ? 'There is none.' : `There is ${names.join(', ')}.`;
    throw new AppError('MODEL_NOT_FOUND', `No model of that name answers ${task}. ${found}`);
  }

  /** What keeps tasks from being answered now, one sentence each; empty when all is well. */
  get obstacles(): string[] {
    if (this.modelsByName.size === 0) return ['There are no models.'];
    return [...new Set(this.models.map(({ file }) => file.task))].flatMap((task) => {
      const model = this.defaultModel(task);
      if (!model?.live) return [`${task}: model "${model?.name ?? '?'}" has no live version.`];
      if (!this.options.engine.canServe(model.live.key)) return [`${task}: no engine process can run it now.`];
      return [];
    });
  }

  /** Takes a version through all gates until it is ready or failed; never throws. */
  async load(version: ModelVersion): Promise<void> {
    const { engine, store, log } = this.options;
    const fields = { model: version.modelName, version: version.version };
    try {
      version.move({ phase: 'verifying' });
      const stored = await store.open(version.modelName, version.version);
      version.manifest = stored.manifest;
      const preparation = await this.options.prepare(stored, version.key);
      version.labels = preparation.labels;
      version.move({ phase: 'loading' });
      checkSignature(stored.manifest, await engine.load(version.key, stored.modelPath));
      version.move({ phase: 'warming' });
      await engine.warm(version.key, preparation.warmUp);
      const golden = await preparation.checkGolden();
      const { manifest } = stored;
      version.move({
        phase: 'ready',
        servable: { manifest, assets: preparation.assets, loadedAt: new Date(), golden },
      });
      log.info(fields, 'ready');
    } catch (thrown) {
      log.error({ ...fields, during: version.phase, error: toError(thrown) }, 'version failed');
      version.fail(thrown);
      await engine.unload(version.key);
    }
  }

  private modelsOf(task: TaskName): Model[] {
    return this.models.filter(({ file }) => file.task === task);
  }

  private async startModel(model: Model): Promise<void> {
    for (const version of model.newestFirst.slice(0, model.file.keepLoaded)) {
      await this.load(version);
      if (!model.live && version.phase === 'ready') model.live = version;
    }
  }
}

/** The one marked as default, else the first by name. */
function chooseDefault(models: readonly Model[]): void {
  const chosen = models.find(({ file }) => file.default) ?? models[0];
  if (chosen) chosen.isDefault = true;
}
