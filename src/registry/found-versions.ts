import type { EventFeed } from '../events/event-feed';
import type { Logger } from '../observability/logger';
import type { LoadedVersions } from './loaded-versions';
import type { ModelFile } from './manifest';
import { Model } from './model';
import type { StoredVersion } from './model-store';
import { ModelVersion } from './model-version';
import type { Models } from './models';
import { NO_POINTERS, setKnown, type Pointers } from './pointers';
import type { StoreListener } from './store-observer';
import type { VersionError } from './version-error';

export interface FoundVersionsOptions {
  readonly models: Models;
  readonly loaded: LoadedVersions;
  readonly feed: EventFeed;
  readonly log: Logger;
}

/** Makes of what the store tells models and versions: new ones are loaded, and what changes or goes is told of. */
export class FoundVersions implements StoreListener {
  /** What was written of each model before the last stop. */
  private remembered: ReadonlyMap<string, unknown> = new Map();
  /** `listing`: what is found is only noted; `starting`: it waits; `following`: it is loaded. */
  private stage: 'listing' | 'starting' | 'following' = 'listing';
  private readonly waiting = new Set<ModelVersion>();

  constructor(private readonly options: FoundVersionsOptions) {}

  get isListing(): boolean {
    return this.stage === 'listing';
  }

  /** To be called before the store is looked at first: what is remembered from before the last stop is read. */
  recall(): void {
    this.remembered = this.options.feed.log.readStates();
  }

  /** The store has told all it had. What comes from here on waits until the models have been started. */
  endListing(): void {
    for (const model of this.options.models.inOrder) this.tellOfMissing(model);
    this.stage = 'starting';
  }

  /** Loads what came while the models were started, and from now on whatever comes. */
  follow(): void {
    this.stage = 'following';
    for (const version of this.waiting) this.loadFound(version);
    this.waiting.clear();
  }

  onModel(file: ModelFile): void {
    const { models, log } = this.options;
    let model = models.find(file.name);
    if (!model) {
      model = new Model(file);
      model.pointers = { ...NO_POINTERS, ...(this.remembered.get(file.name) as Partial<Pointers> | undefined) };
    }
    // What is loaded was made for the task it has: another one waits for the next start.
    const { task } = model.file;
    if (task !== file.task) log.error({ model: file.name, task }, 'change of task refused until a restart');
    model.file = { ...file, task };
    models.put(model);
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
    const model = this.options.models.find(modelName);
    const version = model?.versions.get(name);
    if (!model || !version) return;
    const reason = version.isLoaded ? 'Its folder is gone. It serves on from memory until it is unloaded.' : undefined;
    this.waiting.delete(version);
    this.options.loaded.cancelLoad(version);
    this.setKnown(model, name, { kind: 'removed', reason }, () => {
      version.isStored = false;
      if (!version.isLoaded) model.forget(version);
    });
  }

  onModelGone(name: string): void {
    const { models } = this.options;
    // What is loaded serves on.
    if (models.find(name)?.versions.size === 0) models.remove(name);
  }

  /** The version of that name, made and told of if it is not known yet. */
  private found(modelName: string, name: string): { readonly version: ModelVersion; readonly isNew: boolean } {
    const model = this.options.models.require(modelName);
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
    if (this.stage === 'starting') this.waiting.add(version);
    if (this.stage !== 'following') return;
    const model = this.options.models.require(version.modelName);
    if (model.pointers.unloaded.includes(version.version) || !version.canMove('verifying')) return;
    this.options.loaded.startLoad(model, version, {});
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
}
