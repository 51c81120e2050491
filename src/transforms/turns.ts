import type { Cancellation } from '../cancellation';

/** Work of which so much goes on at the same time. The rest waits in its order; what was cancelled meanwhile never begins. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param places 1 or more */
  constructor(private readonly places: number) {}

  async take<Result>(work: () => Promise<Result>, cancellation?: Pick<Cancellation, 'reason'>): Promise<Result> {
    if (this.running >= this.places) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      if (cancellation?.reason) throw cancellation.reason;
      return await work();
    } finally {
      // The place goes from hand to hand, so that nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
