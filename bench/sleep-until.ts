/**
 * Resolves shortly before a time on the clock of `performance.now()`; undefined where it has come. Timers come late by a
 * millisecond or more: where several requests are due, they are sent together.
 */
export function sleepUntil(at: number): Promise<void> | undefined {
  const ms = at - performance.now();
  return ms > 1 ? new Promise((resolve) => setTimeout(resolve, ms - 1)) : undefined;
}
