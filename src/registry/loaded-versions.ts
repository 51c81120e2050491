import { toError } from '../errors';
import type { Logger } from '../observability/logger';
import type { LivePointer } from './live-pointer';
import type { Model } from './model';
import type { ModelVersion } from './model-version';
import { mayGoLive, setUnloaded } from './pointers';
import type { Change, VersionLoader } from './version-loader';

export interface LoadedVersionsOptions {
  readonly loader: VersionLoader;
  readonly live: LivePointer;
  readonly log: Logger;
}

/** Which versions are in memory, and what follows when one has become ready: it may go live, and others may have to go. */
export class LoadedVersions {
  constructor(private readonly options: LoadedVersionsOptions) {}

  /** Starts a load; the version is verifying when this returns. */
  startLoad(model: Model, version: ModelVersion, change: Change): void {
    void this.load(model, version, change).then((isReady) => {
      if (isReady) this.onReady(model, version);
    });
  }

  /**
   * The same for whoever decides what follows. Resolves with whether the version became ready. Whoever loads a version
   * wants it loaded: that a person unloaded it once is over.
   */
  load(model: Model, version: ModelVersion, change?: Change): Promise<boolean> {
    const pointers = setUnloaded(model.pointers, version.version, false);
    const done = this.options.loader.load(version, { ...change, states: new Map([[model.name, pointers]]) });
    model.pointers = pointers;
    return done;
  }

  /** Starts unloading what a person does not want any more: it stays unloaded over a restart. */
  startUnload(model: Model, version: ModelVersion, change: Change): void {
    this.drain(model, version, { ...change, pointers: setUnloaded(model.pointers, version.version, true) });
  }

  /** Nobody wants a version any more that is not ready yet. */
  cancelLoad(version: ModelVersion): void {
    if (version.isLoading) this.options.loader.cancel(version);
  }

  /** Lets the newest ready version go live by itself, where nothing was live before or the model's policy says so. */
  promoteNewest(model: Model): void {
    const newest = model.newestFirst.find(({ phase }) => phase === 'ready');
    if (!newest || newest === model.live || !mayGoLive(model.pointers, newest.version)) return;
    const isFirst = model.pointers.live === undefined;
    if (!isFirst && model.file.promotion === 'manual') return;
    const reason = isFirst ? 'The first version that became ready.' : 'Newer, and the model promotes automatically.';
    try {
      this.options.live.promote(model, newest, { reason, byPerson: false });
    } catch (thrown) {
      this.options.log.error({ model: model.name, version: newest.version, error: toError(thrown) }, 'not promoted');
    }
  }

  private onReady(model: Model, version: ModelVersion): void {
    if (model.pointers.live === version.version) model.live ??= version;
    this.promoteNewest(model);
    this.unloadSurplus(model, version);
  }

  /** Keeps `keepLoaded` versions ready; live, previous and the newcomer always. */
  private unloadSurplus(model: Model, newcomer: ModelVersion): void {
    const ready = model.newestFirst.filter(({ phase }) => phase === 'ready');
    const spared = new Set([model.live, model.previous, newcomer]);
    const surplus = ready.filter((version) => !spared.has(version)).reverse();
    for (const version of surplus.slice(0, Math.max(0, ready.length - model.file.keepLoaded)))
      this.drain(model, version, { reason: SURPLUS, pointers: model.pointers });
  }

  private drain(
    model: Model,
    version: ModelVersion,
    { pointers, ...change }: Change & { readonly pointers: Model['pointers'] },
  ): void {
    const done = this.options.loader.unload(version, { ...change, states: new Map([[model.name, pointers]]) });
    model.pointers = pointers;
    void done.then(() => {
      if (!version.isStored) model.forget(version);
    });
  }
}

const SURPLUS = "More versions are ready than the model's keepLoaded allows.";
