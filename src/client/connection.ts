import { createClient, type Client } from 'graphql-ws/client';
import { fromResponse, KeyEndedError, PredictQLError, type ErrorCode, type ResponseError } from './errors';
import type { Payload } from './operation';

/** Milliseconds between signs of life, and how long the server may take to answer one. */
const KEEP_ALIVE_MS = 10_000;
const PONG_LIMIT_MS = 5_000;
/** Close codes by which a server says that the same attempt would fail again. */
const FATAL_CODES = [1002, 1007, 1009, 4004, 4005, 4400, 4406, 4409, 4429];

/** Close codes that have a name of their own in the API: a key that is missing, wrong, or has ended; one that may not. */
const NAMED_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [4401, 'UNAUTHENTICATED'],
  [4403, 'FORBIDDEN'],
]);

/** Anything with the interface of a browser's WebSocket; Node has one of its own from version 22 on. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => object;

export interface ConnectionOptions {
  readonly url: string;
  /** Sent as the payload of `connection_init`, since a browser's WebSocket takes no headers. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Whether `headers` may hold another key when they are asked for again. */
  readonly renewsKey: boolean;
  readonly webSocket?: WebSocketConstructor | undefined;
}

/** One WebSocket for all subscriptions of a client: opened by the first, closed after the last. */
export class Connection {
  private client: Promise<Client> | undefined;
  /** Whether the server accepted the key of this connection, and of the one that was closed last. */
  private isAccepted = false;
  private wasAccepted = false;

  constructor(private readonly options: ConnectionOptions) {}

  /**
   * What the server sends, until it ends the subscription. Throws a PredictQLError with the server's code, or one with
   * NETWORK_ERROR where the connection was lost and a new one may do better. A KeyEndedError says that a new one with
   * another key may.
   */
  async *subscribe(payload: Payload, signal: AbortSignal): AsyncGenerator<unknown, void> {
    signal.throwIfAborted();
    const client = await (this.client ??= this.open());
    const results = client.iterate({ ...payload });
    const stop = (): void => void results.return?.();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const { data, errors } of results) {
        if (errors) throw fromResponse(errors, { data });
        yield data;
      }
    } catch (thrown) {
      throw this.renew(toPredictQLError(thrown));
    } finally {
      signal.removeEventListener('abort', stop);
    }
    signal.throwIfAborted();
  }

  async close(): Promise<void> {
    const client = await this.client;
    this.client = undefined;
    await client?.dispose();
  }

  /** A key that was accepted has ended since; one that was refused would be refused again. */
  private renew(error: PredictQLError): PredictQLError {
    const hasEnded = error.code === 'UNAUTHENTICATED' && this.wasAccepted && this.options.renewsKey;
    return hasEnded ? new KeyEndedError(error.message, { code: error.code, cause: error }) : error;
  }

  private async open(): Promise<Client> {
    const { url, headers, webSocket } = this.options;
    let pong: NodeJS.Timeout | undefined;
    const client = createClient({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: webSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket ?? (await import('ws')).WebSocket,
      connectionParams: headers,
      // Whoever subscribes knows from where to go on; a subscription sent again from its start would repeat itself.
      retryAttempts: 0,
      keepAlive: KEEP_ALIVE_MS,
      on: {
        ping: (received) => {
          // A line that was cut somewhere between stays open here until something is expected from it.
          if (!received) pong = setTimeout(() => client.terminate(), PONG_LIMIT_MS);
        },
        pong: () => clearTimeout(pong),
        connected: () => {
          this.isAccepted = true;
        },
        closed: () => {
          clearTimeout(pong);
          this.wasAccepted = this.isAccepted;
          this.isAccepted = false;
        },
      },
    });
    return client;
  }
}

/** graphql-ws throws the server's errors as an array, and the event of a connection that closed as it is. */
function toPredictQLError(thrown: unknown): PredictQLError {
  if (thrown instanceof PredictQLError) return thrown;
  if (Array.isArray(thrown)) return fromResponse(thrown as ResponseError[], {});
  const { code = 0, reason = '' } = (thrown ?? {}) as { code?: number; reason?: string };
  const message = `The connection was closed${code ? ` with ${code}` : ''}${reason ? `: ${reason}` : '.'}`;
  const named = NAMED_CODES.get(code) ?? (FATAL_CODES.includes(code) ? 'BAD_RESPONSE' : 'NETWORK_ERROR');
  return new PredictQLError(message, { code: named, cause: thrown });
}
