import type { Manifest } from '../../../src/registry/manifest';
import type { StoredVersion } from '../../../src/registry/model-store';
import { explainScore } from '../../../src/tasks/fraud-score/fraud-reasons';
import { fraudScoreTask, type FraudAssets, type FraudResult } from '../../../src/tasks/fraud-score/fraud-score.task';
import type { Row } from '../../../src/prediction/task';
import type { Tensors } from '../../../src/tensor';
import type { Transaction } from '../../../src/transforms/fraud-features';
import { parseLocalDateTime } from '../../../src/transforms/local-date-time';
import { createManifest } from '../../support/ready-version';
import { floats, valuesOf } from '../../support/tensors';

const DAYS = ['1Day', '7Days', '30Days'];
const ORDER = [
  'amount',
  'weekend',
  'night',
  ...DAYS.flatMap((days) => [
    `customerTransactions${days}`,
    `customerAverageAmount${days}`,
    `terminalTransactions${days}`,
    `terminalFraudShare${days}`,
  ]),
];
const USUAL = [45, 0, 0, 3, 50, 1, 0, 19, 54, 7, 0, 82, 55, 30, 0];

const TRANSACTION: Transaction = {
  amount: 500,
  occurredAt: parseLocalDateTime('2018-07-21T03:00'),
  customer: {
    last1Day: { transactions: 2, averageAmount: 40 },
    last7Days: { transactions: 10, averageAmount: 50 },
    last30Days: { transactions: 40, averageAmount: 60 },
  },
  terminal: {
    last1Day: { transactions: 1, fraudShare: 0 },
    last7Days: { transactions: 7, fraudShare: 0.5 },
    last30Days: { transactions: 30, fraudShare: 0.25 },
  },
};

function stored(changes: Partial<Manifest> = {}): StoredVersion {
  const none = (): Promise<never> => Promise.reject(new Error('There are no files.'));
  const manifest = createManifest({
    preprocessing: { kind: 'features', order: ORDER, usual: USUAL },
    postprocessing: { threshold: 0.5, levels: { MEDIUM: 0.25 } },
    inputs: [{ name: 'features', type: 'float32', shape: ['batch', 15] }],
    outputs: [{ name: 'probability', type: 'float32', shape: ['batch', 1] }],
    ...changes,
  });
  return { manifest, examples: [], readFile: none, keepModel: none };
}

const assetsOf = (changes?: Partial<Manifest>): Promise<FraudAssets> =>
  Promise.resolve().then(() => fraudScoreTask.loadAssets(stored(changes)));

describe('the task fraud-score', () => {
  it('makes a row of features, in the order of the manifest', async () => {
    const { row } = await fraudScoreTask.preprocess(TRANSACTION, await assetsOf());
    expect(row.tensors['features']).toMatchObject({ type: 'float32', dims: [15] });
    expect(valuesOf(row.tensors, 'features').slice(0, 4)).toEqual([500, 1, 1, 3]);
  });

  it.each([
    [0, 'LOW', false],
    [0.24, 'LOW', false],
    [0.25, 'MEDIUM', false],
    [0.49, 'MEDIUM', false],
    // A float32 that is shown as 0.5.
    [0.499_999_97, 'HIGH', true],
    [0.5, 'HIGH', true],
    [1, 'HIGH', true],
  ])('calls a probability of %d %s, flagged: %p', async (probability, riskLevel, flagged) => {
    const assets = await assetsOf();
    const outputs = { probability: floats([1], probability) };
    const result: FraudResult = fraudScoreTask.postprocess(outputs, { assets, facts: undefined, input: TRANSACTION });
    expect(result).toMatchObject({ riskLevel, flagged, threshold: 0.5, transaction: TRANSACTION });
    expect(result.probability).toBeCloseTo(probability);
  });

  it.each<[string, Partial<Manifest>, string]>([
    [
      'another kind of preprocessing',
      { preprocessing: { kind: 'text', tokenizer: 't.json', maxTokens: 8 } },
      'kind "features"',
    ],
    ['labels instead of a threshold', { postprocessing: { labels: ['A'] } }, 'a threshold and levels'],
    [
      'a usual value too few',
      { preprocessing: { kind: 'features', order: ORDER, usual: USUAL.slice(1) } },
      '14 usual values for 15 features',
    ],
    [
      'a feature that nobody can compute',
      { preprocessing: { kind: 'features', order: ['luck'], usual: [1] } },
      'no feature "luck"',
    ],
  ])('refuses a version with %s', async (_, changes, message) => {
    await expect(assetsOf(changes)).rejects.toThrow(message);
  });

  it('reads the clock time of a golden example', async () => {
    const input = { ...TRANSACTION, occurredAt: '2018-07-21T03:00' };
    const example = { note: '', input: input as unknown as Record<string, unknown>, outputs: {} };
    expect(await fraudScoreTask.readGoldenInput(example, stored())).toEqual(TRANSACTION);
  });
});

describe('the reasons of a score', () => {
  /** A model whose answer is a sum of a few features, so that the effect of each is known. */
  function probabilityOf(features: readonly number[]): number {
    const value = (name: string): number => features[ORDER.indexOf(name)]!;
    return value('amount') / 1_000 + value('night') / 10 + value('terminalFraudShare7Days') / 5;
  }

  async function explain(): Promise<{ reasons: Awaited<ReturnType<typeof explainScore>>; calls: (readonly Row[])[] }> {
    const assets = await assetsOf();
    const calls: (readonly Row[])[] = [];
    const infer = (rows: readonly Row[]): Promise<Tensors[]> => {
      calls.push(rows);
      return Promise.resolve(
        rows.map(({ tensors }) => ({ probability: floats([1], probabilityOf(valuesOf(tensors, 'features'))) })),
      );
    };
    const { row } = await fraudScoreTask.preprocess(TRANSACTION, assets);
    const probability = Math.fround(probabilityOf(valuesOf(row.tensors, 'features')));
    const reasons = await explainScore({ transaction: TRANSACTION, probability, source: { assets, infer } });
    return { reasons, calls };
  }

  it('come from one call for all inputs', async () => {
    const { reasons, calls } = await explain();
    expect(calls.map((rows) => rows.length)).toEqual([14]);
    expect(new Set(reasons.map(({ input }) => input)).size).toBe(14);
  });

  it('are by how much the probability changes, strongest first', async () => {
    const { reasons } = await explain();
    const strongest = reasons.slice(0, 3).map(({ input, effect }) => [input, Number(effect.toFixed(4))]);
    expect(strongest).toEqual([
      ['amount', 0.455],
      ['occurredAt', 0.1],
      ['terminal.last7Days.fraudShare', 0.1],
    ]);
    const rest = reasons.slice(3).filter(({ input }) => !input.startsWith('customer'));
    for (const { effect } of rest) expect(effect).toBeCloseTo(0, 5);
  });

  it('name each input with what was sent and what is usual, in the terms of the input', async () => {
    const { reasons } = await explain();
    const of = (input: string): unknown => reasons.find((reason) => reason.input === input);
    expect(of('amount')).toMatchObject({ value: 500, usual: 45 });
    expect(of('occurredAt')).toMatchObject({ value: null, usual: null });
    // The feature counts the transaction itself, the input does not.
    expect(of('customer.last1Day.transactions')).toMatchObject({ value: 2, usual: 2 });
    expect(of('customer.last7Days.averageAmount')).toMatchObject({ value: 50, usual: 54 });
    expect(of('terminal.last30Days.transactions')).toMatchObject({ value: 30, usual: 30 });
    expect(of('terminal.last7Days.fraudShare')).toMatchObject({ value: 0.5, usual: 0 });
  });

  it('replace one input at a time', async () => {
    const { calls } = await explain();
    const { row } = await fraudScoreTask.preprocess(TRANSACTION, await assetsOf());
    const given = valuesOf(row.tensors, 'features');
    const changed = calls[0]!.map(({ tensors }) =>
      ORDER.filter((_, place) => valuesOf(tensors, 'features')[place] !== given[place]),
    );
    // The amount is a part of the customer's means, and weekend and night are of one time.
    expect(changed[0]).toEqual(['amount', ...DAYS.map((days) => `customerAverageAmount${days}`)]);
    expect(changed[1]).toEqual(['weekend', 'night']);
    for (const names of changed.slice(2)) {
      const windows = new Set(
        names.map((name) => name.replace(/^(customer|terminal)(Transactions|AverageAmount|FraudShare)/, '$1')),
      );
      expect(windows.size).toBeLessThanOrEqual(1);
    }
  });
});
