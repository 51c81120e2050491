import { setTimeout } from 'node:timers/promises';
import { ask, dataOf } from '../../test/support/graphql';
import { createTransaction } from '../../test/support/inputs';
import { until } from '../../test/support/until';
import { VersionFolders } from '../../test/support/version-folders';
import { PROMOTE } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import path from 'node:path';
import { ROOT } from '../compiled';
import { readPayloads } from '../payloads';
import { summarize } from '../statistics';
import type { Verdict } from '../thresholds';
import { askOnce, startLoad, type Answered, type Question } from './load';
import { atMost, runAsCommand, type Findings } from './verdicts';

const MODEL = 'fraud-detector';
const VERSIONS = ['1', '2'] as const;
const FRAUD = `query ($input: FraudScoreInput!, $options: PredictOptions) {
  fraudScore(input: $input, options: $options) { probability servedBy { version } }
}`;

export interface PromotionsOptions {
  readonly promotions: number;
  /** Milliseconds of each block; blocks with promotions and without take turns, so that both meet the same machine. */
  readonly blockMs: number;
  readonly promotionsPerBlock: number;
}

/** Promotes one way and the other while all tasks are asked by as many clients as keep the server busy. */
export async function promoteUnderLoad(options: PromotionsOptions): Promise<Findings> {
  const folders = new VersionFolders([]);
  const server = await new VersionServer(folders, {
    settings: { PREDICTQL_MODELS_DIR: path.join(ROOT, 'models'), PREDICTQL_ENGINES: '2', PREDICTQL_LOG_LEVEL: 'error' },
  }).start();
  try {
    return await measure(server, options);
  } finally {
    await server.stop();
    folders[Symbol.dispose]();
  }
}

async function measure(
  { origin }: VersionServer,
  { promotions, blockMs, promotionsPerBlock }: PromotionsOptions,
): Promise<Findings> {
  const payloads = readPayloads();
  const fraud: Question = {
    task: 'fraudScore',
    query: FRAUD,
    variables: { input: createTransaction({ amount: 310 }) },
  };
  const expected = new Map<string, number>();
  for (const version of VERSIONS) {
    const pinned = { ...fraud, variables: { ...fraud.variables, options: { version: { version } } } };
    await until(`version ${version} answers`, async () => (await askOnce(origin, pinned)).error === undefined);
    expected.set(version, (await askOnce(origin, pinned)).value!);
  }
  const questions = (['classifyImage', 'sentiment'] as const).map((task) => ({
    question: { ...payloads[task], task },
    clients: 4,
  }));
  const load = startLoad(origin, [{ question: fraud, clients: 16 }, ...questions]);
  const blocks: { from: number; to: number; isPromoting: boolean }[] = [];
  /** When each version was asked to be live, and when that was answered. */
  const swaps: { version: string; askedAt: number; doneAt: number }[] = [];
  await setTimeout(blockMs);
  for (let count = 0; count < promotions;) {
    const quietFrom = performance.now();
    await setTimeout(blockMs);
    blocks.push({ from: quietFrom, to: performance.now(), isPromoting: false });
    const from = performance.now();
    for (let index = 0; index < promotionsPerBlock && count < promotions; index++, count++) {
      const version = VERSIONS[count % 2]!;
      const askedAt = performance.now();
      dataOf(await ask({ origin }, PROMOTE, { input: { model: MODEL, version } }));
      swaps.push({ version, askedAt, doneAt: performance.now() });
      await setTimeout(Math.max(0, blockMs / promotionsPerBlock - (performance.now() - askedAt)));
    }
    blocks.push({ from, to: performance.now(), isPromoting: true });
  }
  await load.stop();
  const during = (isPromoting: boolean): Answered[] =>
    load.answers.filter(({ sentAt }) =>
      blocks.some((block) => block.isPromoting === isPromoting && sentAt >= block.from && sentAt < block.to),
    );
  const failed = load.answers.filter(({ error }) => error !== undefined);
  const untrue = load.answers.filter((answer) => answer.task === 'fraudScore' && !isTrue(answer, swaps, expected));
  const distance = Math.abs(expected.get('1')! - expected.get('2')!);
  const verdicts: Verdict[] = [
    atMost(`Failed predictions among ${load.answers.length} during ${promotions} promotions`, failed.length, 0, ''),
    atMost('Answers by another version than servedBy says, or than was live', untrue.length, 0, ''),
    ...['fraudScore', 'sentiment', 'classifyImage'].map((task) => {
      const [without, beside] = [false, true].map((isPromoting) =>
        during(isPromoting)
          .filter((answer) => answer.task === task)
          .map(({ sentAt, answeredAt }) => answeredAt - sentAt),
      ) as [number[], number[]];
      const { p99Ms } = summarize(without);
      const what = `${task}: p99 of ${beside.length} while promoting (of ${without.length} without: ${p99Ms.toFixed(1)} ms)`;
      return atMost(what, summarize(beside).p99Ms, 1.5 * p99Ms, 'ms');
    }),
  ];
  const figures = {
    'Versions tell themselves apart by probabilities that differ by': distance.toExponential(2),
    ...(failed[0] && { 'First failure': failed[0].error! }),
    'Promotion, from mutation to answer': `p50 ${summarize(swaps.map(({ askedAt, doneAt }) => doneAt - askedAt)).p50Ms.toFixed(1)} ms`,
  };
  return { verdicts, figures };
}

/** Whether the answer is that of the version it names, and that version was live at some time while it was asked. */
function isTrue(
  { version, value, sentAt, answeredAt, error }: Answered,
  swaps: readonly { version: string; askedAt: number; doneAt: number }[],
  expected: ReadonlyMap<string, number>,
): boolean {
  if (error !== undefined) return true; // counted as failed
  if (version === undefined || Math.abs((value ?? NaN) - expected.get(version)!) > 1e-5) return false;
  return swaps.every((swap, index) => {
    const next = swaps[index + 1];
    // Between two swaps only one version can be live: whoever asked and was answered there must have met it.
    const isWithin = sentAt > swap.doneAt && answeredAt < (next?.askedAt ?? Infinity);
    return !isWithin || swap.version === version;
  });
}

if (require.main === module)
  void runAsCommand('promotions', () => promoteUnderLoad({ promotions: 100, blockMs: 6_000, promotionsPerBlock: 10 }));
