/** How long a request waits in the queue when nothing else is under way: what batching costs whoever comes alone. */
import { describeMachine } from './machine';
import { readPayloads, TASKS, type TaskField } from './payloads';
import { table } from './report';
import { startServer, type BenchServer } from './servers';
import { summarize } from './statistics';

const REQUESTS = { classifyImage: 300, sentiment: 500, fraudScore: 2_000 } as const satisfies Record<TaskField, number>;
/** Before each task, so that code is compiled and the connection is open. */
const WARM_UP = 50;
const LIMIT_MS = 1;

void main();

async function main(): Promise<void> {
  const server = await startServer();
  const rows: string[][] = [];
  let isMissed = false;
  for (const task of TASKS) {
    const waits = (await measure(server, task)).slice(WARM_UP);
    const { p50Ms, p99Ms } = summarize(waits);
    const holds = p99Ms < LIMIT_MS;
    isMissed ||= !holds;
    const figures = [p50Ms, p99Ms, Math.max(...waits)].map((value) => value.toFixed(3));
    rows.push([task, String(waits.length), ...figures, holds ? 'holds' : '**missed**']);
  }
  await server.stop();
  const lines = [
    ...describeMachine().map((line) => `- ${line}`),
    '- Command: `node -r ./bench/register.cjs bench/queue-wait.ts`',
    '',
    ...table(['one at a time', 'requests', 'p50 ms', 'p99 ms', 'longest ms', `p99 under ${LIMIT_MS} ms`], rows),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (isMissed) process.exitCode = 1;
}

/** The wait of each request, as its answer tells it. */
async function measure(server: BenchServer, task: TaskField): Promise<number[]> {
  const { query, variables } = readPayloads()[task];
  const body = JSON.stringify({ query: query.replace(/\bbatchSize\b/, 'batchSize queueMs'), variables });
  const headers = { 'content-type': 'application/json' };
  const waits: number[] = [];
  for (let request = 0; request < WARM_UP + REQUESTS[task]; request++) {
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, { method: 'POST', body, headers });
    const { data } = (await response.json()) as { data: Record<string, { timing: { queueMs: number } }> };
    waits.push((data[task] as { timing: { queueMs: number } }).timing.queueMs);
  }
  return waits;
}
