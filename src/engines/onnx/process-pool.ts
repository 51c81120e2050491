import type { Logger } from '../../observability/logger';
import { toError } from '../../errors';
import type { Tensors } from '../../tensor';
import {
  EngineLimitError,
  EngineLostError,
  type Engine,
  type ModelKey,
  type RunResult,
  type Signature,
} from '../engine';
import { EngineClient } from './engine-client';
import { ModelAssignment } from './model-assignment';
import { fromWire, toWire } from './wire';

export interface ProcessPoolOptions {
  /** Number of engine processes, 1 or more. */
  readonly processes: number;
  /** Threads of one run. One thread in each of two processes beats two threads in one. */
  readonly threads: number;
  /**
   * A run that takes longer is taken for hung and its process is killed, unless the model has taken a quarter of that
   * before. Milliseconds.
   */
  readonly runTimeoutMs: number;
  /** The same for loading a model. Milliseconds. */
  readonly loadTimeoutMs: number;
  /** Memory a process may hold while it loads a model, everything in it counted. Bytes; left out: no limit. */
  readonly maxResidentBytes?: number;
  readonly log: Logger;
}

const NICENESS = 10;
const RESTART_DELAY_MS = { first: 100, longest: 10_000 };
const STOP_TIMEOUT_MS = 2_000;
/** How many times the timeout a model's first run may take, and how many times its slowest run any other. */
const UNKNOWN_FACTOR = 6;
const SLOWEST_FACTOR = 4;
/** A model that takes its process down so often while it loads will do it again. */
const MAX_LOSSES_WHILE_LOADING = 2;

/** `preparing`: it loads, warms or unloads a model; `down`: it is being replaced. */
export type EngineProcessState = 'idle' | 'running' | 'preparing' | 'down';

export interface EngineProcessStatus {
  readonly number: number;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  readonly state: EngineProcessState;
}

/** One place of the pool: the process in it now, and what that process has in memory. */
interface Place {
  readonly number: number;
  client: EngineClient;
  state: EngineProcessState;
  loaded: Set<ModelKey>;
  warmed: Set<ModelKey>;
  /** Models this process could not load although others could; a new process tries again. */
  refused: Set<ModelKey>;
  /** A process that has served competes for the loading lane; a new one serves nobody yet and need not wait. */
  hasServed: boolean;
  /** Deaths since a process in this place last finished a run. */
  deaths: number;
  restart: NodeJS.Timeout | undefined;
}

/**
 * The engine that runs ONNX models in child processes of the server.
 *
 * Which models a process should hold is written once, in `assignments`; whenever a process is idle it takes the next
 * step towards that (unload, load, warm) before it takes work. So a replaced process, a new model and a removed one
 * are the same case. Only one serving process loads at a time: the others go on serving.
 */
export class ProcessPool implements Engine {
  private readonly places: Place[] = [];
  private readonly assignments = new Map<ModelKey, ModelAssignment>();
  private readonly freeListeners = new Set<() => void>();
  private loadingPlace: Place | undefined;
  private isClosing = false;

  constructor(private readonly options: ProcessPoolOptions) {
    for (let number = 1; number <= options.processes; number++) this.places.push(this.createPlace(number));
  }

  get parallelism(): number {
    return this.places.length;
  }

  load(key: ModelKey, file: string): Promise<Signature> {
    if (this.assignments.has(key)) return Promise.reject(new Error(`Model ${key} is loaded already.`));
    const assignment = new ModelAssignment(file);
    this.assignments.set(key, assignment);
    // Whoever could not load what had this key before tries again.
    for (const place of this.places) place.refused.delete(key);
    this.reconcileAll();
    return assignment.whenLoaded;
  }

  warm(key: ModelKey, inputs: Tensors): Promise<void> {
    const assignment = this.assignments.get(key);
    if (!assignment) return Promise.reject(new Error(`Model ${key} is not loaded.`));
    const warmed = assignment.warmWith(inputs);
    this.reconcileAll();
    return warmed;
  }

  async unload(key: ModelKey): Promise<void> {
    this.assignments.delete(key);
    this.reconcileAll();
    while (this.places.some((place) => place.loaded.has(key))) await this.nextFree();
  }

  hasFree(key: ModelKey): boolean {
    return this.places.some((place) => place.state === 'idle' && this.isReady(place, key));
  }

  canServe(key: ModelKey): boolean {
    return this.places.some((place) => place.state !== 'down' && this.isReady(place, key));
  }

  async run(key: ModelKey, inputs: Tensors): Promise<RunResult> {
    const place = this.places.find((candidate) => candidate.state === 'idle' && this.isReady(candidate, key));
    if (!place) throw new Error(`No engine process is free for model ${key}.`);
    return this.occupy(place, 'running', () => this.runOn(place, key, inputs));
  }

  onFree(listener: () => void): () => void {
    this.freeListeners.add(listener);
    return () => this.freeListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all(this.places.map((place) => this.stop(place)));
  }

  /** What each process does now, for operators. */
  get processes(): readonly EngineProcessStatus[] {
    return this.places.map(({ number, state, client }) => ({
      number,
      pid: state === 'down' ? undefined : client.pid,
      state,
    }));
  }

  private get loadLimits() {
    const { loadTimeoutMs, maxResidentBytes = Infinity } = this.options;
    return { timeoutMs: loadTimeoutMs, maxResidentBytes };
  }

  private nextFree(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onFree(() => {
        stop();
        resolve();
      });
    });
  }

  private isReady(place: Place, key: ModelKey): boolean {
    const assignment = this.assignments.get(key);
    return place.loaded.has(key) && (!assignment?.warmUp || place.warmed.has(key));
  }

  private createPlace(number: number): Place {
    const place: Place = {
      number,
      client: this.startProcess(number, () => this.onLost(place)),
      state: 'idle',
      loaded: new Set(),
      warmed: new Set(),
      refused: new Set(),
      hasServed: false,
      deaths: 0,
      restart: undefined,
    };
    return place;
  }

  private startProcess(number: number, onLost: () => void): EngineClient {
    const { threads, log } = this.options;
    return new EngineClient({ number, threads, niceness: NICENESS, log, onLost });
  }

  /** Generous with a model that has shown to be slow, or not shown anything yet: a kill costs all rows of the batch. */
  private runTimeoutOf(key: ModelKey): number {
    const { runTimeoutMs } = this.options;
    const slowestMs = this.assignments.get(key)?.slowestRunMs;
    return slowestMs === undefined ? UNKNOWN_FACTOR * runTimeoutMs : Math.max(runTimeoutMs, SLOWEST_FACTOR * slowestMs);
  }

  private async runOn(place: Place, key: ModelKey, inputs: Tensors): Promise<RunResult> {
    const startedAt = performance.now();
    const { outputs, inferenceMs } = await place.client.call(
      { kind: 'run', key, inputs: toWire(inputs) },
      { expect: 'ran', timeoutMs: this.runTimeoutOf(key) },
    );
    this.assignments.get(key)?.learnRunTime(performance.now() - startedAt);
    place.hasServed = true;
    place.deaths = 0;
    return { outputs: fromWire(outputs), inferenceMs };
  }

  /** Keeps the place in the given state for as long as `work` takes, and then lets it take its next step. */
  private async occupy<Result>(
    place: Place,
    state: 'running' | 'preparing',
    work: () => Promise<Result>,
  ): Promise<Result> {
    place.state = state;
    try {
      return await work();
    } finally {
      // A lost process has left this state already, and its place may hold a new one.
      if ((place.state as EngineProcessState) === state) {
        place.state = 'idle';
        this.reconcile(place);
      }
    }
  }

  private reconcileAll(): void {
    for (const place of this.places) this.reconcile(place);
  }

  /** Takes the next step that brings an idle process nearer to its assignments, or offers it for work. */
  private reconcile(place: Place): void {
    if (place.state !== 'idle' || this.isClosing) return;
    const step = this.nextStep(place);
    if (!step) {
      for (const listener of [...this.freeListeners]) listener();
      return;
    }
    void this.occupy(place, 'preparing', step);
  }

  private nextStep(place: Place): (() => Promise<void>) | undefined {
    for (const key of place.loaded) if (!this.assignments.has(key)) return () => this.unloadFrom(place, key);
    for (const [key, assignment] of this.assignments) {
      if (place.refused.has(key)) continue;
      if (!place.loaded.has(key)) {
        if (place.hasServed && this.loadingPlace) continue;
        return () => this.loadInto(place, key, assignment);
      }
      if (assignment.warmUp && !place.warmed.has(key)) return () => this.warmIn(place, key, assignment);
    }
    return undefined;
  }

  private async unloadFrom(place: Place, key: ModelKey): Promise<void> {
    try {
      await place.client.call({ kind: 'unload', key }, { expect: 'done', timeoutMs: this.options.loadTimeoutMs });
    } catch (thrown) {
      // Whatever it was, the process is not to keep a model that nobody wants.
      if (!(thrown instanceof EngineLostError)) place.client.kill();
    } finally {
      place.loaded.delete(key);
      place.warmed.delete(key);
    }
  }

  private async loadInto(place: Place, key: ModelKey, assignment: ModelAssignment): Promise<void> {
    const needsLane = place.hasServed;
    if (needsLane) this.loadingPlace = place;
    try {
      const { signature } = await place.client.call(
        { kind: 'load', key, file: assignment.file },
        { expect: 'loaded', ...this.loadLimits },
      );
      place.loaded.add(key);
      assignment.signature = signature;
      this.settleAssignments();
    } catch (thrown) {
      this.onLoadFailed(place, { key, assignment, error: toError(thrown) });
    } finally {
      if (needsLane) {
        this.loadingPlace = undefined;
        // Whoever waited for the lane takes it now.
        setImmediate(() => this.reconcileAll());
      }
    }
  }

  private onLoadFailed(
    place: Place,
    { key, assignment, error }: { readonly key: ModelKey; readonly assignment: ModelAssignment; readonly error: Error },
  ): void {
    const isLost = error instanceof EngineLostError;
    if (mayHaveBeenAnAccident(error) && ++assignment.losses < MAX_LOSSES_WHILE_LOADING) return;
    if (assignment.isLoaded) {
      // The others have it: this process serves what it can.
      if (!isLost) place.refused.add(key);
      this.options.log.error({ engine: place.number, model: key, error }, 'model not loaded by a replaced engine');
      return;
    }
    if (this.assignments.get(key) === assignment) this.assignments.delete(key);
    assignment.fail(error);
  }

  private async warmIn(place: Place, key: ModelKey, assignment: ModelAssignment): Promise<void> {
    this.options.log.debug({ engine: place.number, model: key }, 'warming');
    try {
      await place.client.call(
        { kind: 'run', key, inputs: toWire(assignment.warmUp as Tensors) },
        { expect: 'ran', ...this.loadLimits },
      );
      place.warmed.add(key);
      this.settleAssignments();
    } catch (thrown) {
      // A lost process is replaced and warmed anew; a model that fails its first run is not fit to serve.
      if (mayHaveBeenAnAccident(thrown) && ++assignment.losses < MAX_LOSSES_WHILE_LOADING) return;
      if (assignment.isWarm) {
        // The successor of a process that was killed has refused nothing yet.
        if (!mayHaveBeenAnAccident(thrown)) place.refused.add(key);
        return;
      }
      if (this.assignments.get(key) === assignment) this.assignments.delete(key);
      assignment.failWarming(toError(thrown));
    }
  }

  /** Tells those who wait for a model once every process that is up has it. */
  private settleAssignments(): void {
    const up = this.places.filter(({ state }) => state !== 'down');
    if (up.length === 0) return;
    for (const [key, assignment] of this.assignments) {
      if (up.every((place) => place.loaded.has(key) || place.refused.has(key))) assignment.becomeLoaded();
      if (up.every((place) => place.warmed.has(key) || place.refused.has(key))) assignment.becomeWarm();
    }
  }

  private onLost(place: Place): void {
    place.state = 'down';
    place.loaded.clear();
    place.warmed.clear();
    place.refused.clear();
    if (this.isClosing) return;
    const delayMs =
      place.deaths === 0 ? 0 : Math.min(RESTART_DELAY_MS.first * 2 ** (place.deaths - 1), RESTART_DELAY_MS.longest);
    place.deaths++;
    this.options.log.warn({ engine: place.number, delayMs, deaths: place.deaths }, 'engine process lost, replacing it');
    place.restart = setTimeout(() => {
      place.client = this.startProcess(place.number, () => this.onLost(place));
      place.hasServed = false;
      place.state = 'idle';
      this.reconcile(place);
    }, delayMs);
    // What others wait for may now be complete without this process.
    this.settleAssignments();
  }

  private async stop(place: Place): Promise<void> {
    clearTimeout(place.restart);
    if (place.state === 'down') return;
    try {
      // Calls are answered in order, so this comes after the batch under way.
      await place.client.call({ kind: 'stop' }, { expect: 'done', timeoutMs: STOP_TIMEOUT_MS });
    } catch (thrown) {
      this.options.log.warn({ engine: place.number, error: toError(thrown) }, 'engine process did not stop by itself');
    }
  }
}

/** A lost process may have had other reasons than the model; one that was ended for the model's sake has not. */
function mayHaveBeenAnAccident(error: unknown): boolean {
  return error instanceof EngineLostError && !(error instanceof EngineLimitError);
}
