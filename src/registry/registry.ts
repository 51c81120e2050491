import type { Engine } from '../engines/engine';
import { AppError, toError } from '../errors';
import type { EventFeed } from '../events/event-feed';
import type { Logger } from '../observability/logger';
import { FoundVersions } from './found-versions';
import { LivePointer, type PointerChange } from './live-pointer';
import { LoadedVersions } from './loaded-versions';
import { TASK_NAMES, type TaskName } from './manifest';
import type { Model, Selection, VersionSelector } from './model';
import type { ModelStore } from './model-store';
import { describePhase, type ModelVersion } from './model-version';
import { Models, type VersionName } from './models';
import { startModels } from './start-models';
import { StoreObserver } from './store-observer';
import { VersionLoader, type Cause, type PrepareVersion } from './version-loader';

export interface RegistryOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly prepare: PrepareVersion;
  readonly feed: EventFeed;
  readonly log: Logger;
  /** Those without which the server is not ready. Default: all. */
  readonly requiredTasks?: readonly TaskName[] | undefined;
  /** Milliseconds for which a folder must not have changed before what is wrong with it counts. Default 5,000. */
  readonly stillMs?: number | undefined;
}

export interface SelectOptions {
  readonly task: TaskName;
  readonly model?: string | undefined;
  readonly version?: VersionSelector | undefined;
}

/**
 * All models and the phases of their versions: which version answers is decided here, and what a person asks for is
 * done or refused. What comes from the store is the matter of `FoundVersions`, what stays in memory of `LoadedVersions`.
 */
export class Registry {
  private readonly catalog = new Models();
  private readonly loader: VersionLoader;
  private readonly live: LivePointer;
  private readonly loaded: LoadedVersions;
  private readonly found: FoundVersions;
  private readonly observer: StoreObserver;

  constructor(private readonly options: RegistryOptions) {
    const { store, feed, log, stillMs } = options;
    this.loader = new VersionLoader({ ...options, taskOf: (name) => this.requireModel(name).file.task });
    this.live = new LivePointer({ feed, log });
    this.loaded = new LoadedVersions({ loader: this.loader, live: this.live, log });
    this.found = new FoundVersions({ models: this.catalog, loaded: this.loaded, feed, log });
    this.observer = new StoreObserver({ store, listener: this.found, log, stillMs });
  }

  /** Finds what the store has, loads what was live and what is newest, and from then on follows the store. */
  async start(): Promise<void> {
    this.found.recall();
    // Left over from before; if they cannot be removed they only take room.
    await this.options.store.keepOnly(new Set()).catch((error: unknown) => {
      this.options.log.warn({ error: toError(error) }, 'old graphs not removed');
    });
    await this.requireStore();
    await this.observer.start();
    this.found.endListing();
    await startModels(this.models, {
      load: (version, cause) => this.loaded.load(this.requireModel(version.modelName), version, cause),
      setLive: (model, version) => {
        model.live = version;
      },
      promote: (model, version, reason) => this.live.promote(model, version, { reason, byPerson: false }),
      rollBack: (model, version, reason) => this.live.rollBack(model, version, { reason }),
    });
    this.found.follow();
    for (const model of this.models) this.loaded.promoteNewest(model);
  }

  /** Later the store may come and go, but a server that begins without one was told the wrong folder. */
  private async requireStore(): Promise<void> {
    try {
      await this.options.store.list();
    } catch (thrown) {
      const cause = toError(thrown);
      throw new Error(`The models cannot be read. Set PREDICTQL_MODELS_DIR to their folder. (${cause.message})`, {
        cause: thrown,
      });
    }
  }

  async stop(): Promise<void> {
    this.loader.stop();
    await this.observer.stop();
  }

  /** Looks at the store now, without waiting for a notice. */
  rescan(): Promise<void> {
    return this.observer.scan();
  }

  /** Ordered by name. */
  get models(): Model[] {
    return this.catalog.inOrder;
  }

  /** Versions that answer a task now, of all its models. */
  liveFor(task: TaskName): ModelVersion[] {
    return this.catalog.liveFor(task);
  }

  findModel(name: string): Model | undefined {
    return this.catalog.find(name);
  }

  /** Throws MODEL_NOT_FOUND with what there is. */
  requireModel(name: string): Model {
    return this.catalog.require(name);
  }

  /** The version that answers a request, leased. Throws MODEL_NOT_FOUND, VERSION_NOT_FOUND or MODEL_NOT_READY. */
  select({ task, model, version }: SelectOptions): Selection {
    if (this.found.isListing)
      throw new AppError('MODEL_NOT_READY', 'The server is starting and looks for its models. Try again in a moment.');
    return this.catalog.requireFor(task, model).select(version);
  }

  /** What keeps tasks from being answered now, one sentence each; empty when all is well. */
  get obstacles(): string[] {
    return (this.options.requiredTasks ?? TASK_NAMES).flatMap((task) => {
      const model = this.catalog.defaultOf(task);
      if (!model) return [`${task}: there is no model for it.`];
      if (!model.live) return [`${task}: its model has no live version.`];
      if (!this.options.engine.canServe(model.live.key)) return [`${task}: no engine process can run it now.`];
      return [];
    });
  }

  /** Makes a ready version live. Throws CONFLICT where its phase does not allow it. */
  promote(name: VersionName, cause: Cause): PointerChange {
    const { model, version } = this.catalog.requireVersion(name);
    if (version === model.live) throw conflict(version, 'is live already.');
    if (version.phase !== 'ready') throw conflict(version, `cannot be promoted: it ${describePhase(version.state)}`);
    return this.live.promote(model, version, { ...cause, byPerson: true });
  }

  /** Returns to the version that was live before. Throws CONFLICT where there is none that is ready. */
  rollBack(name: string, cause: Cause): PointerChange {
    const model = this.requireModel(name);
    const { previous } = model;
    if (!previous)
      throw new AppError('CONFLICT', `Model "${name}" has no earlier version to roll back to. Promote one instead.`);
    if (previous.phase !== 'ready') throw conflict(previous, `would be next, but it ${describePhase(previous.state)}`);
    return this.live.rollBack(model, previous, cause);
  }

  /** Starts loading a version, also one that failed before; a load that is under way begins anew. */
  load(name: VersionName, cause: Cause): ModelVersion {
    const { model, version } = this.catalog.requireVersion(name);
    if (!version.canMove('verifying')) throw conflict(version, describePhase(version.state));
    if (!version.isStored) throw conflict(version, 'is not in the store any more.');
    this.loaded.startLoad(model, version, { ...cause, mustBeWritten: true });
    return version;
  }

  /** Starts unloading a version that is ready. Throws CONFLICT for the live one. */
  unload(name: VersionName, cause: Cause): ModelVersion {
    const { model, version } = this.catalog.requireVersion(name);
    if (version === model.live) throw conflict(version, 'is live. Promote another version first.');
    if (version.phase !== 'ready') throw conflict(version, describePhase(version.state));
    this.loaded.startUnload(model, version, { ...cause, mustBeWritten: true });
    return version;
  }
}

function conflict({ modelName, version }: ModelVersion, why: string): AppError {
  return new AppError('CONFLICT', `Version ${version} of "${modelName}" ${why}`);
}
