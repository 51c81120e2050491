import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { subscribeEvents } from '../../test/support/event-subscription';
import { writeModel } from '../../test/support/onnx-writer';
import { changeManifest, putFile, VersionFolders, type Json } from '../../test/support/version-folders';
import { VersionServer } from '../../test/support/version-server';
import { readPayloads } from '../payloads';
import { summarize } from '../statistics';
import { ROOT } from '../compiled';
import { startLoad, startRate, type Answered, type Question } from './load';
import { atMost, runAsCommand, type Findings } from './verdicts';
import { cpSync } from 'node:fs';

const MEGABYTES = 100;
/** Share of what the server can do at most. */
const SHARE = 0.3;
const MODELS = ['sentiment-analyzer', 'image-classifier'] as const;

/** Drops a version of 100 MB in, beside other models that are asked at 30 % of what the server can answer. */
export async function loadLargeVersion(): Promise<Findings> {
  const folders = new VersionFolders(['1']);
  for (const model of MODELS)
    cpSync(path.join(ROOT, 'models', model), path.join(folders.models, model), { recursive: true });
  const settings = { PREDICTQL_ENGINES: '2', PREDICTQL_LOG_LEVEL: 'error' };
  const server = await new VersionServer(folders, { settings }).start();
  const watch = subscribeEvents(server, { model: 'fraud-detector' });
  try {
    const payloads = readPayloads();
    const questions = (['sentiment', 'classifyImage'] as const).map((task): Question => ({ ...payloads[task], task }));
    const most = startLoad(
      server.origin,
      questions.map((question) => ({ question, clients: 4 })),
    );
    await setTimeout(5_000);
    const most5 = [...most.answers];
    await most.stop();
    const rates = questions.map((question) => ({
      question,
      perSecond: (SHARE * most5.filter(({ task }) => task === question.task).length) / 5,
    }));
    const loads = rates.map(({ question, perSecond }) => startRate(server.origin, question, perSecond));
    const phases: { from: number; to: number; isLoading: boolean }[] = [];
    const versions = Array.from({ length: 5 }, (_, index) => String(index + 10));
    for (const version of versions) {
      const made = folders.make(version, makeLarge);
      const quietFrom = performance.now();
      await setTimeout(4_000);
      phases.push({ from: quietFrom, to: performance.now(), isLoading: false });
      const from = performance.now();
      folders.moveIn(made, version);
      await watch.untilEvent('READY', version);
      phases.push({ from, to: performance.now(), isLoading: true });
    }
    await Promise.all(loads.map((load) => load.stop()));
    const answers = loads.flatMap((load) => load.answers);
    const during = (isLoading: boolean, task: string): number[] =>
      answers
        .filter(
          (answer: Answered) =>
            answer.task === task &&
            phases.some(
              (phase) => phase.isLoading === isLoading && answer.answeredAt >= phase.from && answer.sentAt < phase.to,
            ),
        )
        .map(({ sentAt, answeredAt }) => answeredAt - sentAt);
    const loadMs = phases.filter(({ isLoading }) => isLoading).map(({ from, to }) => to - from);
    return {
      verdicts: [
        ...questions.map(({ task }) => {
          const [quiet, loading] = [during(false, task), during(true, task)];
          const { p99Ms } = summarize(quiet);
          const what = `${task}: p99 of ${loading.length} while a version of ${MEGABYTES} MB is loaded (of ${quiet.length} without: ${p99Ms.toFixed(1)} ms)`;
          return atMost(what, summarize(loading).p99Ms, 2 * p99Ms, 'ms');
        }),
        atMost(
          `Failed predictions among ${answers.length}`,
          answers.filter(({ error }) => error !== undefined).length,
          0,
          '',
        ),
      ],
      figures: {
        'From dropping the version in to ready': `p50 ${summarize(loadMs).p50Ms.toFixed(0)} ms of ${loadMs.length}`,
        Asked: rates.map(({ question, perSecond }) => `${question.task} ${perSecond.toFixed(1)}/s`).join(', '),
      },
    };
  } finally {
    await watch.close();
    await server.stop();
    folders[Symbol.dispose]();
  }
}

/** A fraud detector that answers 0 to everything, after it has looked through 100 MB of zeros. */
function makeLarge(folder: string): void {
  const size = (MEGABYTES * 2 ** 20) / 4;
  const graph = writeModel({
    inputs: [{ name: 'features', type: 'float32', shape: ['batch', 15] }],
    outputs: [{ name: 'probability', type: 'float32', shape: ['batch', 1] }],
    constants: [
      { name: 'weights', shape: [15, 1], data: new Float32Array(15) },
      { name: 'zeros', shape: [size], data: new Float32Array(size) },
    ],
    nodes: [
      { op: 'ReduceMax', inputs: ['zeros'], outputs: ['zero'], attributes: { keepdims: 0 } },
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['sum'] },
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

if (require.main === module) void runAsCommand('large-version', () => loadLargeVersion());
