import { createClient, type Client, type ExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';
import { graphqlUrl, type ErrorAnswer, type Operation } from './graphql';
import type { TestServer } from './server';

export interface SocketAnswer<Data> {
  readonly data: Data | null | undefined;
  readonly errors: readonly ErrorAnswer[];
}

/** How a connection ended. */
export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
}

export interface Socket {
  /** One operation, and the one answer to it. */
  readonly ask: <Data>(operation: Operation<Data>, variables?: Record<string, unknown>) => Promise<SocketAnswer<Data>>;
  /** Sends an operation and returns what tells the server that nobody wants its answer any more. */
  readonly start: (operation: Operation<unknown>, variables?: Record<string, unknown>) => () => void;
  /** Leaves without a word, as a client that crashed. */
  readonly terminate: () => void;
  readonly close: () => Promise<void>;
  readonly ended: Promise<SocketEnd>;
}

export interface SocketOptions {
  /** Headers of the upgrade. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectionParams?: Record<string, unknown>;
}

/** A connected client of the protocol `graphql-transport-ws`. Rejects with `SocketRefusedError` where it is refused. */
export async function openSocket(
  server: Pick<TestServer, 'origin'>,
  { headers = {}, connectionParams }: SocketOptions = {},
): Promise<Socket> {
  let raw: WebSocket | undefined;
  let onConnected: () => void;
  let onEnded: (end: SocketEnd) => void;
  const connected = new Promise<void>((resolve) => (onConnected = resolve));
  const ended = new Promise<SocketEnd>((resolve) => (onEnded = resolve));
  const client = createClient({
    url: graphqlUrl(server).replace('http:', 'ws:'),
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { headers });
      }
    },
    ...(connectionParams && { connectionParams }),
    lazy: false,
    retryAttempts: 0,
    // How a connection ends is told by the promise.
    onNonLazyError: () => undefined,
    on: {
      connected: (socket) => {
        raw = socket as WebSocket;
        onConnected();
      },
      closed: (event) => {
        const { code, reason } = event as SocketEnd;
        onEnded({ code, reason });
      },
    },
  });
  const refusal = await Promise.race([connected, ended]);
  if (refusal) throw new SocketRefusedError(refusal);
  return {
    ask: (operation, variables = {}) => askOnce(client, operation, variables) as never,
    start: ({ text: query }, variables = {}) => client.subscribe({ query, variables }, IGNORE),
    terminate: () => raw?.terminate(),
    close: async () => client.dispose(),
    ended,
  };
}

export class SocketRefusedError extends Error {
  constructor(readonly end: SocketEnd) {
    super(describeEnd(end));
  }
}

const IGNORE = { next: () => undefined, error: () => undefined, complete: () => undefined };

function askOnce(
  client: Client,
  { text: query, extensions }: Operation<unknown>,
  variables: Record<string, unknown>,
): Promise<SocketAnswer<unknown>> {
  return new Promise((resolve, reject) => {
    let answer: SocketAnswer<unknown> | undefined;
    client.subscribe(
      { query, variables, ...(extensions && { extensions }) },
      {
        next: ({ data, errors }: ExecutionResult) => {
          answer = { data, errors: (errors ?? []) as unknown as ErrorAnswer[] };
        },
        // Refused before it was executed: a list of errors in place of an answer.
        error: (errors) => {
          if (Array.isArray(errors)) resolve({ data: undefined, errors: errors as ErrorAnswer[] });
          else reject(errors instanceof Error ? errors : new Error(`The connection ended: ${describeEnd(errors)}`));
        },
        complete: () => {
          if (answer) resolve(answer);
          else reject(new Error('The operation was completed without an answer.'));
        },
      },
    );
  });
}

function describeEnd(end: unknown): string {
  const { code, reason } = end as SocketEnd;
  return `${code} ${reason}`;
}
