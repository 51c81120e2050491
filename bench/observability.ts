/** `npm run bench:observability`: what metrics, traces and the log cost together, and the prediction log; see README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CollectorAnswer, CollectorQuestion } from './collector-process';
import type { LoadAnswer, LoadQuestion } from './load-process';
import { LogFile } from './log-file';
import { describeMachine } from './machine';
import { readPayloads, TASKS, type TaskField } from './payloads';
import { readProcessorTime } from './processor-time';
import { table } from './report';
import { startServer, type BenchServer, type StartOptions } from './servers';
import { median } from './statistics';
import { startWorker, type Worker } from './workers';

const USAGE = `Usage: npm run bench:observability -- [options]
  --task <name>     classifyImage, sentiment or fraudScore; may be repeated (default: all)
  --seconds <n>     measured each time (default: 2)
  --warm-up <n>     seconds before each (default: 1)
  --starts <n>      of the servers, each time in another order (default: 16); pictures and texts at every second
  --rounds <n>      after each start, of six measurements each: off, on, kept, off, on, kept, or backwards (default: 1)
  --strict          end with 1 when a threshold is missed
  --write           write bench/results-observability.md though it is not the whole benchmark
`;
const OUTPUT = 'bench/results-observability.md';
const CONCURRENCY = 32;
const SCRAPE_MS = 2_000;
/** Of each server with each task, before anything is measured: until its code is compiled as far as it will be. */
const FIRST_WARM_UP_MS = 12_000;
/** Share of the throughput that must be left. */
const LEAST_RATIO = 0.95;
/** What servers alike differ by shows most where a prediction takes least, so it is measured with twice as many of them. */
const AT_EVERY_START: readonly TaskField[] = ['fraudScore'];
/** Each comes after the same time without work: a server that has just been measured gives some percent more or less. */
const VARIANTS = ['off', 'on', 'kept'] as const;
type Variant = (typeof VARIANTS)[number];

const OFF = { PREDICTQL_LOG_LEVEL: 'error', OTEL_SDK_DISABLED: 'true' };
const KEPT_SHARE = 0.1;
const KEPT = { ...OFF, PREDICTQL_PREDICTION_LOG_SHARE: String(KEPT_SHARE) };

interface Sample {
  readonly perSecond: number;
  /** Processor time of a prediction, server and engine processes; undefined where the system does not tell. */
  readonly cpuMs: number | undefined;
}

interface Round extends Readonly<Record<Variant, readonly Sample[]>> {
  readonly task: TaskField;
}

type Servers = Readonly<Record<Variant, BenchServer>>;

interface Bench {
  readonly servers: Servers;
  readonly generator: Worker<LoadQuestion, LoadAnswer>;
  readonly collector: Worker<CollectorQuestion, CollectorAnswer>;
  readonly order: readonly Variant[];
}

void main();

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const { tasks, seconds, warmUp, starts, rounds, isStrict, writes } = readOptions(args);
  const folder = mkdtempSync(path.join(tmpdir(), 'predictql-observability-'));
  const log = new LogFile(path.join(folder, 'server.log'));
  const collector = startWorker<CollectorQuestion, CollectorAnswer>('collector-process', 'generator');
  const generator = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const measured: Round[] = [];
  let rows = 0;
  for (let start = 1; start <= starts; start++) {
    const asked = start % 2 === 1 ? tasks : tasks.filter((task) => AT_EVERY_START.includes(task));
    if (asked.length === 0) continue;
    const servers = await startServers(rotate(VARIANTS, start - 1), (await collector.ask({})).port, log);
    // The machine becomes faster or slower while it is measured: what falls on the first falls on the last.
    const order = start % 4 < 2 ? VARIANTS : VARIANTS.toReversed();
    const bench = { servers, generator, collector, order };
    try {
      for (const task of asked)
        for (const variant of VARIANTS)
          await measure(bench, variant, { task, warmUpMs: FIRST_WARM_UP_MS, measureMs: 1 });
      for (let round = 1; round <= rounds; round++)
        for (const task of asked) {
          const found = await measureRound(bench, { task, warmUpMs: warmUp * 1_000, measureMs: seconds * 1_000 });
          measured.push(found);
          const [on, kept] = [ratioOf(found, 'on'), ratioOf(found, 'kept')].map((ratio) => ratio.toFixed(3));
          process.stdout.write(`start ${start}, round ${round}: ${task} on / off ${on}, kept / off ${kept}\n`);
        }
      rows += await countKept(servers.kept);
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  }
  generator.stop();
  const { spans, exports, scrapes } = await collector.ask({});
  collector.stop();
  if (spans === 0 || scrapes === 0 || log.bytes === 0 || rows === 0) throw new Error('The server was not observed.');
  const verdicts = tasks.map((task) => judge(measured.filter((each) => each.task === task)));
  const command = ['npm run bench:observability', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const report = [
    ...describeMachine().map((line) => `- ${line}`),
    `- Command: \`${command}\`: ${starts} starts of the servers, each in another order, ${AT_EVERY_START.join(', ')} at each and other tasks at every second, with ${rounds} round(s) of ${VARIANTS.join(', ')} and again, or backwards, ${seconds} s each after ${warmUp} s, ${CONCURRENCY} requests at a time`,
    `- on: /metrics scraped every ${SCRAPE_MS / 1_000} s, one request in a hundred traced to a collector in a process of its own, a line of the log for each request, written to a file. off: none of it; what metrics count is counted in both, since it cannot be turned off`,
    `- kept: one prediction in ${1 / KEPT_SHARE} is written to the prediction log, with the hash of its input, and all else is off; no limit is set for it`,
    `- Came in all: ${spans} spans in ${exports} exports, ${scrapes} scrapes, ${(log.bytes / 1e6).toFixed(1)} MB of log, ${rows} rows of the prediction log`,
    `- Limit: on gives at least ${LEAST_RATIO} of the throughput of off, each task for itself`,
    '',
    ...table(HEADER, verdicts.map(describe)),
    '',
  ].join('\n');
  log.close();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(report);
  if (writes) writeFileSync(OUTPUT, report);
  if (isStrict && verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
}

/** The servers live at the same time, and only one is asked anything. */
async function startServers(order: readonly Variant[], collectorPort: number, log: LogFile): Promise<Servers> {
  const on = {
    PREDICTQL_LOG_LEVEL: 'info',
    PREDICTQL_LOG_FORMAT: 'json',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collectorPort}`,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  };
  const options: Readonly<Record<Variant, StartOptions>> = {
    off: { settings: OFF },
    on: { settings: on, log: log.descriptor },
    kept: { settings: KEPT },
  };
  const servers: Partial<Record<Variant, BenchServer>> = {};
  for (const variant of order) servers[variant] = await startServer([], options[variant]);
  return servers as Servers;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Rows that a server has written to its prediction log. */
async function countKept({ port }: BenchServer): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^predictql_prediction_log_rows_total\{result="written"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

interface Load {
  readonly task: TaskField;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

async function measureRound(bench: Bench, load: Load): Promise<Round> {
  const samples: { readonly variant: Variant; readonly sample: Sample }[] = [];
  for (const variant of [...bench.order, ...bench.order])
    samples.push({ variant, sample: await measure(bench, variant, load) });
  const of = (wanted: Variant): Sample[] =>
    samples.filter(({ variant }) => variant === wanted).map(({ sample }) => sample);
  return { task: load.task, off: of('off'), on: of('on'), kept: of('kept') };
}

async function measure(bench: Bench, variant: Variant, { task, warmUpMs, measureMs }: Load): Promise<Sample> {
  const { servers, generator, collector } = bench;
  const { port, pid } = servers[variant];
  const { query, variables } = readPayloads()[task];
  const question = { port, body: JSON.stringify({ query, variables }), concurrency: CONCURRENCY };
  await collector.ask(variant === 'on' ? { scrapePort: port, scrapeMs: SCRAPE_MS } : {});
  await generator.ask({ ...question, warmUpMs, measureMs: 1 });
  const before = readProcessorTime(pid);
  const { perSecond, predictions } = await generator.ask({ ...question, warmUpMs: 0, measureMs });
  const after = readProcessorTime(pid);
  await collector.ask({});
  const spentMs = before && after && after.serverMs + after.enginesMs - before.serverMs - before.enginesMs;
  return { perSecond, cpuMs: spentMs === undefined ? undefined : spentMs / predictions };
}

function ratioOf({ off, ...round }: Round, variant: 'on' | 'kept'): number {
  return sumOf(round[variant]) / sumOf(off);
}

function sumOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

interface Judgement {
  readonly task: TaskField;
  readonly off: number;
  readonly on: number;
  /** Of each round. */
  readonly ratios: readonly number[];
  readonly ratio: number;
  /** Processor time of a prediction, on / off. */
  readonly cpuRatio: number;
  readonly keptRatio: number;
  readonly keptCpuRatio: number;
  /** The two measurements of off in a round, the last / the first: what the machine itself changes. */
  readonly drifts: readonly number[];
  readonly holds: boolean;
}

function judge(rounds: readonly Round[]): Judgement {
  const [{ task }] = rounds as [Round];
  const medianOf = (variant: Variant, read: (sample: Sample) => number): number =>
    median(rounds.flatMap((round) => round[variant].map(read)));
  const cpuMs = ({ cpuMs: ms }: Sample): number => ms ?? NaN;
  const ratios = rounds.map((round) => ratioOf(round, 'on'));
  const ratio = median(ratios);
  return {
    task,
    off: medianOf('off', ({ perSecond }) => perSecond),
    on: medianOf('on', ({ perSecond }) => perSecond),
    ratios,
    ratio,
    cpuRatio: medianOf('on', cpuMs) / medianOf('off', cpuMs),
    keptRatio: median(rounds.map((round) => ratioOf(round, 'kept'))),
    keptCpuRatio: medianOf('kept', cpuMs) / medianOf('off', cpuMs),
    drifts: rounds.map(({ off: [first, last] }) => (last as Sample).perSecond / (first as Sample).perSecond),
    holds: ratio >= LEAST_RATIO,
  };
}

const HEADER = [
  ...['task', 'off /s', 'on /s', 'on / off', 'of the rounds', 'off / off', 'CPU on / off', ''],
  ...['kept / off', 'CPU kept / off'],
];

function describe(found: Judgement): string[] {
  const { task, off, on, ratio, ratios, cpuRatio, drifts, holds, keptRatio, keptCpuRatio } = found;
  return [
    task,
    off.toFixed(1),
    on.toFixed(1),
    ratio.toFixed(3),
    rangeOf(ratios),
    rangeOf(drifts),
    describeCpu(cpuRatio),
    holds ? 'holds' : '**missed**',
    keptRatio.toFixed(3),
    describeCpu(keptCpuRatio),
  ];
}

/** Not every system tells. */
function describeCpu(ratio: number): string {
  return Number.isNaN(ratio) ? 'n/a' : ratio.toFixed(3);
}

function rangeOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)}`;
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      task: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '2' },
      'warm-up': { type: 'string', default: '1' },
      starts: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '1' },
      strict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const tasks = TASKS.filter((task) => values.task?.includes(task) ?? true);
  const [seconds, warmUp] = [Number(values.seconds), Number(values['warm-up'])];
  const [starts, rounds] = [Number(values.starts), Number(values.rounds)];
  const isRight =
    tasks.length >= (values.task?.length ?? 1) && seconds > 0 && warmUp >= 0 && starts >= 1 && rounds >= 1;
  if (!isRight) throw new Error(USAGE);
  return { tasks, seconds, warmUp, starts, rounds, isStrict: values.strict, writes: values.write || args.length === 0 };
}
