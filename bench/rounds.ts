import type { BareAnswer, BareQuestion } from './bare-process';
import { ENGINES } from './cores';
import type { LoadAnswer, LoadQuestion } from './load-process';
import { VARIANTS, type Measurement, type Variant } from './measurements';
import type { BenchOptions } from './options';
import type { Payload, TaskField } from './payloads';
import { readProcessorTime } from './processor-time';
import { startConstantServer, startServer, type BenchServer } from './servers';
import { startWorker, type Worker } from './workers';

type Payloads = Readonly<Record<TaskField, Payload>>;

interface Bench {
  readonly servers: Readonly<Record<'server' | 'constant', BenchServer>>;
  readonly generator: Worker<LoadQuestion, LoadAnswer>;
  readonly bare: readonly Worker<BareQuestion, BareAnswer>[];
  readonly live: ReadonlyMap<string, LiveVersion>;
}

interface LiveVersion {
  readonly model: string;
  readonly version: string;
}

/**
 * Measures every task in every variant at every concurrency, round by round: what the machine does meanwhile then
 * falls on all of them alike. Only one thing runs at a time.
 */
export async function measureRounds(
  payloads: Payloads,
  options: BenchOptions,
  onMeasured: (measurement: Measurement, round: number) => void,
): Promise<void> {
  const bench = await openBench();
  try {
    for (let round = 1; round <= options.rounds; round++)
      for (const concurrency of options.concurrencies)
        for (const task of options.tasks)
          for (const variant of VARIANTS) {
            const what = { task, variant, concurrency, payload: payloads[task], options };
            onMeasured(await measure(bench, what), round);
          }
  } finally {
    await closeBench(bench);
  }
}

async function openBench(): Promise<Bench> {
  const server = await startServer();
  const constant = await startConstantServer();
  const generator = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const bare = Array.from({ length: ENGINES }, () => startWorker<BareQuestion, BareAnswer>('bare-process', 'measured'));
  return { servers: { server, constant }, generator, bare, live: await readLiveVersions(server) };
}

async function closeBench({ servers, generator, bare }: Bench): Promise<void> {
  for (const worker of [generator, ...bare]) worker.stop();
  await Promise.all([servers.server.stop(), servers.constant.stop()]);
}

/** The versions the server answers with, by task: the bare processes run the same. */
async function readLiveVersions(server: BenchServer): Promise<Map<string, LiveVersion>> {
  const { models } = await server.ask('{ models { name task isDefault live { version } } }');
  type ModelAnswer = { name: string; task: string; isDefault: boolean; live: { version: string } | null };
  return new Map(
    (models as ModelAnswer[])
      .filter(({ isDefault, live }) => isDefault && live !== null)
      .map(({ name, task, live }) => [
        task.toLowerCase().replaceAll('_', '-'),
        { model: name, version: live?.version ?? '' },
      ]),
  );
}

interface What {
  readonly task: TaskField;
  readonly variant: Variant;
  readonly concurrency: number;
  readonly payload: Payload;
  readonly options: BenchOptions;
}

async function measure(bench: Bench, { task, variant, concurrency, payload, options }: What): Promise<Measurement> {
  const times = { warmUpMs: options.warmUpSeconds * 1_000, measureMs: options.seconds * 1_000 };
  const measured =
    variant === 'bare'
      ? await measureBare(bench, { payload, concurrency, ...times })
      : await measureServer(bench, variant, { payload, concurrency, ...times });
  return { task, variant, concurrency, ...measured };
}

interface Times {
  readonly payload: Payload;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

type Figures = Omit<Measurement, 'task' | 'variant' | 'concurrency'>;

async function measureServer(
  { servers, generator }: Bench,
  variant: 'server' | 'constant',
  { payload, concurrency, warmUpMs, measureMs }: Times,
): Promise<Figures> {
  const { port, pid } = servers[variant];
  const body = JSON.stringify({ query: payload.query, variables: payload.variables });
  const question = { port, body, concurrency };
  await generator.ask({ ...question, warmUpMs, measureMs: 1 });
  const before = readProcessorTime(pid);
  const { p50Ms, p95Ms, p99Ms, perSecond, predictions, rowsPerCall } = await generator.ask({
    ...question,
    warmUpMs: 0,
    measureMs,
  });
  const after = readProcessorTime(pid);
  const engineCpuMs = before && after && (after.enginesMs - before.enginesMs) / predictions;
  const serverCpuMs = before && after && (after.serverMs - before.serverMs) / predictions;
  const cpuMs = engineCpuMs === undefined || serverCpuMs === undefined ? undefined : engineCpuMs + serverCpuMs;
  return { p50Ms, p95Ms, p99Ms, perSecond, cpuMs, engineCpuMs, rowsPerCall };
}

/** As many bare processes as there are engine processes share the inputs at hand. */
async function measureBare(
  { bare, live }: Bench,
  { payload, concurrency, warmUpMs, measureMs }: Times,
): Promise<Figures> {
  const version = live.get(payload.task);
  if (!version) throw new Error(`No version of ${payload.task} is live.`);
  const share = Math.max(1, Math.floor(concurrency / bare.length));
  const busy = bare.slice(0, concurrency);
  const question = { ...version, payload, concurrency: share, warmUpMs, measureMs: measureMs / 2 };
  const answers = await Promise.all(busy.map((worker) => worker.ask(question)));
  const [first] = answers as [BareAnswer];
  const cpuMs = answers.reduce((sum, answer) => sum + answer.cpuMs, 0) / answers.length;
  const perSecond = answers.reduce((sum, answer) => sum + answer.perSecond, 0);
  return { ...first, perSecond, cpuMs, engineCpuMs: undefined };
}
