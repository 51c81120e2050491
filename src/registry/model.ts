import { AppError } from '../errors';
import type { ModelFile } from './manifest';
import { describePhase, type ModelVersion, type VersionLease } from './model-version';
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
  live: ModelVersion | undefined;
  /** Whether it answers its task when no model is named. */
  isDefault = false;

  constructor(readonly file: ModelFile) {}

  get name(): string {
    return this.file.name;
  }

  /** Newest first. */
  get newestFirst(): ModelVersion[] {
    return [...this.versions.values()].sort((a, b) => compareVersions(b.version, a.version));
  }

  /** The version that answers, leased. Throws VERSION_NOT_FOUND or MODEL_NOT_READY. */
  select(selector: VersionSelector | undefined): Selection {
    if (!selector || ('alias' in selector && selector.alias === 'live'))
      return { lease: this.requireLive().lease(), role: 'live' };
    if ('alias' in selector) throw this.noAlias(selector.alias);
    return { lease: this.requireVersion(selector.version).lease(), role: 'pinned' };
  }

  requireVersion(name: string): ModelVersion {
    const version = this.versions.get(name);
    if (version) return version;
    throw new AppError('VERSION_NOT_FOUND', `Model "${this.name}" has no version ${quote(name)}. ${this.listReady()}`);
  }

  private requireLive(): ModelVersion {
    if (this.live) return this.live;
    const newest = this.newestFirst[0];
    const why = newest ? `Version ${newest.version} ${describePhase(newest.state)}` : 'It has no versions.';
    throw new AppError('MODEL_NOT_READY', `Model "${this.name}" has no live version. ${why}`);
  }

  private noAlias(alias: VersionAlias): AppError {
    return new AppError('VERSION_NOT_FOUND', `Model "${this.name}" has no ${alias} version now. ${this.listReady()}`);
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
