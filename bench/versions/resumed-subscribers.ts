import type { createPredictQLClient as CreateClient, PredictQLClient } from '../../src/client';
import WebSocket from 'ws';
import { ask, dataOf } from '../../test/support/graphql';
import { createRandom } from '../../test/support/random';
import { until } from '../../test/support/until';
import { MODEL, VersionFolders } from '../../test/support/version-folders';
import { PROMOTE, READ_EVENTS, type EventAnswer } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import { requireCompiled } from '../compiled';
import { runAsCommand, type Findings } from './verdicts';

const { createPredictQLClient } = requireCompiled('client/index') as { createPredictQLClient: typeof CreateClient };
const WATCH = `subscription ($after: String) { modelVersionChanged(after: $after) { cursor kind version } }`;

export interface ResumedSubscribersOptions {
  readonly subscribers: number;
  readonly events: number;
  /** How often the server is killed. */
  readonly kills: number;
}

/** A subscriber whose connections are cut, and who is sometimes replaced by another that begins after its last cursor. */
class Subscriber {
  readonly events: EventAnswer[] = [];
  private sockets = new Set<WebSocket>();
  private client: PredictQLClient | undefined;

  constructor(private readonly url: string) {
    this.connect();
  }

  get last(): string | undefined {
    return this.events.at(-1)?.cursor;
  }

  cut(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  /** Leaves without a word; another one takes over. */
  replace(): void {
    const left = this.client;
    this.connect();
    void left?.close();
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = undefined;
  }

  private connect(): void {
    const sockets = (this.sockets = new Set<WebSocket>());
    class Watched extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.add(this);
        this.once('close', () => sockets.delete(this));
      }
    }
    const client = createPredictQLClient({ url: this.url, webSocket: Watched });
    this.client = client;
    void this.read(client);
  }

  private async read(client: PredictQLClient): Promise<void> {
    try {
      const stream = client.subscribe(WATCH, { after: this.last }) as AsyncIterable<{
        modelVersionChanged: EventAnswer;
      }>;
      for await (const { modelVersionChanged: event } of stream) {
        if (this.client !== client) return;
        if (event.kind !== 'CURRENT') this.events.push(event);
      }
    } catch (error) {
      if (this.client !== client) return;
      // Lost before the first event, so there is no cursor to resume after: begin anew.
      if (this.last !== undefined) throw error;
      this.connect();
    }
  }
}

/** Promotes again and again while subscribers are cut, replaced, and the server is killed. */
export async function resumeSubscribers({ subscribers, events, kills }: ResumedSubscribersOptions): Promise<Findings> {
  const folders = new VersionFolders(['1', '2']);
  const server = await new VersionServer(folders, { settings: { PREDICTQL_LOG_LEVEL: 'error' } }).start();
  const random = createRandom(5);
  const watchers = Array.from({ length: subscribers }, () => new Subscriber(`${server.origin}/graphql`));
  try {
    let failedChanges = 0;
    for (let count = 1; count <= events; count++) {
      const version = count % 2 === 0 ? '2' : '1';
      await ask(server, PROMOTE, { input: { model: MODEL, version } }).catch(() => failedChanges++);
      const unlucky = watchers[Math.floor(random() * subscribers)]!;
      if (random() < 0.2) unlucky.cut();
      else if (random() < 0.05) unlucky.replace();
      if (count % Math.ceil(events / (kills + 1)) === 0) {
        await server.stop('SIGKILL');
        await server.start();
      }
    }
    const history: EventAnswer[] = [];
    for (let after: string | null = null; ;) {
      const page: NonNullable<NonNullable<typeof READ_EVENTS.data>['modelVersionEvents']> = dataOf(
        await ask(server, READ_EVENTS, { first: 1000, after }),
      ).modelVersionEvents!;
      history.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const head = history.at(-1)!.cursor;
    const behind = (): Subscriber[] => watchers.filter(({ last }) => last !== head);
    await until('all subscribers have all events', () => behind().length === 0, 60_000).catch(() => undefined);
    const order = history.map(({ cursor }) => cursor);
    const wrong = watchers.filter(({ events: got }) => {
      const from = order.indexOf(got[0]?.cursor ?? '');
      return from < 0 || order.slice(from).join() !== got.map(({ cursor }) => cursor).join();
    });
    const received = watchers.reduce((sum, watcher) => sum + watcher.events.length, 0);
    return {
      verdicts: [
        {
          what: `${subscribers} subscribers, cut and replaced at random during ${events} changes and ${kills} kill -9 of the server: those that missed, doubled or disordered an event`,
          found: String(wrong.length),
          limit: '0',
          holds: wrong.length === 0 && history.length >= events - failedChanges,
        },
      ],
      figures: {
        'Events in the log': String(history.length),
        'Events received by all subscribers together': String(received),
        'Fewest received by one': String(Math.min(...watchers.map((watcher) => watcher.events.length))),
      },
    };
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.close()));
    await server.stop();
    folders[Symbol.dispose]();
  }
}

if (require.main === module)
  void runAsCommand('resumed-subscribers', () => resumeSubscribers({ subscribers: 50, events: 2_000, kills: 5 }));
