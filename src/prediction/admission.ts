import { AppError } from '../errors';

/** The shortest wait that is worth telling a client. */
const LEAST_RETRY_MS = 100;
/**
 * A wait is estimated by the last seconds, and turns out longer where a machine becomes slower. Who had been let in just in
 * time would then be computed for nothing.
 */
const LONGER_THAN_ESTIMATED = 1.2;

export interface AdmissionRequest {
  /** How long the prediction would wait for its turn, in milliseconds, by what is queued now. */
  readonly estimatedWaitMs: number;
  /** How long its client would wait, in milliseconds. */
  readonly timeoutMs: number;
}

/** A place among the predictions under way; dispose of it when the prediction is over. */
export interface Place extends Disposable {
  /** Work that may outlive a prediction which was given up: the place is taken until that has ended too. */
  keepFor(work: Promise<unknown>): void;
}

/**
 * Who may wait. One bound for all predictions under way, each item of a list counted, from before its preprocessing
 * to its answer: whoever would not be answered in time is told so at once.
 */
export class Admission {
  private used = 0;
  private isOpen = true;

  /** @param limit how many predictions may be under way at the same time, 1 or more */
  constructor(readonly limit: number) {}

  get inUse(): number {
    return this.used;
  }

  /** OVERLOADED for who would get no place now. */
  refusalOf({ estimatedWaitMs, timeoutMs }: AdmissionRequest): AppError | undefined {
    if (!this.isOpen) return overloaded('stopping', 'The server is stopping.', LEAST_RETRY_MS);
    if (this.used >= this.limit)
      return overloaded('limit', `${this.used} predictions are under way, which is the limit.`, estimatedWaitMs);
    const tooLongMs = estimatedWaitMs - timeoutMs / LONGER_THAN_ESTIMATED;
    if (tooLongMs <= 0) return undefined;
    const wait = `about ${Math.ceil(estimatedWaitMs)} ms`;
    return overloaded('wait', `The wait is ${wait}, too long for the ${timeoutMs} that the request allows.`, tooLongMs);
  }

  /** Takes a place. Throws OVERLOADED. */
  enter(request: AdmissionRequest): Place {
    const refusal = this.refusalOf(request);
    if (refusal) throw refusal;
    this.used++;
    let isHeld = true;
    let holders = 1;
    const release = (): void => {
      if (--holders === 0) this.used--;
    };
    return {
      keepFor(work) {
        holders++;
        void work.then(release, release);
      },
      [Symbol.dispose]: () => {
        if (isHeld) release();
        isHeld = false;
      },
    };
  }

  /** From now on nobody is let in; who is inside stays. */
  close(): void {
    this.isOpen = false;
  }
}

function overloaded(reason: 'limit' | 'wait' | 'stopping', why: string, waitMs: number): AppError {
  const retryAfterMs = Math.max(LEAST_RETRY_MS, Math.ceil(waitMs));
  return new AppError('OVERLOADED', `${why} Try again in ${retryAfterMs} ms.`, {
    reason,
    extensions: { retryAfterMs },
  });
}
