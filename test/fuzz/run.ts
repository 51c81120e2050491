/** `npm run fuzz -- --requests 100000 --seed 1`: generated requests against a server as users run it. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../bench/machine';
import { table } from '../../bench/report';
import { startObservedServer } from '../support/server';
import { runCampaign, type CampaignResult } from './campaign';
import { generateRequest } from './generated-requests';
import { afterWarmUp, bytesPerRequest } from './growth';

const USAGE = `Usage: npm run fuzz -- [options]
  --requests <n>   how many (default: 100000)
  --seed <n>       another seed, other requests (default: 1)
  --only <n>       send the one request of this number, and show it
  --write          write bench/results-fuzz.md though it is not the whole
`;
const WHOLE = 100_000;
const RESULTS = 'bench/results-fuzz.md';
/** Bytes of heap that a request may leave behind once caches are full: less than any object that is kept of it. */
const MAX_BYTES_PER_REQUEST = 100;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: String(WHOLE) },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const [requests, seed] = [Number(values.requests), Number(values.seed)];
  if (!(requests > 0) || !Number.isInteger(seed)) throw new Error(USAGE);
  const first = values.only === undefined ? 0 : Number(values.only);
  if (values.only !== undefined) show(seed, first);
  const server = await startObservedServer({ settings: { PREDICTQL_LOG_LEVEL: 'error' } });
  const result = await runCampaign(server, {
    seed,
    first,
    requests: values.only === undefined ? requests : 1,
    onStep: ({ sent, heapMb }) => console.log(`${sent} sent, heap ${heapMb.toFixed(1)} MB`),
  });
  const { code } = await server.stop();
  // What the server itself thinks of its failures.
  for (const entry of server.log().slice(0, 20)) console.log(JSON.stringify(entry).slice(0, 2_000));
  const report = render({ ...result, seed, requests, exit: code, logged: server.log().length });
  console.log(report);
  if (values.write || (requests >= WHOLE && values.only === undefined)) writeFileSync(RESULTS, report);
  // Fewer requests do not fill the caches.
  const isGrowing = requests >= WHOLE && bytesPerRequest(afterWarmUp(result.memory)) > MAX_BYTES_PER_REQUEST;
  if (result.failures.length > 0 || code !== 0 || isGrowing) process.exitCode = 1;
}

function show(seed: number, number: number): void {
  const request = generateRequest(seed, number);
  const body = request.via === 'http' ? request.body?.toString() : undefined;
  console.log(JSON.stringify({ ...request, body }, null, 2));
}

interface Report extends CampaignResult {
  readonly seed: number;
  readonly requests: number;
  readonly exit: number | null;
  /** Entries of the log: the level is error. */
  readonly logged: number;
}

function render({ seed, requests, failures, tally, memory, seconds, exit, logged }: Report): string {
  const kinds = [...new Set(tally.map(([reply]) => kindOf(reply)))];
  return [
    '# Generated requests',
    '',
    `Written by \`npm run fuzz -- --requests ${requests} --seed ${seed}\`; test/fuzz/README.md says what is sent.`,
    '',
    // Nothing is pinned to a core here.
    ...describeMachine().flatMap((line) => (line.startsWith('Cores:') ? [] : [`- ${line}`])),
    `- ${requests} requests in ${seconds.toFixed(0)} s`,
    `- Failures (no answer, a hang, no code, INTERNAL_SERVER_ERROR, anything of what is inside): ${failures.length}`,
    `- Errors in the server's log: ${logged}; it ended with ${exit ?? 'a signal'}`,
    `- Heap in the second half, by least squares: ${bytesPerRequest(afterWarmUp(memory)).toFixed(0)} bytes a request; at most ${MAX_BYTES_PER_REQUEST}`,
    '',
    ...failures.slice(0, 50).map(({ number, what, message }) => `- \`--only ${number}\` (${what}): ${message}`),
    'What the server held after a collection, nothing being under way:',
    '',
    ...table(
      ['sent', 'heap MB', 'buffers MB', 'resident MB'],
      memory.map(({ sent, ...megabytes }) => [
        String(sent),
        ...[megabytes.heapMb, megabytes.externalMb, megabytes.residentMb].map((each) => each.toFixed(1)),
      ]),
    ),
    '',
    ...table(
      ['kind', 'requests'],
      kinds.map((kind) => [kind, String(sum(tally.filter(([reply]) => kindOf(reply) === kind)))]),
    ),
    '',
    ...table(
      ['reply', 'times'],
      tally.map(([reply, count]) => [reply, String(count)]),
    ),
    '',
  ].join('\n');
}

function kindOf(reply: string): string {
  return reply.slice(0, reply.indexOf(':'));
}

function sum(tally: CampaignResult['tally']): number {
  return tally.reduce((total, [, count]) => total + count, 0);
}
