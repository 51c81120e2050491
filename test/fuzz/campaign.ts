import type { ObservedServer, ServerFacts } from '../support/server';
import { until } from '../support/until';
import { generateRequest, type GeneratedRequest } from './generated-requests';
import { judgeReply } from './judge-reply';
import { converse, sendHttp } from './send-request';

export interface CampaignOptions {
  readonly seed: number;
  /** Numbers of the requests. */
  readonly first: number;
  readonly requests: number;
  /** Requests under way at the same time. */
  readonly clients?: number;
  /** Told of each request that was answered. */
  readonly onProgress?: (sent: number) => void;
}

export interface CampaignFailure {
  readonly number: number;
  readonly what: string;
  readonly message: string;
}

export interface CampaignResult {
  readonly failures: readonly CampaignFailure[];
  /** How often each kind of reply came, the most frequent first. */
  readonly tally: readonly (readonly [reply: string, count: number])[];
  /** Megabytes of the server's heap after a collection, each time another fifth was sent. */
  readonly heapMb: readonly number[];
  readonly seconds: number;
}

const DEFAULT_CLIENTS = 16;

/** Sends generated requests and judges every reply. A failure is reproduced by its seed and number. */
export async function runCampaign(server: ObservedServer, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, first, requests, clients = DEFAULT_CLIENTS, onProgress } = options;
  const startedAt = performance.now();
  const failures: CampaignFailure[] = [];
  const tally = new Map<string, number>();
  let next = first;
  let sent = 0;
  const client = async (end: number): Promise<void> => {
    while (next < end) {
      const number = next++;
      const request = generateRequest(seed, number);
      try {
        const reply = judgeReply(request, await send(server.origin, request));
        const key = `${request.what}: ${reply}`;
        tally.set(key, (tally.get(key) ?? 0) + 1);
      } catch (error) {
        failures.push({ number, what: request.what, message: (error as Error).message });
      }
      onProgress?.(++sent);
    }
  };

  const heapMb: number[] = [];
  for (let fifth = 1; fifth <= 5; fifth++) {
    const end = first + Math.ceil((requests * fifth) / 5);
    await Promise.all(Array.from({ length: clients }, () => client(end)));
    heapMb.push(await settledHeap(server));
  }
  return {
    failures: failures.sort((a, b) => a.number - b.number),
    tally: [...tally].sort(([, a], [, b]) => b - a),
    heapMb,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function send(origin: string, request: GeneratedRequest) {
  return request.via === 'http' ? sendHttp(origin, request) : converse(origin, request);
}

/** What the server holds when nothing is under way any more. */
async function settledHeap(server: ObservedServer): Promise<number> {
  let facts: ServerFacts | undefined;
  await until('nothing is under way', async () => {
    facts = await server.facts();
    return facts.admitted === 0 && facts.queueLength === 0;
  });
  return server.heapMb();
}
