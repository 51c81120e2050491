import type { ModelKey } from '../engine';
import type { EngineClient } from './engine-client';

/** `preparing`: it loads, warms or unloads a model; `down`: it is being replaced. */
export type EngineProcessState = 'idle' | 'running' | 'preparing' | 'down';

/** One place of the pool: the process in it now, and what that process has in memory. */
export class Place {
  /** Processes started here so far. */
  starts = 0;
  private current: EngineProcessState = 'idle';
  private since = performance.now();
  private readonly spentMs = { idle: 0, running: 0, preparing: 0, down: 0 };
  readonly loaded = new Set<ModelKey>();
  readonly warmed = new Set<ModelKey>();
  /** Models this process could not load although others could; a new process tries again. */
  readonly refused = new Set<ModelKey>();
  /** A process that has served competes for the loading lane; a new one serves nobody yet and need not wait. */
  hasServed = false;
  /** Deaths since a process in this place last finished a run. */
  deaths = 0;
  restart: NodeJS.Timeout | undefined;
  client: EngineClient;

  /** @param start starts a process for the place, at once and whenever the one in it was lost */
  constructor(
    readonly number: number,
    private readonly start: (place: Place) => EngineClient,
  ) {
    this.client = this.startProcess();
  }

  get state(): EngineProcessState {
    return this.current;
  }

  set state(next: EngineProcessState) {
    const now = performance.now();
    this.spentMs[this.current] += now - this.since;
    this.since = now;
    this.current = next;
  }

  /** Milliseconds this place has spent in a state so far, in the present one up to now. */
  timeIn(state: EngineProcessState): number {
    return this.spentMs[state] + (state === this.current ? performance.now() - this.since : 0);
  }

  private startProcess(): EngineClient {
    this.starts++;
    return this.start(this);
  }

  /** Its process is gone, and with it all that was in its memory. */
  lose(): void {
    this.state = 'down';
    this.loaded.clear();
    this.warmed.clear();
    this.refused.clear();
  }

  replaceProcess(): void {
    this.client = this.startProcess();
    this.hasServed = false;
    this.state = 'idle';
  }
}
