/** Hears why work is not wanted any more. */
export type CancelListener = (reason: Error) => void;

/**
 * Tells those who work that nobody waits any more. It is what an AbortSignal is, for a path that everything passes: a
 * signal with its listeners costs twenty times as much, so one is made only for those who need it.
 */
export class Cancellation {
  private listeners: Set<CancelListener> | undefined;
  private controller: AbortController | undefined;
  private why: Error | undefined;

  /** Why; undefined while the work is wanted. */
  get reason(): Error | undefined {
    return this.why;
  }

  /** The same as a signal, for what takes one. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.why) this.controller.abort(this.why);
    }
    return this.controller.signal;
  }

  /** Calls back once, when cancelled; never if that is past. */
  addListener(listener: CancelListener): void {
    (this.listeners ??= new Set()).add(listener);
  }

  removeListener(listener: CancelListener): void {
    this.listeners?.delete(listener);
  }

  /** Only the first reason counts. */
  cancel(reason: Error): void {
    if (this.why) return;
    this.why = reason;
    for (const listener of this.listeners ?? []) listener(reason);
    this.listeners = undefined;
    this.controller?.abort(reason);
  }
}
