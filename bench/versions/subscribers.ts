import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { ask, dataOf } from '../../test/support/graphql';
import { MODEL, VersionFolders } from '../../test/support/version-folders';
import { until } from '../../test/support/until';
import { PROMOTE } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import { summarize } from '../statistics';
import { atMost, runAsCommand, type Findings } from './verdicts';

export interface SubscribersOptions {
  readonly subscribers: number;
  readonly events: number;
}

/** Idle subscribers, and how soon each of them hears of a promotion. */
export async function informSubscribers({ subscribers, events }: SubscribersOptions): Promise<Findings> {
  const folders = new VersionFolders(['1', '2']);
  const server = await new VersionServer(folders, { settings: { PREDICTQL_LOG_LEVEL: 'error' } }).start();
  const sockets: WebSocket[] = [];
  try {
    const arrivals: number[] = [];
    await openAll(server, 50, sockets, () => undefined);
    const before = residentKilobytes(server.pid);
    await openAll(server, subscribers, sockets, () => arrivals.push(performance.now()));
    const perSubscriber = (residentKilobytes(server.pid) - before) / subscribers;
    const latencies: number[] = [];
    const sinceSent: number[] = [];
    const answers: number[] = [];
    for (let count = 0; count < events; count++) {
      arrivals.length = 0;
      const sentAt = performance.now();
      dataOf(await ask(server, PROMOTE, { input: { model: MODEL, version: count % 2 === 0 ? '1' : '2' } }));
      const answeredAt = performance.now();
      await until('all have heard', () => arrivals.length >= subscribers);
      answers.push(answeredAt - sentAt);
      sinceSent.push(...arrivals.map((at) => at - sentAt));
      latencies.push(...arrivals.map((at) => Math.max(0, at - answeredAt)));
    }
    const { p99Ms } = summarize(latencies);
    const describe = (values: readonly number[]): string => {
      const { p50Ms: p50, p99Ms: p99 } = summarize(values);
      return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    };
    return {
      verdicts: [
        atMost(
          `${subscribers} subscribers, ${events} events: p99 from the mutation's answer to the event`,
          p99Ms,
          250,
          'ms',
        ),
      ],
      figures: {
        'Events that came before the mutation was answered': `${latencies.filter((latency) => latency === 0).length} of ${latencies.length}`,
        'From sending the mutation to the event': describe(sinceSent),
        'From sending the mutation to its answer': describe(answers),
        'Memory of the server per idle subscriber, connection included': `${perSubscriber.toFixed(1)} KB`,
      },
    };
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
    folders[Symbol.dispose]();
  }
}

/** Subscribes by the bare protocol: a client library would be measured as well. */
async function openAll(
  { port }: VersionServer,
  count: number,
  sockets: WebSocket[],
  onPromoted: () => void,
): Promise<void> {
  const query = 'subscription { modelVersionChanged(kinds: [PROMOTED, CURRENT]) { cursor kind version } }';
  for (let from = 0; from < count; from += 50)
    await Promise.all(
      Array.from(
        { length: Math.min(50, count - from) },
        () =>
          new Promise<void>((resolve, reject) => {
            const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
            sockets.push(socket);
            socket.on('error', reject);
            socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
            socket.on('message', (data: Buffer) => {
              const text = data.toString();
              if (text.includes('connection_ack'))
                socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
              else if (text.includes('"CURRENT"')) resolve();
              else if (text.includes('"PROMOTED"')) onPromoted();
            });
          }),
      ),
    );
}

function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

if (require.main === module)
  void runAsCommand('subscribers', () => informSubscribers({ subscribers: 1_000, events: 50 }));
