import { toError } from '../errors';
import type { Logger } from '../observability/logger';
import type { ModelFile } from './manifest';
import type { ModelStore, StoredVersion, VersionFolder } from './model-store';
import { asVersionError, type VersionError } from './version-error';

/** A folder that has been still for so long is taken as its author left it. */
const STILL_MS = 5_000;
/** Notices come in swarms; what has come within this time is looked at together. */
const DEBOUNCE_MS = 100;
/** A folder that is not complete yet is looked at again after this time. */
const RECHECK_MS = 500;

/** What the store holds now, as its observer tells it. */
export interface StoreListener {
  /** A model is there, for the first time or with a changed file. */
  onModel(file: ModelFile): void;
  /** A version is there and sound, for the first time or with other files than before. */
  onVersion(model: string, version: string, stored: StoredVersion): void;
  /** A version is there and wrong, and its folder does not change any more. */
  onBrokenVersion(model: string, version: string, error: VersionError): void;
  onVersionGone(model: string, version: string): void;
  onModelGone(model: string): void;
}

export interface StoreObserverOptions {
  readonly store: ModelStore;
  readonly listener: StoreListener;
  readonly log: Logger;
  /** Milliseconds for which a folder must not have changed before what is wrong with it counts. Default 5,000. */
  readonly stillMs?: number | undefined;
  /** Milliseconds after which a folder that is not whole is looked at again. Default 500. */
  readonly recheckMs?: number | undefined;
}

interface SeenVersion {
  readonly fingerprint: string;
  /** When this fingerprint was first seen, on the clock of `performance.now()`. */
  readonly since: number;
  isTold: boolean;
  /** The listener knows of the version, in this form or an earlier one. */
  readonly wasTold: boolean;
}

/**
 * Compares the store with what it has told before, whenever the store says that something may have changed. A version
 * is told of once it is whole: one that is still being copied is waited for.
 */
export class StoreObserver {
  private readonly seen = new Map<string, { file: string; versions: Map<string, SeenVersion> }>();
  private timer: NodeJS.Timeout | undefined;
  private scanning: Promise<void> | undefined;
  private mustScanAgain = false;
  private stopWatching: (() => Promise<void>) | undefined;
  private isStopped = false;

  constructor(private readonly options: StoreObserverOptions) {}

  /** Looks once, and from then on after every change. */
  async start(): Promise<void> {
    await this.scan();
    this.stopWatching = await this.options.store.watch?.(() => this.scheduleScan(DEBOUNCE_MS));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.stopWatching?.();
    await this.scanning;
  }

  /** Looks at the whole store; a call while one is under way makes it look once more afterwards. */
  async scan(): Promise<void> {
    if (this.scanning) {
      this.mustScanAgain = true;
      return this.scanning;
    }
    this.scanning = this.scanUntilCurrent();
    try {
      await this.scanning;
    } finally {
      this.scanning = undefined;
    }
  }

  private async scanUntilCurrent(): Promise<void> {
    do {
      this.mustScanAgain = false;
      try {
        await this.scanOnce();
      } catch (thrown) {
        // The folder itself is gone or closed to us; the next notice or poll tries again.
        this.options.log.error({ error: toError(thrown) }, 'the models cannot be listed');
      }
    } while (this.isScanWanted());
  }

  /** Asked anew after every look: a call may have come meanwhile. */
  private isScanWanted(): boolean {
    return this.mustScanAgain && !this.isStopped;
  }

  private scheduleScan(delayMs: number): void {
    if (this.timer || this.isStopped) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.scan();
    }, delayMs);
  }

  private async scanOnce(): Promise<void> {
    const { store, listener } = this.options;
    const { models, unreadable } = await store.list();
    for (const { file, versions } of models) {
      const seen = this.seenModel(file);
      for (const folder of versions) await this.look(file.name, folder, seen.versions);
      const present = new Set(versions.map(({ version }) => version));
      for (const [version, { isTold, wasTold }] of seen.versions) {
        if (present.has(version)) continue;
        seen.versions.delete(version);
        if (isTold || wasTold) listener.onVersionGone(file.name, version);
      }
    }
    // A model whose file somebody is editing is not gone.
    const present = new Set([...models.map(({ file }) => file.name), ...unreadable]);
    for (const [model, { versions }] of this.seen) {
      if (present.has(model)) continue;
      this.seen.delete(model);
      for (const [version, { isTold, wasTold }] of versions)
        if (isTold || wasTold) listener.onVersionGone(model, version);
      listener.onModelGone(model);
    }
  }

  private seenModel(file: ModelFile): { versions: Map<string, SeenVersion> } {
    const text = JSON.stringify(file);
    let seen = this.seen.get(file.name);
    if (seen?.file !== text) {
      seen = { file: text, versions: seen?.versions ?? new Map<string, SeenVersion>() };
      this.seen.set(file.name, seen);
      this.options.listener.onModel(file);
    }
    return seen;
  }

  private async look(model: string, folder: VersionFolder, versions: Map<string, SeenVersion>): Promise<void> {
    const { version, fingerprint } = folder;
    let seen = versions.get(version);
    if (seen?.fingerprint !== fingerprint) {
      seen = {
        fingerprint,
        since: performance.now(),
        isTold: false,
        wasTold: seen?.isTold === true || seen?.wasTold === true,
      };
      versions.set(version, seen);
    }
    if (seen.isTold) return;
    try {
      const stored = await this.options.store.open(model, version);
      seen.isTold = true;
      this.options.listener.onVersion(model, version, stored);
    } catch (thrown) {
      if (!isStill(folder, seen, this.options.stillMs ?? STILL_MS)) {
        this.scheduleScan(this.options.recheckMs ?? RECHECK_MS);
        return;
      }
      seen.isTold = true;
      this.options.listener.onBrokenVersion(model, version, asVersionError(thrown, 'UNREADABLE'));
    }
  }
}

function isStill({ changedAt }: VersionFolder, { since }: SeenVersion, stillMs: number): boolean {
  return Date.now() - changedAt.getTime() >= stillMs || performance.now() - since >= stillMs;
}
