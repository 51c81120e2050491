import type { Engine } from '../engines/engine';
import { AppError, toError } from '../errors';
import type { EventFeed } from '../events/event-feed';
import type { LoggedEvent } from '../events/model-version-event';
import type { Logger } from '../observability/logger';
import { TASK_NAMES, type ModelFile, type TaskName } from './manifest';
import { Model, type Selection, type VersionSelector } from './model';
import type { ModelStore, StoredVersion } from './model-store';
import { describePhase, ModelVersion } from './model-version';
import { mayGoLive, NO_POINTERS, promote, rollBack, setKnown, setUnloaded, type Pointers } from './pointers';
import { startModels } from './start-models';
import { StoreObserver, type StoreListener } from './store-observer';
import type { VersionError } from './version-error';
import { VersionLoader, type Cause, type Change, type PrepareVersion } from './version-loader';

export interface RegistryOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly prepare: PrepareVersion;
  readonly feed: EventFeed;
  readonly log: Logger;
  /** Milliseconds for which a folder must not have changed before what is wrong with it counts. Default 5,000. */
  readonly stillMs?: number | undefined;
}

export interface SelectOptions {
  readonly task: TaskName;
  readonly model?: string | undefined;
  readonly version?: VersionSelector | undefined;
}

/** A version by name, as a command gives it. */
export interface VersionName {
  readonly model: string;
  readonly version: string;
}

/** What a change of the live version led to. */
export interface PointerChange {
  readonly model: Model;
  readonly event: LoggedEvent;
}

/**
 * All models and the phases of their versions: which version answers is decided here.
 *
 * Promotion is a pointer swap in one turn of the event loop: the change and its event are written in one transaction,
 * then the pointer moves, then the event is published. A request that holds a lease keeps the version it was given.
 */
export class Registry implements StoreListener {
  private readonly modelsByName = new Map<string, Model>();
  private readonly loader: VersionLoader;
  private readonly observer: StoreObserver;
  /** What was written of each model before the last stop. */
  private remembered: ReadonlyMap<string, unknown> = new Map();
  /** While the server starts, what is found first is loaded in the order of `startModels`, and what comes later waits. */
  private stage: 'listing' | 'starting' | 'running' = 'listing';
  private readonly waitingForStart = new Set<ModelVersion>();

  constructor(private readonly options: RegistryOptions) {
    this.loader = new VersionLoader({ ...options, taskOf: (name) => this.requireModel(name).file.task });
    const { store, log, stillMs } = options;
    this.observer = new StoreObserver({ store, listener: this, log, stillMs });
  }

  /** Finds what the store has, loads what was live and what is newest, and from then on follows the store. */
  async start(): Promise<void> {
    this.remembered = this.options.feed.log.readStates();
    // Left over from before; if they cannot be removed they only take room.
    await this.options.store.keepOnly(new Set()).catch((error: unknown) => {
      this.options.log.warn({ error: toError(error) }, 'old graphs not removed');
    });
    await this.requireStore();
    await this.observer.start();
    for (const model of this.models) this.tellOfMissing(model);
    this.stage = 'starting';
    await startModels(this.models, {
      load: (version, cause) => this.beginLoad(this.requireModel(version.modelName), version, cause),
      setLive: (model, version) => {
        model.live = version;
      },
      promote: (model, version, reason) => this.point(model, version, { kind: 'promoted', cause: { reason } }),
      rollBack: (model, version, reason) => this.point(model, version, { kind: 'rolled_back', cause: { reason } }),
    });
    this.stage = 'running';
    for (const version of this.waitingForStart) this.loadFound(version);
    this.waitingForStart.clear();
    for (const model of this.models) this.promoteNewest(model);
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
    if (this.stage === 'listing')
      throw new AppError('MODEL_NOT_READY', 'The server is starting and looks for its models. Try again in a moment.');
    throw new AppError('MODEL_NOT_FOUND', `No model of that name answers ${task}. ${listModels(this.modelsOf(task))}`);
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

  /** Makes a ready version live. Throws CONFLICT where its phase does not allow it. */
  promote(name: VersionName, cause: Cause): PointerChange {
    const { model, version } = this.require(name);
    if (version === model.live) throw conflict(version, 'is live already.');
    if (version.phase !== 'ready') throw conflict(version, `cannot be promoted: it ${describePhase(version.state)}`);
    return this.point(model, version, { kind: 'promoted', cause, byPerson: true });
  }

  /** Returns to the version that was live before. Throws CONFLICT where there is none that is ready. */
  rollBack(name: string, cause: Cause): PointerChange {
    const model = this.requireModel(name);
    const { previous } = model;
    if (!previous)
      throw new AppError('CONFLICT', `Model "${name}" has no earlier version to roll back to. Promote one instead.`);
    if (previous.phase !== 'ready') throw conflict(previous, `would be next, but it ${describePhase(previous.state)}`);
    return this.point(model, previous, { kind: 'rolled_back', cause });
  }

  /** Starts loading a version, also one that failed before; a load that is under way begins anew. */
  load(name: VersionName, cause: Cause): ModelVersion {
    const { model, version } = this.require(name);
    if (!version.canMove('verifying')) throw conflict(version, describePhase(version.state));
    if (!version.isStored) throw conflict(version, 'is not in the store any more.');
    this.startLoad(model, version, { ...cause, mustBeWritten: true });
    return version;
  }

  /** Starts unloading a version that is ready. Throws CONFLICT for the live one. */
  unload(name: VersionName, cause: Cause): ModelVersion {
    const { model, version } = this.require(name);
    if (version === model.live) throw conflict(version, 'is live. Promote another version first.');
    if (version.phase !== 'ready') throw conflict(version, describePhase(version.state));
    const pointers = setUnloaded(model.pointers, version.version, true);
    this.startUnload(model, version, { ...cause, pointers, mustBeWritten: true });
    return version;
  }

  onModel(file: ModelFile): void {
    let model = this.modelsByName.get(file.name);
    if (!model) {
      model = new Model(file);
      model.pointers = { ...NO_POINTERS, ...(this.remembered.get(file.name) as Partial<Pointers> | undefined) };
      this.modelsByName.set(file.name, model);
    }
    // What is loaded was made for the task it has: another one waits for the next start.
    const { task } = model.file;
    if (task !== file.task)
      this.options.log.error({ model: file.name, task }, 'change of task refused until a restart');
    model.file = { ...file, task };
    this.chooseDefaults();
  }

  onVersion(modelName: string, name: string, stored: StoredVersion): void {
    const { version, isNew } = this.found(modelName, name);
    if (!isNew && version.isLoaded) {
      this.refuseChange(version, stored);
      return;
    }
    version.manifest = stored.manifest;
    this.loadFound(version);
  }

  onBrokenVersion(modelName: string, name: string, error: VersionError): void {
    const { version, isNew } = this.found(modelName, name);
    if (!isNew && version.isLoaded)
      this.tellOfRefusal(version, `Its files are broken, and it serves on as it was: ${error.message}`);
    // Its load says what is wrong with it, with the events that belong to that.
    else this.loadFound(version);
  }

  onVersionGone(modelName: string, name: string): void {
    const model = this.modelsByName.get(modelName);
    const version = model?.versions.get(name);
    if (!model || !version) return;
    const reason = version.isLoaded ? 'Its folder is gone. It serves on from memory until it is unloaded.' : undefined;
    this.waitingForStart.delete(version);
    if (version.isLoading) this.loader.cancel(version);
    this.setKnown(model, name, { kind: 'removed', reason }, () => {
      version.isStored = false;
      if (!version.isLoaded) this.forget(model, version);
    });
  }

  onModelGone(name: string): void {
    const model = this.modelsByName.get(name);
    if (!model) return;
    if (model.versions.size === 0) this.modelsByName.delete(name);
    this.chooseDefaults();
  }

  /** The version of that name, made and told of if it is not known yet. */
  private found(modelName: string, name: string): { readonly version: ModelVersion; readonly isNew: boolean } {
    const model = this.requireModel(modelName);
    const known = model.versions.get(name);
    if (known?.isStored) return { version: known, isNew: false };
    const version = known ?? new ModelVersion(modelName, name);
    const apply = (): void => {
      version.isStored = true;
      model.versions.set(name, version);
    };
    // After a restart most versions are old acquaintances.
    if (model.pointers.known.includes(name)) apply();
    else this.setKnown(model, name, { kind: 'discovered' }, apply);
    return { version, isNew: known === undefined };
  }

  /** Versions that went while no server was running. */
  private tellOfMissing(model: Model): void {
    for (const name of model.pointers.known)
      if (!model.versions.has(name)) this.setKnown(model, name, { kind: 'removed' }, () => undefined);
  }

  private setKnown(
    model: Model,
    version: string,
    { kind, reason }: { readonly kind: 'discovered' | 'removed'; readonly reason?: string | undefined },
    apply: () => void,
  ): void {
    const pointers = setKnown(model.pointers, version, kind === 'discovered');
    this.options.feed.commitInAnyCase([{ kind, modelName: model.name, version, reason }], {
      states: new Map([[model.name, pointers]]),
      apply: () => {
        model.pointers = pointers;
        apply();
      },
    });
  }

  /** A version that the store has anew or with other files: it is loaded unless a person unloaded it. */
  private loadFound(version: ModelVersion): void {
    const model = this.requireModel(version.modelName);
    if (this.stage === 'starting') this.waitingForStart.add(version);
    if (this.stage !== 'running') return;
    if (model.pointers.unloaded.includes(version.version) || !version.canMove('verifying')) return;
    this.startLoad(model, version, {});
  }

  private startLoad(model: Model, version: ModelVersion, change: Change): void {
    void this.beginLoad(model, version, change).then((isReady) => {
      if (isReady) this.onReady(model, version);
    });
  }

  /** Whoever loads a version wants it loaded: that a person unloaded it once is over. */
  private beginLoad(model: Model, version: ModelVersion, change?: Change): Promise<boolean> {
    const pointers = setUnloaded(model.pointers, version.version, false);
    const done = this.loader.load(version, { ...change, states: new Map([[model.name, pointers]]) });
    model.pointers = pointers;
    return done;
  }

  private startUnload(
    model: Model,
    version: ModelVersion,
    { pointers, ...change }: Change & { readonly pointers: Pointers },
  ): void {
    const done = this.loader.unload(version, { ...change, states: new Map([[model.name, pointers]]) });
    model.pointers = pointers;
    void done.then(() => {
      if (!version.isStored) this.forget(model, version);
    });
  }

  private onReady(model: Model, version: ModelVersion): void {
    if (model.pointers.live === version.version) model.live ??= version;
    this.promoteNewest(model);
    this.unloadSurplus(model, version);
  }

  /** Lets the newest ready version go live by itself, where nothing was live before or the model's policy says so. */
  private promoteNewest(model: Model): void {
    const newest = model.newestFirst.find(({ phase }) => phase === 'ready');
    if (!newest || newest === model.live || !mayGoLive(model.pointers, newest.version)) return;
    const isFirst = model.pointers.live === undefined;
    if (!isFirst && model.file.promotion === 'manual') return;
    const reason = isFirst ? 'The first version that became ready.' : 'Newer, and the model promotes automatically.';
    try {
      this.point(model, newest, { kind: 'promoted', cause: { reason } });
    } catch (thrown) {
      this.options.log.error({ model: model.name, version: newest.version, error: toError(thrown) }, 'not promoted');
    }
  }

  /** Keeps `keepLoaded` versions ready; live, previous and the newcomer always. */
  private unloadSurplus(model: Model, newcomer: ModelVersion): void {
    const ready = model.newestFirst.filter(({ phase }) => phase === 'ready');
    const spared = new Set([model.live, model.previous, newcomer]);
    const surplus = ready.filter((version) => !spared.has(version)).reverse();
    for (const version of surplus.slice(0, Math.max(0, ready.length - model.file.keepLoaded)))
      this.startUnload(model, version, { reason: SURPLUS, pointers: model.pointers });
  }

  private point(
    model: Model,
    version: ModelVersion,
    { kind, cause, byPerson = false }: { kind: 'promoted' | 'rolled_back'; cause: Cause; byPerson?: boolean },
  ): PointerChange {
    const pointers =
      kind === 'promoted'
        ? promote(model.pointers, version.version, { byPerson })
        : rollBack(model.pointers, version.version);
    const event = {
      kind,
      modelName: model.name,
      version: version.version,
      previousVersion: model.pointers.live,
      ...cause,
    };
    const logged = this.options.feed.commit([event], {
      states: new Map([[model.name, pointers]]),
      apply: () => {
        model.pointers = pointers;
        model.live = version;
      },
    });
    this.options.log.info({ model: model.name, version: version.version, ...cause }, kind);
    return { model, event: logged.at(-1) as LoggedEvent };
  }

  /** Versions are immutable: other bytes under a loaded number would make `servedBy` lie. */
  private refuseChange(version: ModelVersion, stored: StoredVersion): void {
    // The manifest holds the checksums of all the others.
    if (JSON.stringify(stored.manifest) === JSON.stringify(version.servable?.manifest)) return;
    const reason =
      'Its files were changed while it is loaded, which is refused: it serves on as it was. Give the new files a new version number.';
    this.tellOfRefusal(version, reason);
  }

  private tellOfRefusal({ modelName, version }: ModelVersion, reason: string): void {
    this.options.log.warn({ model: modelName, version, reason }, 'change of a loaded version refused');
    this.options.feed.commitInAnyCase([{ kind: 'failed', modelName, version, reason }], { apply: () => undefined });
  }

  private forget(model: Model, version: ModelVersion): void {
    model.versions.delete(version.version);
    if (model.live === version) model.live = undefined;
  }

  private require({ model: modelName, version }: VersionName): {
    readonly model: Model;
    readonly version: ModelVersion;
  } {
    const model = this.requireModel(modelName);
    return { model, version: model.requireVersion(version) };
  }

  /** Throws MODEL_NOT_FOUND with what there is. */
  requireModel(name: string): Model {
    const model = this.modelsByName.get(name);
    if (model) return model;
    throw new AppError('MODEL_NOT_FOUND', `There is no model of that name. ${listModels(this.models)}`);
  }

  private modelsOf(task: TaskName): Model[] {
    return this.models.filter(({ file }) => file.task === task);
  }

  /** The one marked as default, else the first by name. */
  private chooseDefaults(): void {
    for (const task of TASK_NAMES) {
      const models = this.modelsOf(task);
      const chosen = models.find(({ file }) => file.default) ?? models[0];
      for (const model of models) model.isDefault = model === chosen;
    }
  }
}

const SURPLUS = "More versions are ready than the model's keepLoaded allows.";

function conflict({ modelName, version }: ModelVersion, why: string): AppError {
  return new AppError('CONFLICT', `Version ${version} of "${modelName}" ${why}`);
}

function listModels(models: readonly Model[]): string {
  return models.length === 0 ? 'There is none.' : `There is ${models.map(({ name }) => `"${name}"`).join(', ')}.`;
}
