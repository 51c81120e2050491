/** `npm run bench:profile`: where the server's time goes at full load, task by task. See README.md. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseProfile, type ProfileSummary } from './cpu-profile';
import type { LoadAnswer, LoadQuestion } from './load-process';
import { describeMachine } from './machine';
import { readOptions } from './options';
import { readPayloads, type Payload, type TaskField } from './payloads';
import { readProcessorTime } from './processor-time';
import { table } from './report';
import { startServer } from './servers';
import { startWorker } from './workers';

const CONCURRENCY = 32;
/** What stands before the profile settles: models that load, code that is compiled. */
const WARM_UP_MS = 3_000;

interface TaskProfile {
  readonly task: TaskField;
  readonly summary: ProfileSummary;
  readonly perSecond: number;
  /** Processor time of one prediction. */
  readonly serverMs: number | undefined;
  readonly enginesMs: number | undefined;
}

void main();

async function main(): Promise<void> {
  const { tasks, seconds } = readOptions(process.argv.slice(2));
  const payloads = readPayloads();
  const profiles: TaskProfile[] = [];
  for (const task of tasks) profiles.push(await profileTask(task, payloads[task], seconds * 1_000));
  const report = renderReport(profiles, seconds);
  console.log(report);
  writeFileSync('bench/profile.md', report);
}

/** A server of its own for each task, so that its profile holds nothing of another. */
async function profileTask(task: TaskField, payload: Payload, measureMs: number): Promise<TaskProfile> {
  const folder = mkdtempSync(path.join(tmpdir(), 'predictql-profile-'));
  const generator = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const server = await startServer(['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  try {
    const body = JSON.stringify({ query: payload.query, variables: payload.variables });
    const question = { port: server.port, body, concurrency: CONCURRENCY };
    await generator.ask({ ...question, warmUpMs: WARM_UP_MS, measureMs: 1 });
    const before = readProcessorTime(server.pid);
    const { predictions, perSecond } = await generator.ask({ ...question, warmUpMs: 0, measureMs });
    const after = readProcessorTime(server.pid);
    await server.stop();
    const [file] = readdirSync(folder);
    if (file === undefined) throw new Error('The server left no profile.');
    return {
      task,
      summary: parseProfile(readFileSync(path.join(folder, file), 'utf8'), { lastMs: measureMs }),
      perSecond,
      serverMs: before && after && (after.serverMs - before.serverMs) / predictions,
      enginesMs: before && after && (after.enginesMs - before.enginesMs) / predictions,
    };
  } finally {
    generator.stop();
    rmSync(folder, { recursive: true });
  }
}

function renderReport(profiles: readonly TaskProfile[], seconds: number): string {
  return [
    '# Where the time goes',
    '',
    `Written by \`npm run bench:profile\`: the server's own thread under ${CONCURRENCY} connections, ${seconds} s a task,`,
    'self time. Idle time is left out; engine processes are others, and decoding of pictures has threads of its own.',
    '',
    ...describeMachine().map((line) => `- ${line}`),
    ...profiles.flatMap(renderTask),
    '',
  ].join('\n');
}

function renderTask({ task, summary, perSecond, serverMs, enginesMs }: TaskProfile): string[] {
  const cpu = (value: number | undefined): string => (value === undefined ? 'n/a' : `${value.toFixed(3)} ms`);
  const share = (ms: number): string => `${((100 * ms) / summary.busyMs).toFixed(1)} %`;
  return [
    '',
    `## ${task}`,
    '',
    `${perSecond.toFixed(0)} predictions a second under the profiler. Processor time of one: ${cpu(serverMs)} in the`,
    `server, ${cpu(enginesMs)} in engine processes. The server's thread was busy`,
    `${((100 * summary.busyMs) / summary.wallMs).toFixed(0)} % of the time.`,
    '',
    ...table(
      ['package', 'share'],
      summary.packages.slice(0, 12).map(({ name, ms }) => [name, share(ms)]),
    ),
    '',
    ...table(
      ['function', 'where', 'share'],
      summary.functions.slice(0, 20).map(({ name, where, ms }) => [`\`${name}\``, where, share(ms)]),
    ),
  ];
}
