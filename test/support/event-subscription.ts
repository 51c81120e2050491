import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { graphqlUrl, type ErrorAnswer } from './graphql';
import { until } from './until';
import { EVENT, type EventAnswer } from './version-operations';

export interface EventSubscription {
  readonly events: readonly EventAnswer[];
  /** Set where the subscription was refused or ended by the server. */
  readonly errors: readonly ErrorAnswer[];
  /** Waits for an event that has come, or will. */
  readonly untilEvent: (kind: string, version: string) => Promise<EventAnswer>;
  /** As `kind version`. */
  readonly told: () => string[];
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
  /** Leaves without a word. */
  readonly terminate: () => void;
}

/** A subscription of a connection of its own that does not connect again. Resolves once the server has accepted it. */
export function subscribeEvents(
  server: { readonly origin: string },
  variables: Readonly<Record<string, unknown>> = {},
  /** Of whoever subscribes, where a key is needed. */
  connectionParams: Readonly<Record<string, unknown>> = {},
): EventSubscription {
  const events: EventAnswer[] = [];
  const errors: ErrorAnswer[] = [];
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const client = createClient({
    url: graphqlUrl(server).replace('http:', 'ws:'),
    webSocketImpl: ForgivingWebSocket,
    connectionParams,
    retryAttempts: 0,
    shouldRetry: () => false,
  });
  client.subscribe<{ readonly modelVersionChanged: EventAnswer }>(
    {
      query: `subscription ($model: String, $kinds: [ModelVersionEventKind!], $after: String) {
        modelVersionChanged(model: $model, kinds: $kinds, after: $after) { ${EVENT} }
      }`,
      variables,
    },
    {
      next: ({ data, errors: refused }) => {
        if (data) events.push(data.modelVersionChanged);
        errors.push(...((refused ?? []) as unknown as ErrorAnswer[]));
      },
      error: (reason) => {
        if (Array.isArray(reason)) errors.push(...(reason as ErrorAnswer[]));
        end();
      },
      complete: () => end(),
    },
  );
  const find = (kind: string, version: string): EventAnswer | undefined =>
    events.find((event) => event.kind === kind && event.version === version);
  return {
    events,
    errors,
    ended,
    told: () => events.map(({ kind, version }) => `${kind} ${version}`),
    untilEvent: async (kind, version) => {
      await until(`${kind} ${version} is told`, () => find(kind, version) !== undefined);
      return find(kind, version)!;
    },
    close: async () => client.dispose(),
    terminate: () => client.terminate(),
  };
}

/** One that is terminated before it is open says so by an error that nobody waits for. */
class ForgivingWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol);
    this.on('error', () => undefined);
  }
}
