/**
 * The typed client of PredictQL, for Node and browsers.
 *
 * ```ts
 * const client = createPredictQLClient({ url: 'http://localhost:4000/graphql' });
 * const { sentiment } = await client.request(SentimentDocument, { text: 'Not bad at all.' });
 * ```
 */
import { Connection, type WebSocketConstructor } from './connection';
import { fromResponse, PredictQLError, type ResponseError } from './errors';
import { post, type Answer } from './http';
import { toPayload, type Operation, type OperationArguments } from './operation';
import { subscribeResuming } from './resume';
import { withRetry, type RetryOptions } from './retry';

export * from './generated/graphql';
export * from './errors';
export type { WebSocketConstructor } from './connection';
export type { Operation, OperationArguments } from './operation';
export type { RetryOptions } from './retry';

type Headers = Readonly<Record<string, string>>;

export interface ClientOptions {
  /** Where the API is, such as `http://localhost:4000/graphql`; subscriptions use `ws:` on the same path. */
  readonly url: string;
  /**
   * An API key or token, sent as `authorization: Bearer …`, or how to get one: asked for with each request and
   * connection, so that tokens may end while subscriptions go on.
   */
  readonly apiKey?: string | (() => string | Promise<string>);
  /** More headers, or how to get them for each request and connection. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** Milliseconds for a request with its retries. Left out: no limit of the client's own. */
  readonly timeoutMs?: number;
  /** Send again what was refused as OVERLOADED or RATE_LIMITED, after `retryAfterMs`. Left out: never. */
  readonly retry?: RetryOptions;
  /** Left out: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Left out: the global one; in Node before 22 the one of the package `ws`. */
  readonly webSocket?: WebSocketConstructor;
}

export interface RequestOptions {
  /** Gives the request up: the server stops computing it too. */
  readonly signal?: AbortSignal;
  /** In place of the client's. */
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
}

export interface SubscribeOptions {
  /** Ends the subscription by throwing the signal's reason; leaving the loop ends it as well. */
  readonly signal?: AbortSignal;
}

/** What was answered, and what failed beside it. */
export interface Settled<Result> {
  /** Null where nothing was answered. A field that failed is null in it, with its error among `errors`. */
  readonly data: Result | null;
  readonly errors: readonly ResponseError[];
}

export interface PredictQLClient {
  /**
   * Sends a query or mutation. Files (Blob or File) among the variables are uploaded.
   * Throws a PredictQLError where anything failed; what was answered all the same is its `data`.
   */
  request<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...args: OperationArguments<NoInfer<Variables>, RequestOptions>
  ): Promise<Result>;

  /** The same for requests that may succeed in part, such as lists: errors of fields are returned beside the data. */
  settle<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...args: OperationArguments<NoInfer<Variables>, RequestOptions>
  ): Promise<Settled<Result>>;

  /**
   * Results of a subscription as they come: `for await (const result of client.subscribe(…))`. Where results carry a
   * `cursor` and the operation takes `after`, a lost connection is made again and nothing is lost or doubled.
   */
  subscribe<Result, Variables>(
    operation: Operation<Result, Variables>,
    ...args: OperationArguments<NoInfer<Variables>, SubscribeOptions>
  ): AsyncGenerator<Result, void>;

  /** Closes the WebSocket and ends all subscriptions, also those that are waiting to connect again. */
  close(): Promise<void>;
}

export function createPredictQLClient(options: ClientOptions): PredictQLClient {
  const { url, fetch = globalThis.fetch } = options;
  const connection = new Connection({
    url,
    headers: () => headersOf(options),
    renewsKey: [options.apiKey, options.headers].some((each) => typeof each === 'function'),
    webSocket: options.webSocket,
  });
  /** Aborted by `close`; a subscription that is waiting to connect again has no socket that could tell it. */
  let closing = new AbortController();

  async function send(operation: Operation<unknown, never>, variables: unknown, given: RequestOptions = {}) {
    const { signal: userSignal, timeoutMs = options.timeoutMs, retry = options.retry } = given;
    const payload = toPayload(operation, variables);
    const signals = [userSignal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
    const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
    const sendOnce = async (): Promise<Answer> =>
      refuseUnanswered(await post(payload, { url, headers: await headersOf(options), signal, fetch }));
    try {
      return await (retry ? withRetry(sendOnce, retry, signal) : sendOnce());
    } catch (error) {
      if (!signal.aborted || userSignal?.aborted) throw error;
      const message = `There was no answer within ${String(timeoutMs)} ms.`;
      throw new PredictQLError(message, { code: 'CLIENT_TIMEOUT', cause: error });
    }
  }

  return {
    async request<Result>(operation: Operation<Result, never>, variables?: unknown, given?: RequestOptions) {
      const { data, errors, status } = await send(operation, variables, given);
      if (errors.length > 0) throw fromResponse(errors, { data, status });
      return data as Result;
    },

    async settle<Result>(operation: Operation<Result, never>, variables?: unknown, given?: RequestOptions) {
      const { data, errors } = await send(operation, variables, given);
      return { data: data as Result | null, errors };
    },

    async *subscribe<Result>(operation: Operation<Result, never>, variables?: unknown, given: SubscribeOptions = {}) {
      const closed = closing.signal;
      const signal = given.signal ? AbortSignal.any([given.signal, closed]) : closed;
      const subscribeOnce = connection.subscribe.bind(connection);
      try {
        yield* subscribeResuming(subscribeOnce, toPayload(operation, variables), signal) as AsyncGenerator<
          Result,
          void
        >;
      } catch (error) {
        if (!closed.aborted || given.signal?.aborted) throw error;
      }
    },

    close() {
      closing.abort();
      closing = new AbortController();
      return connection.close();
    },
  };
}

/** Throws what makes a whole request fail; with data, errors belong to fields. */
function refuseUnanswered(answer: Answer): Answer {
  const { data, errors, status } = answer;
  const hasAnswers = Object.values(data ?? {}).some((value) => value !== null);
  if (errors.length > 0 && !hasAnswers) throw fromResponse(errors, { data, status });
  return answer;
}

async function headersOf({ apiKey, headers = {} }: ClientOptions): Promise<Headers> {
  const own = typeof headers === 'function' ? await headers() : headers;
  const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
  return key === undefined ? own : { authorization: `Bearer ${key}`, ...own };
}
