import { EngineLimitError, type Engine } from '../engines/engine';
import type { EventFeed } from '../events/event-feed';
import type { NewEvent } from '../events/model-version-event';
import { toError } from '../errors';
import type { Logger } from '../observability/logger';
import type { Tensors } from '../tensor';
import type { TaskName } from './manifest';
import type { ModelStore, StoredVersion } from './model-store';
import type { GoldenReport, ModelVersion, Phase, VersionState } from './model-version';
import { checkSignature } from './signature';
import { asVersionError, VersionError, type VersionErrorCode } from './version-error';

/** What the registry needs of tasks, which stand above it: `app.ts` hands in the implementation. */
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

export interface VersionLoaderOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly prepare: PrepareVersion;
  readonly feed: EventFeed;
  readonly log: Logger;
  /** What a model is for; a version made for something else is refused. */
  readonly taskOf: (model: string) => TaskName;
}

/** Who asked for a change and why, for its event. */
export interface Cause {
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
}

/** A change of phase as somebody wants it. */
export interface Change extends Cause {
  /** States to write beside the event, by model. */
  readonly states?: ReadonlyMap<string, unknown> | undefined;
  /** Refuse the change, by throwing, if its event cannot be written: for those who ask and can ask again. */
  readonly mustBeWritten?: boolean;
}

/**
 * Takes versions through their phases, each move with its event: verifying → loading → warming → ready, and back.
 * One version is loaded at a time, so that a hundred dropped in at once do not fill the memory or the processors.
 */
export class VersionLoader {
  private lane: Promise<unknown> = Promise.resolve();
  private isStopped = false;
  /** The sha256 of the graph that each loaded version's engine processes may have to read again. */
  private readonly kept = new Map<ModelVersion, string>();

  constructor(private readonly options: VersionLoaderOptions) {}

  /**
   * Starts a load; the version is verifying when this returns. Resolves with whether it became ready: not if it
   * failed, nor if a newer load took over.
   */
  load(version: ModelVersion, change: Change = {}): Promise<boolean> {
    this.move(version, { phase: 'verifying' }, change);
    const attempt = version.key;
    // Whatever becomes of one load, the next has its turn.
    const turn = this.lane.then(() => this.run(version, attempt)).catch((error: unknown) => this.complain(error));
    this.lane = turn;
    return turn;
  }

  /** Drains and unloads a version; it is draining when this returns. */
  unload(version: ModelVersion, change: Change): Promise<void> {
    const { servable } = version;
    if (!servable) throw new Error(`Version ${version.version} of ${version.modelName} is not loaded.`);
    this.move(version, { phase: 'draining', servable }, change);
    return this.finishUnload(version);
  }

  /** From now on a load that ends badly says nothing: the engine is being closed under it. */
  stop(): void {
    this.isStopped = true;
  }

  /** Stops a load that is under way: nobody wants the version any more. */
  cancel(version: ModelVersion): void {
    version.move({ phase: 'unloaded' });
  }

  private async finishUnload(version: ModelVersion): Promise<void> {
    await version.drained();
    await this.options.engine.unload(version.key);
    this.move(version, { phase: 'unloaded' });
    await this.options.store.keepOnly(this.keptGraphs()).catch((error: unknown) => this.complain(error));
  }

  /** Nothing depends on what went wrong, but somebody should know. */
  private complain(thrown: unknown): false {
    this.options.log.error({ error: toError(thrown) }, 'tidying up failed');
    return false;
  }

  private async run(version: ModelVersion, attempt: string): Promise<boolean> {
    const { engine, log } = this.options;
    try {
      await this.takeThroughGates(version, attempt);
      return true;
    } catch (thrown) {
      await engine.unload(attempt);
      // A newer load has taken over, or the version was given up: this one has nothing more to say.
      if (version.key !== attempt || !version.isLoading || this.isStopped) return false;
      const error = asVersionError(thrown, codeOf(thrown, version.phase));
      log.warn({ model: version.modelName, version: version.version, during: version.phase, error }, 'version failed');
      this.move(version, { phase: 'failed', during: version.phase, error, at: new Date() });
      return false;
    }
  }

  private async takeThroughGates(version: ModelVersion, attempt: string): Promise<void> {
    const { store, engine, prepare } = this.options;
    const still = async <Result>(work: Promise<Result>): Promise<Result> => {
      const result = await work;
      if (version.key !== attempt || !version.isLoading) throw new SupersededError();
      return result;
    };
    const stored = await still(store.open(version.modelName, version.version));
    version.manifest = stored.manifest;
    requireTask(stored.manifest.task, this.options.taskOf(version.modelName));
    const preparation = await still(prepare(stored, attempt));
    version.labels = preparation.labels;
    // Said before it is there, or an unload in between would tidy it away.
    this.kept.set(version, stored.manifest.files['model.onnx']?.sha256 ?? '');
    const file = await still(stored.keepModel());

    this.move(version, { phase: 'loading' });
    const signature = await still(engine.load(attempt, file).catch((error: unknown) => throwWithoutPath(error, file)));
    checkSignature(stored.manifest, signature);

    this.move(version, { phase: 'warming' });
    await still(engine.warm(attempt, preparation.warmUp));
    const golden = await still(preparation.checkGolden());
    const { manifest } = stored;
    this.move(version, {
      phase: 'ready',
      servable: { manifest, assets: preparation.assets, loadedAt: new Date(), golden },
    });
  }

  private move(version: ModelVersion, state: VersionState, { states, mustBeWritten, ...cause }: Change = {}): void {
    const { feed } = this.options;
    // Asked before anything is written, or the log would tell of what never was.
    version.requireMove(state.phase);
    const events = [eventOf(version, state, cause)];
    const apply = (): void => version.move(state);
    if (mustBeWritten) feed.commit(events, { states, apply });
    else feed.commitInAnyCase(events, { states, apply });
  }

  private keptGraphs(): ReadonlySet<string> {
    for (const version of this.kept.keys()) if (!version.isLoaded && !version.isLoading) this.kept.delete(version);
    return new Set(this.kept.values());
  }
}

/** The load is no longer the version's current one. */
class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

const CODE_OF_PHASE: Readonly<Record<string, VersionErrorCode>> = {
  verifying: 'TASK_MISMATCH',
  loading: 'LOAD_FAILED',
  warming: 'WARM_UP_FAILED',
};

function codeOf(thrown: unknown, phase: Phase): VersionErrorCode {
  if (thrown instanceof EngineLimitError) return thrown.limit === 'time' ? 'LOAD_TOO_SLOW' : 'LOAD_TOO_LARGE';
  return CODE_OF_PHASE[phase] ?? 'LOAD_FAILED';
}

function eventOf(version: ModelVersion, state: VersionState, { actor, reason }: Cause): NewEvent {
  return {
    kind: state.phase,
    modelName: version.modelName,
    version: version.version,
    reason: state.phase === 'failed' ? state.error.message : reason,
    actor,
  };
}

function requireTask(task: TaskName, expected: TaskName): void {
  if (task === expected) return;
  throw new VersionError('TASK_MISMATCH', `manifest.json says task "${task}"; its model answers "${expected}".`);
}

/** ONNX Runtime names the file it could not load; where that lies is nobody's business outside. */
function throwWithoutPath(thrown: unknown, file: string): never {
  if (thrown instanceof EngineLimitError) throw thrown;
  const cause = toError(thrown);
  throw new VersionError('LOAD_FAILED', cause.message.replaceAll(file, 'model.onnx'), { cause });
}
