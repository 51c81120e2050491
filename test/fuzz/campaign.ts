import type { ObservedServer, ServerFacts, ServerMemory } from '../support/server';
import { until } from '../support/until';
import type { MemorySample } from './growth';
import { generateRequest, type GeneratedRequest } from './generated-requests';
import { judgeReply, TOO_SLOW } from './judge-reply';
import { converse, sendHttp } from './send-request';

export interface CampaignOptions {
  readonly seed: number;
  /** Numbers of the requests. */
  readonly first: number;
  readonly requests: number;
  /** Requests under way at the same time. */
  readonly clients?: number;
  /** Told each time another tenth was sent. */
  readonly onStep?: (sample: MemorySample) => void;
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
  /** At the start, and each time another tenth was sent. */
  readonly memory: readonly MemorySample[];
  readonly seconds: number;
}

const DEFAULT_CLIENTS = 16;
const STEPS = 10;
/** Share of the requests that a busy machine may fail to answer in time. */
const MAX_SHARE_TOO_SLOW = 0.01;

/** Sends generated requests and judges every reply. A failure is reproduced by its seed and number. */
export async function runCampaign(server: ObservedServer, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, first, requests, clients = DEFAULT_CLIENTS, onStep } = options;
  const startedAt = performance.now();
  const failures: CampaignFailure[] = [];
  const tally = new Map<string, number>();
  let next = first;
  let sent = 0;
  let tooSlow = 0;
  const client = async (end: number): Promise<void> => {
    while (next < end) {
      const number = next++;
      const request = generateRequest(seed, number);
      try {
        const reply = judgeReply(request, await send(server.origin, request));
        if (TOO_SLOW.includes(reply)) tooSlow++;
        const key = `${request.what}: ${reply}`;
        tally.set(key, (tally.get(key) ?? 0) + 1);
      } catch (error) {
        failures.push({ number, what: request.what, message: (error as Error).message });
      }
      sent++;
    }
  };

  const memory: MemorySample[] = [{ sent, ...(await settledMemory(server)) }];
  for (let step = 1; step <= STEPS; step++) {
    const end = first + Math.ceil((requests * step) / STEPS);
    await Promise.all(Array.from({ length: clients }, () => client(end)));
    memory.push({ sent, ...(await settledMemory(server)) });
    onStep?.(memory.at(-1)!);
  }
  if (tooSlow > Math.max(1, MAX_SHARE_TOO_SLOW * requests))
    failures.push({ number: first, what: 'all together', message: `${tooSlow} were not answered in time.` });
  return {
    failures: failures.sort((a, b) => a.number - b.number),
    tally: [...tally].sort(([, a], [, b]) => b - a),
    memory,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function send(origin: string, request: GeneratedRequest) {
  return request.via === 'http' ? sendHttp(origin, request) : converse(origin, request);
}

/** What the server holds when nothing is under way any more. */
async function settledMemory(server: ObservedServer): Promise<ServerMemory> {
  let facts: ServerFacts | undefined;
  await until('nothing is under way', async () => {
    facts = await server.facts();
    return facts.admitted === 0 && facts.queueLength === 0;
  });
  return server.memory();
}
