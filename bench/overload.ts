/** More requests than can be answered: what is answered all the same, how fast, and how fast the rest is refused. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LoadAnswer, LoadQuestion } from './load-process';
import { describeMachine } from './machine';
import type { OpenLoopAnswer, OpenLoopQuestion } from './open-loop-process';
import { readPayloads, TASKS, type TaskField } from './payloads';
import { table } from './report';
import { startServer } from './servers';
import { startWorker, type Worker } from './workers';

const USAGE = `Usage: npm run bench:overload -- [options]
  --task <name>     classifyImage, sentiment or fraudScore; may be repeated (default: all)
  --seconds <n>     measured at each load (default: 10)
  --warm-up <n>     seconds before, in which the queue fills (default: 15)
  --strict          end with 1 when a threshold is missed
  --write           write bench/results-overload.md though it is not the whole benchmark
`;
const OUTPUT = 'bench/results-overload.md';
const TIMES_CAPACITY = [1, 2, 5] as const;
/** What a prediction has that does not say. */
const DEADLINE_MS = 10_000;
const MAX_REFUSAL_MS = 50;
/** Goodput in shares of capacity. Refusing a transaction costs nearly as much as answering it, so it has no threshold. */
const LEAST_GOODPUT: Readonly<Partial<Record<number, number>>> = { 2: 0.9, 5: 0.7 };
/** Milliseconds after an overload within which a lone request must be as fast as before it. */
const RECOVERY_MS = 2_000;
/** As fast as before: within so many times, and a millisecond of noise. */
const RECOVERED = 2;

interface Row {
  readonly task: TaskField;
  readonly times: number;
  readonly capacity: number;
  readonly found: OpenLoopAnswer;
  readonly recoveryMs: number;
}

void main();

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const { tasks, seconds, warmUp, isStrict, writes } = readOptions(args);
  const rows: Row[] = [];
  for (const task of tasks)
    for (const times of TIMES_CAPACITY) {
      const row = await measure({ task, times, seconds, warmUp });
      process.stdout.write(`${describe(row).join(' | ')}\n`);
      rows.push(row);
    }
  const missed = rows.flatMap(missedBy);
  const command = ['npm run bench:overload', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const lines = [
    ...describeMachine().map((line) => `- ${line}`),
    `- Command: \`${command}\`: ${seconds} s at each load, after ${warmUp} s in which the queue filled`,
    `- Limits: goodput at least 0.9 of capacity at 2 times and 0.7 at 5 times (not for fraudScore), p99 of answers within ${DEADLINE_MS} ms, of refusals under ${MAX_REFUSAL_MS} ms, normal again within ${RECOVERY_MS} ms, nothing failed`,
    '',
    ...table(HEADER, rows.map(describe)),
    '',
  ];
  const report = lines.join('\n');
  process.stdout.write(report);
  if (writes) writeFileSync(OUTPUT, report);
  if (isStrict && missed.length > 0) process.exitCode = 1;
}

interface Load {
  readonly task: TaskField;
  readonly times: number;
  readonly seconds: number;
  readonly warmUp: number;
}

/** A server of its own for each load, so that none begins with what another left. */
async function measure({ task, times, seconds, warmUp }: Load): Promise<Row> {
  const server = await startServer();
  const closed = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const open = startWorker<OpenLoopQuestion, OpenLoopAnswer>('open-loop-process', 'generator');
  try {
    const { query, variables } = readPayloads()[task];
    const body = JSON.stringify({ query, variables });
    const ask = { port: server.port, body };
    const capacity = (await closed.ask({ ...ask, concurrency: 64, warmUpMs: 2_000, measureMs: 4_000 })).perSecond;
    const before = await latencyAlone(closed, ask);
    const found = await open.ask({
      ...ask,
      perSecond: times * capacity,
      warmUpMs: warmUp * 1_000,
      measureMs: seconds * 1_000,
    });
    const recoveryMs = await recover(closed, ask, before);
    return { task, times, capacity, found, recoveryMs };
  } finally {
    closed.stop();
    open.stop();
    await server.stop();
  }
}

type Ask = Pick<LoadQuestion, 'port' | 'body'>;

async function latencyAlone(closed: Worker<LoadQuestion, LoadAnswer>, ask: Ask, measureMs = 500): Promise<number> {
  return (await closed.ask({ ...ask, concurrency: 1, warmUpMs: 0, measureMs })).p50Ms;
}

/** Milliseconds after the last answer of the overload until a lone request is as fast as before it. */
async function recover(closed: Worker<LoadQuestion, LoadAnswer>, ask: Ask, beforeMs: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const now = performance.now() - startedAt;
    if ((await latencyAlone(closed, ask, 100)) <= RECOVERED * beforeMs + 1 || now > 5 * RECOVERY_MS) return now;
  }
}

const HEADER = [
  'task',
  'load',
  'capacity /s',
  'answered /s',
  'goodput',
  'answers p99 ms',
  'refused',
  'refusals p99 ms',
  'failed',
  'normal after ms',
  'generator behind ms',
  '',
];

function describe(row: Row): string[] {
  const { task, times, capacity, found, recoveryMs } = row;
  const missed = missedBy(row);
  return [
    task,
    `${times} ×`,
    capacity.toFixed(1),
    found.answeredPerSecond.toFixed(1),
    goodputOf(row).toFixed(2),
    found.answeredP99Ms?.toFixed(0) ?? '',
    String(found.refused),
    found.refusedP99Ms?.toFixed(0) ?? '',
    Object.entries(found.failed)
      .map(([code, count]) => `${code} ${count}`)
      .join(', '),
    recoveryMs.toFixed(0),
    found.behindMs.toFixed(0),
    missed.length === 0 ? 'holds' : `**missed: ${missed.join(', ')}**`,
  ];
}

function missedBy(row: Row): string[] {
  const { task, times, found, recoveryMs } = row;
  const least = task === 'fraudScore' ? undefined : LEAST_GOODPUT[times];
  return [
    ...(least !== undefined && goodputOf(row) < least ? ['goodput'] : []),
    ...((found.answeredP99Ms ?? Infinity) > DEADLINE_MS ? ['answers'] : []),
    ...((found.refusedP99Ms ?? 0) >= MAX_REFUSAL_MS ? ['refusals'] : []),
    ...(recoveryMs > RECOVERY_MS ? ['recovery'] : []),
    ...(Object.keys(found.failed).length > 0 ? ['failures'] : []),
  ];
}

function goodputOf({ capacity, found }: Row): number {
  return found.answeredPerSecond / capacity;
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      task: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '10' },
      'warm-up': { type: 'string', default: '15' },
      strict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const tasks = TASKS.filter((task) => values.task?.includes(task) ?? true);
  const [seconds, warmUp] = [Number(values.seconds), Number(values['warm-up'])];
  if (tasks.length < (values.task?.length ?? 1) || !(seconds > 0) || !(warmUp >= 0)) throw new Error(USAGE);
  return { tasks, seconds, warmUp, isStrict: values.strict, writes: values.write || args.length === 0 };
}
