import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { subscribeEvents } from '../../test/support/event-subscription';
import { ask, dataOf } from '../../test/support/graphql';
import { writeModel } from '../../test/support/onnx-writer';
import { until } from '../../test/support/until';
import { changeManifest, MODEL, putFile, VersionFolders, type Json } from '../../test/support/version-folders';
import { LOAD, UNLOAD } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import { ROOT } from '../compiled';
import { readPayloads, TASKS } from '../payloads';
import { summarize } from '../statistics';
import { startLoad, startRate, type Answered, type Question } from './load';
import { atMost, runAsCommand, type Findings } from './verdicts';

const MEGABYTES = 100;
/** As TensorProto.DataType numbers it. */
const INT64 = 7;
/** Share of what the server can do at most. */
const SHARE = 0.3;
const OTHER_MODELS = ['sentiment-analyzer', 'image-classifier'] as const;
const LARGE = '10';

export interface LargeVersionOptions {
  /** How often it is loaded. */
  readonly loads: number;
  /** Milliseconds without a load before each. */
  readonly quietMs: number;
  /** Milliseconds for which it is measured how much the server can answer. */
  readonly capacityMs: number;
}

/** A time in which a version was loaded, or none was. */
interface Phase {
  readonly isLoading: boolean;
  readonly from: number;
  readonly to: number;
}

/** Loads a version of 100 MB again and again, beside models that are asked at 30 % of what the server can answer. */
export async function loadLargeVersion(options: LargeVersionOptions): Promise<Findings> {
  const folders = new VersionFolders(['1']);
  for (const model of OTHER_MODELS)
    cpSync(path.join(ROOT, 'models', model), path.join(folders.models, model), { recursive: true });
  const settings = { PREDICTQL_ENGINES: '2', PREDICTQL_LOG_LEVEL: 'error' };
  const server = await new VersionServer(folders, { settings }).start();
  try {
    const payloads = readPayloads();
    const questions = TASKS.map((task): Question => ({ ...payloads[task], task }));
    const rates = await measureRates(server, questions, options.capacityMs);
    const loads = rates.map(({ question, perSecond }) => startRate(server.origin, question, perSecond));
    const phases = await loadAgain(server, folders, options);
    await Promise.all(loads.map((load) => load.stop()));
    return judge(
      loads.flatMap(({ answers }) => answers),
      phases,
      rates,
    );
  } finally {
    await server.stop();
    folders[Symbol.dispose]();
  }
}

interface Rate {
  readonly question: Question;
  readonly perSecond: number;
}

/** The share of what is answered of each task while all of them are asked for as much as there is. */
async function measureRates(
  { origin }: VersionServer,
  questions: readonly Question[],
  capacityMs: number,
): Promise<Rate[]> {
  const most = startLoad(
    origin,
    questions.map((question) => ({ question, clients: 4 })),
  );
  await setTimeout(capacityMs / 5);
  const before = most.answers.length;
  await setTimeout(capacityMs);
  const answers = most.answers.slice(before);
  await most.stop();
  const rateOf = (task: string): number =>
    (SHARE * answers.filter((answer) => answer.task === task).length * 1_000) / capacityMs;
  return questions.map((question) => ({ question, perSecond: Math.max(0.5, rateOf(question.task)) }));
}

async function loadAgain(
  server: VersionServer,
  folders: VersionFolders,
  { loads, quietMs }: LargeVersionOptions,
): Promise<Phase[]> {
  const watch = subscribeEvents(server, { model: MODEL });
  const untilTold = (kind: string, times: number): Promise<void> =>
    until(`the large version is ${kind} for time ${times}`, () => timesOf(kind) >= times, 60_000);
  const timesOf = (kind: string): number => watch.told().filter((event) => event === `${kind} ${LARGE}`).length;
  const input = { model: MODEL, version: LARGE };
  const phases: Phase[] = [];
  try {
    folders.moveIn(folders.make(LARGE, makeLarge), LARGE);
    await untilTold('READY', 1);
    for (let count = 1; count <= loads; count++) {
      dataOf(await ask(server, UNLOAD, { input }));
      await untilTold('UNLOADED', count);
      const quietFrom = performance.now();
      await setTimeout(quietMs);
      const from = performance.now();
      dataOf(await ask(server, LOAD, { input }));
      await untilTold('READY', count + 1);
      phases.push({ isLoading: false, from: quietFrom, to: from }, { isLoading: true, from, to: performance.now() });
    }
  } finally {
    await watch.close();
  }
  return phases;
}

function judge(answers: readonly Answered[], phases: readonly Phase[], rates: readonly Rate[]): Findings {
  const loading = phases.filter(({ isLoading }) => isLoading);
  const quiet = phases.filter(({ isLoading }) => !isLoading);
  const latenciesOf = (task: string, isCounted: (answer: Answered) => boolean): number[] =>
    answers
      .filter((answer) => answer.task === task && isCounted(answer))
      .map(({ sentAt, answeredAt }) => answeredAt - sentAt);
  /** Whoever waited while a version was loaded counts there, and only who did not at all counts as without. */
  const isBeside = ({ sentAt, answeredAt }: Answered): boolean =>
    loading.some(({ from, to }) => answeredAt >= from && sentAt < to);
  const isWithout = (answer: Answered): boolean =>
    !isBeside(answer) && quiet.some(({ from, to }) => answer.answeredAt >= from && answer.sentAt < to);
  const loadMs = loading.map(({ from, to }) => to - from);
  return {
    verdicts: [
      ...rates.map(({ question: { task } }) => {
        const [beside, without] = [latenciesOf(task, isBeside), latenciesOf(task, isWithout)];
        const { p99Ms } = summarize(without);
        const what = `${task}: p99 of ${beside.length} while a version of ${MEGABYTES} MB is loaded (of ${without.length} without: ${p99Ms.toFixed(1)} ms)`;
        return atMost(what, summarize(beside).p99Ms, 2 * p99Ms, 'ms');
      }),
      atMost(
        `Failed predictions among ${answers.length}`,
        answers.filter(({ error }) => error !== undefined).length,
        0,
        '',
      ),
    ],
    figures: {
      'From asking for the load to ready': `p50 ${summarize(loadMs).p50Ms.toFixed(0)} ms of ${loadMs.length}`,
      'Asked in a second': rates
        .map(({ question, perSecond }) => `${question.task} ${perSecond.toFixed(1)}`)
        .join(', '),
    },
  };
}

/** A fraud detector that answers 0 to everything: it looks a row up in 100 MB of zeros, which no optimiser can leave out. */
function makeLarge(folder: string): void {
  const width = 64;
  const rows = (MEGABYTES * 2 ** 20) / 4 / width;
  const graph = writeModel({
    inputs: [{ name: 'features', type: 'float32', shape: ['batch', 15] }],
    outputs: [{ name: 'probability', type: 'float32', shape: ['batch', 1] }],
    constants: [
      { name: 'weights', shape: [15, 1], data: new Float32Array(15) },
      { name: 'table', shape: [rows, width], data: new Float32Array(rows * width) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['sum'] },
      { op: 'Cast', inputs: ['sum'], outputs: ['row'], attributes: { to: INT64 } },
      { op: 'Gather', inputs: ['table', 'row'], outputs: ['looked-up'] },
      { op: 'ReduceMax', inputs: ['looked-up'], outputs: ['zero'], attributes: { keepdims: 0 } },
      { op: 'Add', inputs: ['sum', 'zero'], outputs: ['probability'] },
    ],
  });
  putFile(folder, 'model.onnx', graph);
  const golden = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8')) as { examples: Json[] };
  const examples = golden.examples.map((example) => ({ ...example, outputs: { probability: [0] } }));
  putFile(folder, 'golden.json', JSON.stringify({ examples }));
  changeManifest(folder, (manifest) => ({
    ...manifest,
    golden: { ...(manifest['golden'] as Json), tolerance: 0.001 },
  }));
}

if (require.main === module)
  void runAsCommand('large-version', () => loadLargeVersion({ loads: 25, quietMs: 3_000, capacityMs: 5_000 }));
