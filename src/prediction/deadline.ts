import { AppError, toError } from '../errors';

/** A signal that is aborted by its parent or after `timeoutMs`, whichever comes first; dispose of it to stop the clock. */
export class Deadline implements Disposable {
  /** When it ends, on the clock of `performance.now()`. */
  readonly at: number;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly onParentAbort = (): void => this.controller.abort(this.parent.reason);

  constructor(
    private readonly parent: AbortSignal,
    readonly timeoutMs: number,
  ) {
    this.at = performance.now() + timeoutMs;
    this.timer = setTimeout(() => this.controller.abort(deadlineExceeded(timeoutMs)), timeoutMs);
    if (parent.aborted) this.onParentAbort();
    else parent.addEventListener('abort', this.onParentAbort);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get remainingMs(): number {
    return this.at - performance.now();
  }

  /** Throws why, if it has ended. */
  check(): void {
    this.signal.throwIfAborted();
  }

  /** What the work gives or throws; once the deadline has ended, its reason instead, whatever becomes of the work. */
  race<Result>(work: Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(toError(this.signal.reason));
      this.signal.addEventListener('abort', giveUp);
      if (this.signal.aborted) giveUp();
      void Promise.resolve(work)
        .then(resolve, reject)
        .finally(() => this.signal.removeEventListener('abort', giveUp));
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.onParentAbort);
  }
}

function deadlineExceeded(timeoutMs: number): AppError {
  return new AppError(
    'DEADLINE_EXCEEDED',
    `The prediction was not ready within ${timeoutMs} ms. Try again, or allow it more time with options.timeoutMs.`,
  );
}
