/** Milliseconds of work in a slice: what a prediction beside it may wait longer than without. */
const SLICE_MS = 5;
/** Turns given at a time: the clock is looked at when all of them have been used. */
const TURNS_AT_ONCE = 8;

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
  private next: NodeJS.Immediate | undefined;

  constructor(private readonly sliceMs = SLICE_MS) {}

  /** Resolves when it is the caller's turn: to be asked for before every piece of work. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.isOpen) this.check();
      else this.next ??= setImmediate(() => this.begin());
    });
  }

  private begin(): void {
    this.isOpen = true;
    this.endsAt = performance.now() + this.sliceMs;
    this.next = setImmediate(() => this.end());
    this.check();
  }

  private end(): void {
    this.isOpen = false;
    this.next = undefined;
    if (this.waiting.length > 0) this.begin();
  }

  /** A tick made by a microtask comes after all other microtasks: those who were given their turn have used it by then. */
  private check(): void {
    if (this.isChecking) return;
    this.isChecking = true;
    process.nextTick(() => {
      this.isChecking = false;
      if (!this.isOpen || performance.now() >= this.endsAt) return;
      for (const resolve of this.waiting.splice(0, TURNS_AT_ONCE)) resolve();
      // A tick made by this one would come before their microtasks.
      if (this.waiting.length > 0) queueMicrotask(() => this.check());
    });
  }
}
