import type { SoakAnswer } from './soak-process';
import { TASKS, type TaskField } from './payloads';
import { table } from './report';
import { fitLine, summarize } from './statistics';
import type { Verdict } from './thresholds';

/** What was seen of some seconds of the soak. */
export interface SoakSample extends SoakAnswer {
  /** Minutes since the load began. */
  readonly minute: number;
  readonly serverMb: number;
  /** All engine processes together. */
  readonly enginesMb: number;
  readonly heapMb: number;
  /** How much later than due the server's event loop came round, of 100 times. */
  readonly loopP99Ms: number;
}

/** Memory may grow by so much after the first minutes. */
const MOST_GROWTH = 0.05;
/** The last minutes' p99 in times that of the first. */
const MOST_SLOWER = 1.2;
/** Minutes at either end that are held against each other, and after which memory should have settled. */
const WINDOW = 10;
/** Minutes by which a sample may come late. */
const SLACK = 0.05;

export interface SoakFindings {
  readonly verdicts: readonly Verdict[];
  readonly lines: readonly string[];
}

/** What the samples say, as verdicts and as Markdown. A run shorter than an hour has shorter ends: a sixth of it. */
export function judgeSoak(samples: readonly SoakSample[]): SoakFindings {
  const end = samples.at(-1)?.minute ?? 0;
  const window = Math.min(WINDOW, Math.max(end / 6, samples[0]?.minute ?? 0));
  const first = samples.filter(({ minute }) => minute <= window + SLACK);
  const last = samples.filter(({ minute }) => minute > end - window + SLACK);
  const settled = samples.filter(({ minute }) => minute > window + SLACK);
  const memory = [
    judgeMemory('server', settled, (each) => each.serverMb),
    judgeMemory('engine processes', settled, (each) => each.enginesMb),
  ];
  const heap = judgeMemory('heap used', settled, (each) => each.heapMb);
  const latencies = TASKS.map((task) => judgeLatencies(task, first, last));
  return {
    verdicts: [
      ...memory.map(({ verdict }) => verdict),
      ...latencies.map(({ verdict }) => verdict),
      judgeFailures(samples),
    ],
    lines: [
      `The ends are the first and the last ${window.toFixed(1)} minutes; memory counts from the end of the first.`,
      '',
      ...table(
        ['memory', 'MB at first', 'MB at last', 'slope, MB/h', 'growth'],
        [...memory, heap].map(({ row }) => row),
      ),
      '',
      ...table(
        ['task', 'answers', 'first p50 ms', 'last p50 ms', 'first p99 ms', 'last p99 ms'],
        latencies.map(({ row }, index) => [TASKS[index] ?? '', answersOf(samples, TASKS[index]), ...row]),
      ),
      '',
      ...table(
        ['minute', 'server MB', 'heap MB', 'engines MB', 'event loop p99 ms', ...TASKS.map((task) => `${task} p99 ms`)],
        groupsOf(samples).map(describeGroup),
      ),
      '',
      `The generator was at most ${Math.max(0, ...samples.map(({ behindMs }) => behindMs)).toFixed(0)} ms behind its schedule.`,
    ],
  };
}

/** The straight line through the samples, from its value at their beginning to that at their end. */
function judgeMemory(what: string, samples: readonly SoakSample[], read: (sample: SoakSample) => number) {
  const line = fitLine(samples.map((sample) => [sample.minute, read(sample)]));
  const [from, to] = [line.at(samples[0]?.minute ?? NaN), line.at(samples.at(-1)?.minute ?? NaN)];
  const growth = to / from - 1;
  const slope = `${(60 * line.slope).toFixed(2)} MB/h`;
  return {
    row: [what, from.toFixed(1), to.toFixed(1), (60 * line.slope).toFixed(2), percent(growth)],
    verdict: {
      what: `Memory of the ${what}: growth once settled (slope ${slope})`,
      found: percent(growth),
      limit: `under ${percent(MOST_GROWTH)}`,
      holds: growth < MOST_GROWTH,
    },
  };
}

function judgeLatencies(task: TaskField, first: readonly SoakSample[], last: readonly SoakSample[]) {
  const [early, late] = [first, last].map((samples) => summarize(latenciesOf(samples, task))) as [Ends, Ends];
  const limit = MOST_SLOWER * early.p99Ms;
  return {
    row: [early.p50Ms, late.p50Ms, early.p99Ms, late.p99Ms].map((ms) => ms.toFixed(2)),
    verdict: {
      what: `${task}: p99 at last`,
      found: `${late.p99Ms.toFixed(2)} ms`,
      limit: `at most ${MOST_SLOWER} × ${early.p99Ms.toFixed(2)} ms = ${limit.toFixed(2)} ms`,
      holds: late.p99Ms <= limit,
    },
  };
}

type Ends = ReturnType<typeof summarize>;

function judgeFailures(samples: readonly SoakSample[]): Verdict {
  const failed = new Map<string, number>();
  for (const sample of samples)
    for (const [code, count] of Object.entries(sample.failed)) failed.set(code, (failed.get(code) ?? 0) + count);
  return {
    what: 'Requests that were not answered with a prediction',
    found: [...failed].map(([code, count]) => `${code} ${count}`).join(', ') || '0',
    limit: '0',
    holds: failed.size === 0,
  };
}

/** A dozen rows, however long it ran. */
function groupsOf(samples: readonly SoakSample[]): SoakSample[][] {
  const size = Math.ceil(samples.length / 12);
  const groups: SoakSample[][] = [];
  for (let start = 0; start < samples.length; start += size) groups.push(samples.slice(start, start + size));
  return groups;
}

function describeGroup(group: readonly SoakSample[]): string[] {
  const mean = (read: (sample: SoakSample) => number): string =>
    (group.reduce((sum, sample) => sum + read(sample), 0) / group.length).toFixed(1);
  return [
    group.at(-1)?.minute.toFixed(1) ?? '',
    mean((each) => each.serverMb),
    mean((each) => each.heapMb),
    mean((each) => each.enginesMb),
    Math.max(...group.map(({ loopP99Ms }) => loopP99Ms)).toFixed(1),
    ...TASKS.map((task) => summarize(latenciesOf(group, task)).p99Ms.toFixed(1)),
  ];
}

function latenciesOf(samples: readonly SoakSample[], task: TaskField): number[] {
  return samples.flatMap(({ latencies }) => latencies[task]);
}

function answersOf(samples: readonly SoakSample[], task: TaskField | undefined): string {
  return String(task === undefined ? 0 : latenciesOf(samples, task).length);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
