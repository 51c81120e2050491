import type { Caller, CallerLimits as Limits } from '../context';
import { AppError } from '../errors';
import { BoundedMap } from './bounded-map';

/** Callers that are remembered. Who has been idle longest is forgotten first, and begins anew. */
const MAX_CALLERS = 10_000;
/** Milliseconds after which to try again where nobody knows when another request ends. */
const RETRY_MS = 1_000;

/** What is left of a caller's requests, for the headers of an answer. */
export interface Standing {
  /** Requests in a second. */
  readonly limit: number;
  readonly remaining: number;
}

type Counted = Pick<Caller, 'id' | 'limits'>;

/** Tokens that come back with time, up to a second's worth. What is charged afterwards may leave it in debt. */
interface Bucket {
  tokens: number;
  at: number;
}

interface Account {
  requests?: Bucket;
  inferenceMs?: Bucket;
  runningRequests: number;
  subscriptions: number;
}

/** How much each caller may ask for, by key, subject or address: the limits of its key, or else those of the settings. */
export class CallerLimits {
  private readonly accounts = new BoundedMap<Account>(MAX_CALLERS, isIdle);

  constructor(
    private readonly defaults: Limits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get callers(): number {
    return this.accounts.size;
  }

  /** The limits that hold for a caller; one that is undefined is none. */
  of({ limits }: Pick<Caller, 'limits'>): Limits {
    return {
      requestsPerSecond: limits?.requestsPerSecond ?? this.defaults.requestsPerSecond,
      inferenceMsPerSecond: limits?.inferenceMsPerSecond ?? this.defaults.inferenceMsPerSecond,
      concurrentRequests: limits?.concurrentRequests ?? this.defaults.concurrentRequests,
      subscriptions: limits?.subscriptions ?? this.defaults.subscriptions,
    };
  }

  /** Counts a request until it is disposed of. Throws RATE_LIMITED. */
  enterRequest(caller: Counted): Disposable {
    const limits = this.of(caller);
    const account = this.accountOf(caller);
    const { requestsPerSecond, inferenceMsPerSecond, concurrentRequests } = limits;
    if (concurrentRequests !== undefined && account.runningRequests >= concurrentRequests)
      throw tooMany('RATE_LIMITED', `${concurrentRequests} requests at the same time`, RETRY_MS);
    if (inferenceMsPerSecond !== undefined) {
      const { tokens } = this.refill(account, 'inferenceMs', inferenceMsPerSecond);
      if (tokens <= 0)
        throw tooMany(
          'RATE_LIMITED',
          `${inferenceMsPerSecond} ms of inference a second`,
          (1_000 * (1 - tokens)) / inferenceMsPerSecond,
        );
    }
    if (requestsPerSecond !== undefined) {
      const bucket = this.refill(account, 'requests', requestsPerSecond);
      if (bucket.tokens < 1)
        throw tooMany(
          'RATE_LIMITED',
          `${requestsPerSecond} requests a second`,
          (1_000 * (1 - bucket.tokens)) / requestsPerSecond,
        );
      bucket.tokens--;
    }
    account.runningRequests++;
    return once(() => account.runningRequests--);
  }

  /** Counts a subscription until it is disposed of. Throws TOO_MANY_SUBSCRIPTIONS. */
  enterSubscription(caller: Counted): Disposable {
    const { subscriptions } = this.of(caller);
    const account = this.accountOf(caller);
    if (subscriptions !== undefined && account.subscriptions >= subscriptions)
      throw tooMany('TOO_MANY_SUBSCRIPTIONS', `${subscriptions} subscriptions at the same time`, RETRY_MS);
    account.subscriptions++;
    return once(() => account.subscriptions--);
  }

  /** What was computed for a caller. Known only afterwards, so the next request waits for what the last one took too much. */
  charge(caller: Counted, inferenceMs: number): void {
    const { inferenceMsPerSecond } = this.of(caller);
    if (inferenceMsPerSecond === undefined) return;
    this.refill(this.accountOf(caller), 'inferenceMs', inferenceMsPerSecond).tokens -= inferenceMs;
  }

  /** Undefined where the caller's requests are not limited. */
  standingOf(caller: Counted): Standing | undefined {
    const { requestsPerSecond: limit } = this.of(caller);
    if (limit === undefined) return undefined;
    const { tokens } = this.refill(this.accountOf(caller), 'requests', limit);
    return { limit, remaining: Math.max(0, Math.floor(tokens)) };
  }

  private accountOf({ id }: Counted): Account {
    return this.accounts.use(id, () => ({ runningRequests: 0, subscriptions: 0 }));
  }

  private refill(account: Account, what: 'requests' | 'inferenceMs', perSecond: number): Bucket {
    const now = this.now();
    const most = Math.max(1, perSecond);
    const bucket = (account[what] ??= { tokens: most, at: now });
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) * perSecond) / 1_000);
    bucket.at = now;
    return bucket;
  }
}

function isIdle({ runningRequests, subscriptions }: Account): boolean {
  return runningRequests === 0 && subscriptions === 0;
}

function once(release: () => void): Disposable {
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld) release();
      isHeld = false;
    },
  };
}

function tooMany(code: 'RATE_LIMITED' | 'TOO_MANY_SUBSCRIPTIONS', limit: string, waitMs: number): AppError {
  const retryAfterMs = Math.max(1, Math.ceil(waitMs));
  return new AppError(code, `You may have ${limit}. Try again in ${retryAfterMs} ms.`, {
    extensions: { retryAfterMs },
  });
}
