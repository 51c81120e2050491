import type { ModelKey } from '../engine';
import type { EngineClient } from './engine-client';

/** `preparing`: it loads, warms or unloads a model; `down`: it is being replaced. */
export type EngineProcessState = 'idle' | 'running' | 'preparing' | 'down';

/** One place of the pool: the process in it now, and what that process has in memory. */
export class Place {
  state: EngineProcessState = 'idle';
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
    this.client = start(this);
  }

  /** Its process is gone, and with it all that was in its memory. */
  lose(): void {
    this.state = 'down';
    this.loaded.clear();
    this.warmed.clear();
    this.refused.clear();
  }

  replaceProcess(): void {
    this.client = this.start(this);
    this.hasServed = false;
    this.state = 'idle';
  }
}
