import { AppError, UnreachableCaseError } from '../errors';
import type { Manifest, TaskName } from './manifest';
import type { VersionError } from './version-error';
import { VersionStatistics } from './version-statistics';

export const PHASES = ['verifying', 'loading', 'warming', 'ready', 'draining', 'unloaded', 'failed'] as const;
export type Phase = (typeof PHASES)[number];

/** How a version's golden examples came out when it was loaded. */
export interface GoldenReport {
  readonly examples: number;
  readonly passed: number;
  readonly worstDifference: number;
  readonly tolerance: number;
  readonly at: Date;
}

/** What a ready version needs to answer. */
export interface Servable {
  readonly manifest: Manifest;
  /** What the version's task made of its files: a tokenizer, labels. Only that task knows the type. */
  readonly assets: unknown;
  readonly loadedAt: Date;
  readonly golden: GoldenReport;
}

export type VersionState =
  | { readonly phase: 'verifying' }
  | { readonly phase: 'loading' }
  | { readonly phase: 'warming' }
  | { readonly phase: 'ready'; readonly servable: Servable }
  | { readonly phase: 'draining'; readonly servable: Servable }
  | { readonly phase: 'unloaded' }
  | { readonly phase: 'failed'; readonly during: Phase; readonly error: VersionError; readonly at: Date };

/** From loading back to verifying: a newer load supersedes an older one. */
export const LEGAL_MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  verifying: ['loading', 'failed', 'verifying', 'unloaded'],
  loading: ['warming', 'failed', 'verifying', 'unloaded'],
  warming: ['ready', 'failed', 'verifying', 'unloaded'],
  ready: ['draining'],
  draining: ['unloaded'],
  unloaded: ['verifying'],
  failed: ['verifying'],
};

/** One version of a model and the phase it is in. */
export class ModelVersion {
  readonly statistics = new VersionStatistics();
  /** Undefined where it cannot be read. */
  manifest: Manifest | undefined;
  /** What it can answer with; undefined where it has no labels. */
  labels: readonly string[] | undefined;
  /** False once its folder is gone: what is in memory serves on. */
  isStored = true;
  private current: VersionState = { phase: 'unloaded' };
  private loads = 0;
  private leases = 0;
  private onIdle: (() => void) | undefined;

  constructor(
    readonly modelName: string,
    readonly version: string,
  ) {}

  /** What it answers; undefined where its manifest cannot be read. */
  get task(): TaskName | undefined {
    return this.manifest?.task;
  }

  get state(): VersionState {
    return this.current;
  }

  get phase(): Phase {
    return this.current.phase;
  }

  /** Whether a load is under way. */
  get isLoading(): boolean {
    return this.phase === 'verifying' || this.phase === 'loading' || this.phase === 'warming';
  }

  /** Whether engine processes hold it. */
  get isLoaded(): boolean {
    return this.phase === 'ready' || this.phase === 'draining';
  }

  /** Names what is loaded within the engine: another name for each load, so that an old one cannot hit a newer. */
  get key(): string {
    return `${this.modelName}/${this.version}#${this.loads}`;
  }

  /** What it answers with, while requests may use it. */
  get servable(): Servable | undefined {
    return this.current.phase === 'ready' || this.current.phase === 'draining' ? this.current.servable : undefined;
  }

  canMove(phase: Phase): boolean {
    return LEGAL_MOVES[this.phase].includes(phase);
  }

  /** Throws an Error unless the move is legal. */
  requireMove(phase: Phase): void {
    if (!this.canMove(phase))
      throw new Error(`Version ${this.version} of ${this.modelName} cannot go from ${this.phase} to ${phase}.`);
  }

  move(next: VersionState): void {
    this.requireMove(next.phase);
    if (next.phase === 'verifying') this.loads++;
    if (next.phase === 'ready') this.statistics.since ??= next.servable.loadedAt;
    this.current = next;
  }

  /** Keeps the version loaded until the lease is disposed of. Throws MODEL_NOT_READY unless it is ready. */
  lease(): VersionLease {
    if (this.current.phase !== 'ready')
      throw new AppError(
        'MODEL_NOT_READY',
        `Version ${this.version} of "${this.modelName}" ${describePhase(this.current)}`,
      );
    this.leases++;
    return new VersionLease(this, this.current.servable, () => {
      if (--this.leases === 0) this.onIdle?.();
    });
  }

  /** Resolves when the last lease has been disposed of. */
  async drained(): Promise<void> {
    if (this.leases === 0) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
  }
}

/** The right to use a version; it is not unloaded before the lease is disposed of. */
export class VersionLease implements Disposable {
  private isOpen = true;

  constructor(
    readonly version: ModelVersion,
    readonly servable: Servable,
    private readonly release: () => void,
  ) {}

  [Symbol.dispose](): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.release();
  }
}

/** The end of a sentence that begins with the version's name: what keeps it from answering, and the cure. */
export function describePhase(state: VersionState): string {
  switch (state.phase) {
    case 'verifying':
    case 'loading':
    case 'warming':
      return `is ${state.phase}. Try again in a moment.`;
    case 'ready':
      return 'is ready.';
    case 'draining':
      return 'is being unloaded. Name another version.';
    case 'unloaded':
      return 'is not loaded. Load it first, or name another version.';
    case 'failed':
      return `failed while ${state.during}: ${state.error.message}`;
    default:
      throw new UnreachableCaseError(state);
  }
}
