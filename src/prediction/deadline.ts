import { Cancellation } from '../cancellation';
import { AppError } from '../errors';

/** Is cancelled with its parent or after `timeoutMs`, whichever comes first; dispose of it to stop the clock. */
export class Deadline extends Cancellation implements Disposable {
  private readonly timer: NodeJS.Timeout;
  private readonly onParentCancelled = (reason: Error): void => this.cancel(reason);

  constructor(
    private readonly parent: Cancellation,
    readonly timeoutMs: number,
  ) {
    super();
    this.timer = setTimeout(() => this.cancel(deadlineExceeded(timeoutMs)), timeoutMs);
    if (parent.reason) this.cancel(parent.reason);
    else parent.addListener(this.onParentCancelled);
  }

  /** Throws why, if it has ended. */
  check(): void {
    if (this.reason) throw this.reason;
  }

  /** What the work gives or throws; once the deadline has ended, its reason instead, whatever becomes of the work. */
  race<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.reason) reject(this.reason);
      else this.addListener(reject);
      const forget = (): void => this.removeListener(reject);
      work.then(resolve, reject).then(forget, forget);
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.parent.removeListener(this.onParentCancelled);
  }
}

function deadlineExceeded(timeoutMs: number): AppError {
  return new AppError(
    'DEADLINE_EXCEEDED',
    `The prediction was not ready within ${timeoutMs} ms. Try again, or allow it more time with options.timeoutMs.`,
  );
}
