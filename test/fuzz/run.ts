/** `npm run fuzz -- --requests 100000 --seed 1`: generated requests against a server as users run it. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../bench/machine';
import { startObservedServer } from '../support/server';
import { runCampaign, type CampaignResult } from './campaign';
import { generateRequest } from './generated-requests';

const USAGE = `Usage: npm run fuzz -- [options]
  --requests <n>   how many (default: 100000)
  --seed <n>       another seed, other requests (default: 1)
  --only <n>       send the one request of this number, and show it
  --write          write test/fuzz/results.md though it is not the whole
`;
const WHOLE = 100_000;

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
    onProgress: (sent) => {
      if (sent % 5_000 === 0) console.log(`${sent} sent`);
    },
  });
  const { code } = await server.stop();
  // What the server itself thinks of its failures.
  for (const entry of server.log().slice(0, 20)) console.log(JSON.stringify(entry).slice(0, 2_000));
  const report = render({ ...result, seed, requests, exit: code, logged: server.log().length });
  console.log(report);
  if (values.write || (requests >= WHOLE && values.only === undefined)) writeFileSync('test/fuzz/results.md', report);
  if (result.failures.length > 0 || code !== 0 || isGrowing(result.heapMb)) process.exitCode = 1;
}

/** Whether the second half left something behind: in the first, caches fill up. */
function isGrowing(heapMb: readonly number[]): boolean {
  const [, second = 0, third = 0, , last = 0] = heapMb;
  return last > 1.15 * Math.max(second, third);
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

function render({ seed, requests, failures, tally, heapMb, seconds, exit, logged }: Report): string {
  return [
    '# Generated requests',
    '',
    `Written by \`npm run fuzz -- --requests ${requests} --seed ${seed}\`; README.md beside it says what is sent.`,
    '',
    ...describeMachine().map((line) => `- ${line}`),
    `- ${requests} requests in ${seconds.toFixed(0)} s`,
    `- Failures: ${failures.length}; errors in the server's log: ${logged}; it ended with ${exit ?? 'a signal'}`,
    `- Heap after a collection, each time another fifth was sent: ${heapMb.map((megabytes) => megabytes.toFixed(1)).join(', ')} MB`,
    '',
    ...failures.slice(0, 50).map(({ number, what, message }) => `- \`--only ${number}\` (${what}): ${message}`),
    '| reply | times |',
    '| --- | --- |',
    ...tally.map(([reply, count]) => `| ${reply} | ${count} |`),
    '',
  ].join('\n');
}
