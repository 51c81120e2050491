import { AppError } from '../errors';
import type { ModelFile } from './manifest';
import { describePhase, type ModelVersion, type VersionLease } from './model-version';
import { NO_POINTERS, versionsBelowLive, type Pointers } from './pointers';
import { compareVersions } from './version-order';

/** How a version came to answer: as the live one, for the canary's share, or because the client named it. */
export type ServingRole = 'live' | 'canary' | 'pinned';

export type VersionAlias = 'live' | 'previous' | 'canary' | 'shadow';
export type VersionSelector = { readonly version: string } | { readonly alias: VersionAlias };

export interface Selection {
  readonly lease: VersionLease;
  readonly role: ServingRole;
}

/** A model: its versions, and the pointer to the one that is live. */
export class Model {
  readonly versions = new Map<string, ModelVersion>();
  /** The version that answers; always one that is ready. */
  live: ModelVersion | undefined;
  /** What is remembered over a restart; its `live` is not ready yet while the server starts. */
  pointers: Pointers = NO_POINTERS;
  /** Whether it answers its task when no model is named. */
  isDefault = false;

  constructor(public file: ModelFile) {}

  get name(): string {
    return this.file.name;
  }

  /** Newest first. */
  get newestFirst(): ModelVersion[] {
    return [...this.versions.values()].sort((a, b) => compareVersions(b.version, a.version));
  }

  /** What rollback would return to. */
  get previous(): ModelVersion | undefined {
    return versionsBelowLive(this.pointers)
      .map((name) => this.versions.get(name))
      .find((version) => version !== undefined);
  }

  /** The version that answers, leased. Throws VERSION_NOT_FOUND or MODEL_NOT_READY. */
  select(selector: VersionSelector | undefined): Selection {
    if (!selector || ('alias' in selector && selector.alias === 'live'))
      return { lease: this.requireLive().lease(), role: 'live' };
    const version = 'alias' in selector ? this.requireAlias(selector.alias) : this.requireVersion(selector.version);
    return { lease: version.lease(), role: 'pinned' };
  }

  /** Throws VERSION_NOT_FOUND with what there is. */
  requireVersion(name: string): ModelVersion {
    const version = this.versions.get(name);
    if (version) return version;
    throw new AppError('VERSION_NOT_FOUND', `Model "${this.name}" has no version ${quote(name)}. ${this.listReady()}`);
  }

  /** A version that is neither in the store nor in memory any more. */
  forget(version: ModelVersion): void {
    this.versions.delete(version.version);
    if (this.live === version) this.live = undefined;
  }

  private requireLive(): ModelVersion {
    if (this.live) return this.live;
    const newest = this.newestFirst[0];
    const why = newest ? `Version ${newest.version} ${describePhase(newest.state)}` : 'It has no versions.';
    throw new AppError('MODEL_NOT_READY', `Model "${this.name}" has no live version. ${why}`);
  }

  private requireAlias(alias: VersionAlias): ModelVersion {
    const version = alias === 'previous' ? this.previous : undefined;
    if (version) return version;
    throw new AppError('VERSION_NOT_FOUND', `Model "${this.name}" has no ${alias} version now. ${this.listReady()}`);
  }

  private listReady(): string {
    const ready = this.newestFirst.filter(({ phase }) => phase === 'ready').map(({ version }) => version);
    return ready.length === 0 ? 'None is ready.' : `Ready: ${ready.join(', ')}.`;
  }
}

/** A name the client sent, in a message: only if it could be a version's name, or the message would echo anything. */
function quote(name: string): string {
  return /^[A-Za-z0-9._-]{1,63}$/.test(name) ? name : 'of that name';
}
