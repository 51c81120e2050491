export interface SlicesOptions {
  /** Milliseconds of work in a slice: what a prediction beside it may wait longer than without. Default: 5. */
  readonly sliceMs?: number;
  /** Turns given at a time: the clock is looked at when all of them have been used. Default: 8, for work of microseconds. */
  readonly turnsAtOnce?: number;
  /**
   * Milliseconds after a slice in which not all had their turn until the next begins. Between two slices the event loop comes
   * round once, which helps nobody who needs the processor core for an engine process. Default: 0.
   */
  readonly restMs?: number;
  /** Whether others are at work now, so that a rest goes on. Default: never. */
  readonly isBusy?: () => boolean;
  /** Milliseconds after which a rest ends though others are at work. Default: `restMs`. */
  readonly longestRestMs?: number;
}

/**
 * Lets many who each have a little to do take turns, first come, first served, in slices of some milliseconds. Between
 * two slices the event loop does everything else that waits; what is under way when somebody asks for a turn, such as
 * an answer that is being written, goes before the first.
 */
export class Slices {
  private readonly waiting: (() => void)[] = [];
  private isOpen = false;
  private isChecking = false;
  private endsAt = 0;
  private isPlanned = false;
  private readonly sliceMs: number;
  private readonly turnsAtOnce: number;
  private readonly restMs: number;
  private readonly isBusy: () => boolean;
  private readonly longestRestMs: number;

  constructor(options: SlicesOptions = {}) {
    const { sliceMs = 5, turnsAtOnce = 8, restMs = 0, isBusy = () => false, longestRestMs = restMs } = options;
    this.sliceMs = sliceMs;
    this.turnsAtOnce = turnsAtOnce;
    this.restMs = restMs;
    this.isBusy = isBusy;
    this.longestRestMs = longestRestMs;
  }

  /** Those who wait for a turn. */
  get length(): number {
    return this.waiting.length;
  }

  /** Resolves when it is the caller's turn: to be asked for before every piece of work. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.isOpen) this.check();
      else if (!this.isPlanned) this.plan();
    });
  }

  private plan(): void {
    this.isPlanned = true;
    setImmediate(() => this.begin());
  }

  private rest(until: number): void {
    this.isPlanned = true;
    setTimeout(() => {
      if (this.isBusy() && performance.now() < until) this.rest(until);
      else this.begin();
    }, this.restMs);
  }

  private begin(): void {
    this.isPlanned = false;
    this.isOpen = true;
    this.endsAt = performance.now() + this.sliceMs;
    setImmediate(() => this.end());
    this.check();
  }

  private end(): void {
    this.isOpen = false;
    if (this.waiting.length === 0) return;
    if (this.restMs > 0) this.rest(performance.now() + this.longestRestMs);
    else this.begin();
  }

  /** A tick made by a microtask comes after all other microtasks: those who were given their turn have used it by then. */
  private check(): void {
    if (this.isChecking) return;
    this.isChecking = true;
    process.nextTick(() => {
      this.isChecking = false;
      if (!this.isOpen || performance.now() >= this.endsAt) return;
      for (const resolve of this.waiting.splice(0, this.turnsAtOnce)) resolve();
      // A tick made by this one would come before their microtasks.
      if (this.waiting.length > 0) queueMicrotask(() => this.check());
    });
  }
}
