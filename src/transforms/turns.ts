import type { Cancellation } from '../cancellation';

/** Weight of the newest piece of work in the running mean of how long one takes. */
const SMOOTHING = 0.1;

/** For whom work is done: by whom turns are shared out, and what says that nobody waits for it any more. */
export interface Asker {
  readonly owner: string;
  readonly cancellation: Pick<Cancellation, 'reason'>;
}

/**
 * Work of which so much goes on at the same time. The rest waits: owners in turn, and the work of each in its order, so
 * that one with a hundred pictures does not stand before one with a single one. What was cancelled never begins.
 */
export class Turns {
  private running = 0;
  private meanMs: number | undefined;
  /** Those whose turn it is first come first; none is empty. */
  private readonly waiting = new Map<string, (() => void)[]>();

  /** @param places 1 or more */
  constructor(
    private readonly places: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How long what goes before new work of this owner will take, in milliseconds, by what was measured. */
  backlogMsBefore(owner: string): number {
    const own = this.waiting.get(owner)?.length ?? 0;
    let before = this.running + own;
    for (const [other, { length }] of this.waiting) if (other !== owner) before += Math.min(length, own + 1);
    return (before * (this.meanMs ?? 0)) / this.places;
  }

  async take<Result>(work: () => Promise<Result>, { owner, cancellation }: Partial<Asker> = {}): Promise<Result> {
    if (this.running >= this.places) await this.wait(owner ?? '');
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
      const next = this.next();
      if (next) next();
      else this.running--;
    }
  }

  private wait(owner: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.waiting.get(owner);
      if (line) line.push(resolve);
      else this.waiting.set(owner, [resolve]);
    });
  }

  private next(): (() => void) | undefined {
    const [first] = this.waiting;
    if (!first) return undefined;
    const [owner, line] = first;
    const next = line.shift();
    // The others have their turn before it is this owner's again.
    this.waiting.delete(owner);
    if (line.length > 0) this.waiting.set(owner, line);
    return next;
  }
}
