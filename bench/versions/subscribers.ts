import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import { ask, dataOf } from '../../test/support/graphql';
import { MODEL, VersionFolders } from '../../test/support/version-folders';
import { until } from '../../test/support/until';
import { PROMOTE } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import type { LoadAnswer, LoadQuestion } from '../load-process';
import { readPayloads } from '../payloads';
import { summarize, type Latencies } from '../statistics';
import { startWorker, type Worker } from '../workers';
import { atMost, runAsCommand, type Findings } from './verdicts';

/** Milliseconds from one promotion to the next, unless telling of it takes longer. */
const EVERY_MS = 300;

export interface SubscribersOptions {
  readonly subscribers: number;
  readonly events: number;
}

/** Idle subscribers, how soon each of them hears of a promotion, and what predictions notice of it. */
export async function informSubscribers({ subscribers, events }: SubscribersOptions): Promise<Findings> {
  const folders = new VersionFolders(['1', '2']);
  const server = await new VersionServer(folders, { settings: { PREDICTQL_LOG_LEVEL: 'error' } }).start();
  // Of its own process: this one has its subscribers to read for.
  const asker = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const sockets: WebSocket[] = [];
  try {
    const arrivals: number[] = [];
    await openAll(server, 50, sockets, () => undefined);
    const before = residentKilobytes(server.pid);
    await openAll(server, subscribers, sockets, () => arrivals.push(performance.now()));
    const perSubscriber = (residentKilobytes(server.pid) - before) / subscribers;
    const sinceSent: number[] = [];
    const sinceAnswered: number[] = [];
    const answers: number[] = [];
    const measureMs = events * EVERY_MS;
    const without = await askAlone(asker, server, measureMs);
    const beside = askAlone(asker, server, measureMs);
    for (let count = 0; count < events; count++) {
      arrivals.length = 0;
      const sentAt = performance.now();
      dataOf(await ask(server, PROMOTE, { input: { model: MODEL, version: count % 2 === 0 ? '1' : '2' } }));
      const answeredAt = performance.now();
      await until('all have heard', () => arrivals.length >= subscribers);
      answers.push(answeredAt - sentAt);
      sinceSent.push(...arrivals.map((at) => at - sentAt));
      sinceAnswered.push(...arrivals.map((at) => Math.max(0, at - answeredAt)));
      await setTimeout(Math.max(0, EVERY_MS - (performance.now() - sentAt)));
    }
    const what = `${subscribers} subscribers, ${events} events: p99 from the mutation's answer to the event`;
    return {
      verdicts: [atMost(what, summarize(sinceAnswered).p99Ms, 250, 'ms')],
      figures: {
        'From sending the mutation to its answer': describe(summarize(answers)),
        "From the mutation's answer to the event": describe(summarize(sinceAnswered)),
        'From sending the mutation to the event': describe(summarize(sinceSent)),
        'fraudScore, one at a time, without events': describe(without),
        [`fraudScore, one at a time, beside an event every ${EVERY_MS} ms`]: describe(await beside),
        'Memory of the server per idle subscriber, connection included': `${perSubscriber.toFixed(1)} KB`,
      },
    };
  } finally {
    asker.stop();
    for (const socket of sockets) socket.terminate();
    await server.stop();
    folders[Symbol.dispose]();
  }
}

function describe({ p50Ms, p99Ms }: Latencies): string {
  return `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
}

function askAlone(
  asker: Worker<LoadQuestion, LoadAnswer>,
  { port }: VersionServer,
  measureMs: number,
): Promise<LoadAnswer> {
  const { query, variables } = readPayloads().fraudScore;
  return asker.ask({ port, body: JSON.stringify({ query, variables }), concurrency: 1, warmUpMs: 0, measureMs });
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
