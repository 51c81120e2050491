import type { Cancellation } from '../cancellation';

/** Weight of the newest piece of work in the running mean of how long one takes. */
const SMOOTHING = 0.1;

/** Work of which so much goes on at the same time. The rest waits in its order; what was cancelled meanwhile never begins. */
export class Turns {
  private running = 0;
  private meanMs: number | undefined;
  private readonly waiting: (() => void)[] = [];

  /** @param places 1 or more */
  constructor(
    private readonly places: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How long all that is under way and waits will take, in milliseconds, by what was measured. */
  get backlogMs(): number {
    return ((this.running + this.waiting.length) * (this.meanMs ?? 0)) / this.places;
  }

  async take<Result>(work: () => Promise<Result>, cancellation?: Pick<Cancellation, 'reason'>): Promise<Result> {
    if (this.running >= this.places) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      if (cancellation?.reason) throw cancellation.reason;
      const startedAt = this.now();
      const result = await work();
      const ms = this.now() - startedAt;
      this.meanMs = this.meanMs === undefined ? ms : this.meanMs + SMOOTHING * (ms - this.meanMs);
      return result;
    } finally {
      // The place goes from hand to hand, so that nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
