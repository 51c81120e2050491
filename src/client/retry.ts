import { PredictQLError } from './errors';

export interface RetryOptions {
  /** How often a refused request is sent again, at most: 1 or more. */
  readonly attempts: number;
}

const RETRIED = ['OVERLOADED', 'RATE_LIMITED'];
/** Where the server does not say how long. */
const DEFAULT_WAIT_MS = 1_000;
/** Clients that were refused together must not come back together. */
const JITTER = 0.25;

/**
 * Sends again what the server refused before it computed anything, and never earlier than it asked for. Other failures
 * are not retried: they would fail again, or cost the server twice.
 */
export async function withRetry<Result>(
  send: () => Promise<Result>,
  { attempts }: RetryOptions,
  signal: AbortSignal,
): Promise<Result> {
  for (let attempt = 0; ; attempt++)
    try {
      return await send();
    } catch (error) {
      if (attempt >= attempts || !wasRefused(error)) throw error;
      const waitMs = (error.retryAfterMs ?? DEFAULT_WAIT_MS) * (1 + JITTER * Math.random());
      await wait(waitMs, signal);
    }
}

/** Whether load was the only reason. What was answered in part is not thrown at all where this is asked. */
function wasRefused(error: unknown): error is PredictQLError {
  if (!(error instanceof PredictQLError) || error.errors.length === 0) return false;
  return error.errors.every(({ extensions }) => RETRIED.includes(String(extensions?.['code'])));
}

/** Resolves after so many milliseconds. Rejects with the signal's reason when it is aborted first. */
export function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
