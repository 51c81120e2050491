/** How far the two clocks may drift apart: spans of one trace must not jump over each other. */
const MAX_DRIFT_MS = 50;

/** Turns times of `performance.now()`, in which facts are told, into milliseconds since 1970. */
export class WallClock {
  private offsetMs = performance.timeOrigin;

  /** To be called now and then: the wall clock is set at times, and the other stands still while a machine sleeps. */
  follow(): void {
    const offsetMs = Date.now() - performance.now();
    if (Math.abs(offsetMs - this.offsetMs) > MAX_DRIFT_MS) this.offsetMs = offsetMs;
  }

  at(time: number): number {
    return this.offsetMs + time;
  }

  now(): number {
    return this.at(performance.now());
  }
}
