import type { Logger } from '../../observability/logger';
import { toError } from '../../errors';
import type { Tensors } from '../../tensor';
import type { Engine, ModelKey, RunResult, Signature } from '../engine';
import { EngineClient } from './engine-client';
import { GraphOptimizer, type OptimizedGraph } from './graph-optimizer';
import { ModelAssignment } from './model-assignment';
import { Place, type EngineProcessState } from './place';
import { Preparation } from './preparation';
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
  /** Holds optimised graphs while they are in use; emptied at the start. No other pool may use it. */
  readonly folder: string;
  readonly log: Logger;
}

const NICENESS = 10;
const RESTART_DELAY_MS = { first: 100, longest: 10_000 };
const STOP_TIMEOUT_MS = 2_000;
/** How many times the timeout a model's first run may take, and how many times its slowest run any other. */
const UNKNOWN_FACTOR = 6;
const SLOWEST_FACTOR = 4;

export interface EngineProcessStatus {
  readonly number: number;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  readonly state: EngineProcessState;
  /** Times a lost process was replaced. */
  readonly restarts: number;
  /** Milliseconds spent on batches, and on loading, warming and unloading models, since the start of the server. */
  readonly runningMs: number;
  readonly preparingMs: number;
}

/**
 * The engine that runs ONNX models in child processes of the server.
 *
 * A graph is read and optimised once, in a process that serves nobody (`GraphOptimizer`). Which models a process should
 * hold is written once, in `assignments`; whenever a process is idle it takes the next step towards that (`Preparation`)
 * before it takes work. So a replaced process, a new model and a removed one are the same case.
 */
export class ProcessPool implements Engine {
  private readonly places: Place[] = [];
  private readonly assignments = new Map<ModelKey, ModelAssignment>();
  private readonly freeListeners = new Set<() => void>();
  private readonly preparation: Preparation;
  private readonly optimizer: GraphOptimizer;
  private isClosing = false;

  constructor(private readonly options: ProcessPoolOptions) {
    const { processes, threads, loadTimeoutMs, maxResidentBytes = Infinity, folder, log } = options;
    this.optimizer = new GraphOptimizer({ folder, threads, timeoutMs: loadTimeoutMs, maxResidentBytes, log });
    for (let number = 1; number <= processes; number++)
      this.places.push(new Place(number, (place) => this.startProcess(place)));
    const { places, assignments } = this;
    const onLaneFree = (): void => this.reconcileAll();
    const forget = this.forget.bind(this);
    this.preparation = new Preparation({
      places,
      assignments,
      timeoutMs: loadTimeoutMs,
      maxResidentBytes,
      log,
      forget,
      onLaneFree,
    });
  }

  get parallelism(): number {
    return this.places.length;
  }

  load(key: ModelKey, file: string): Promise<Signature> {
    if (this.assignments.has(key)) return Promise.reject(new Error(`Model ${key} is loaded already.`));
    const assignment = new ModelAssignment();
    this.assignments.set(key, assignment);
    this.optimizer.optimize(file).then(
      (graph) => this.assign(key, assignment, graph),
      (error: unknown) => {
        this.forget(key, assignment);
        assignment.fail(toError(error));
      },
    );
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
    const assignment = this.assignments.get(key);
    if (assignment) this.forget(key, assignment);
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
    await Promise.all([this.optimizer.close(), ...this.places.map((place) => this.stop(place))]);
  }

  /** The process that optimises graphs; undefined while there is none to optimise. */
  get optimizerPid(): number | undefined {
    return this.optimizer.pid;
  }

  /** What each serving process does now, for operators. */
  get processes(): readonly EngineProcessStatus[] {
    return this.places.map((place) => ({
      number: place.number,
      pid: place.state === 'down' ? undefined : place.client.pid,
      state: place.state,
      restarts: place.starts - 1,
      runningMs: place.timeIn('running'),
      preparingMs: place.timeIn('preparing'),
    }));
  }

  /** From now on every process that is idle loads it, one after the other. */
  private assign(key: ModelKey, assignment: ModelAssignment, graph: OptimizedGraph): void {
    if (this.assignments.get(key) !== assignment) return void this.optimizer.discard(graph);
    assignment.graph = graph;
    // Whoever could not load what had this key before tries again.
    for (const place of this.places) place.refused.delete(key);
    this.reconcileAll();
  }

  private forget(key: ModelKey, assignment: ModelAssignment): void {
    if (this.assignments.get(key) === assignment) this.assignments.delete(key);
    if (assignment.graph) void this.optimizer.discard(assignment.graph);
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

  private startProcess(place: Place): EngineClient {
    const { threads, log } = this.options;
    const { number } = place;
    const name = `engine-process ${number}`;
    return new EngineClient({ name, threads, niceness: NICENESS, log, onLost: () => this.onLost(place) });
  }

  /** Generous with a model that has shown to be slow, or not shown anything yet: a kill costs all rows of the batch. */
  private runTimeoutOf(key: ModelKey): number {
    const { runTimeoutMs } = this.options;
    const slowestMs = this.assignments.get(key)?.slowestRunMs;
    return slowestMs === undefined ? UNKNOWN_FACTOR * runTimeoutMs : Math.max(runTimeoutMs, SLOWEST_FACTOR * slowestMs);
  }

  private async runOn(place: Place, key: ModelKey, inputs: Tensors): Promise<RunResult> {
    const startedAt = performance.now();
    const {
      outputs,
      inferenceMs,
      startedAt: ranAt,
    } = await place.client.call(
      { kind: 'run', key, inputs: toWire(inputs) },
      { expect: 'ran', timeoutMs: this.runTimeoutOf(key) },
    );
    this.assignments.get(key)?.learnRunTime(performance.now() - startedAt);
    place.hasServed = true;
    place.deaths = 0;
    return { outputs: fromWire(outputs), inferenceMs, run: { engine: place.number, startedAt: ranAt } };
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
    const step = this.preparation.nextStep(place);
    if (!step) {
      for (const listener of [...this.freeListeners]) listener();
      return;
    }
    void this.occupy(place, 'preparing', step);
  }

  private onLost(place: Place): void {
    place.lose();
    if (this.isClosing) return;
    const delayMs =
      place.deaths === 0 ? 0 : Math.min(RESTART_DELAY_MS.first * 2 ** (place.deaths - 1), RESTART_DELAY_MS.longest);
    place.deaths++;
    this.options.log.warn({ engine: place.number, delayMs, deaths: place.deaths }, 'engine process lost, replacing it');
    place.restart = setTimeout(() => {
      place.replaceProcess();
      this.reconcile(place);
    }, delayMs);
    // What others wait for may now be complete without this process.
    this.preparation.settle();
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
