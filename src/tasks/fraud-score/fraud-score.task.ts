import { largestDifference } from '../../prediction/golden-gate';
import type { Task } from '../../prediction/task';
import { stackRows, type Tensors } from '../../tensor';
import { createFeatureRow, type Transaction } from '../../transforms/fraud-features';
import { formatLocalDateTime, parseLocalDateTime } from '../../transforms/local-date-time';
import { roundProbability } from '../../transforms/round';

export type RiskLevelName = 'LOW' | 'MEDIUM' | 'HIGH';

export interface FraudResult {
  readonly probability: number;
  readonly riskLevel: RiskLevelName;
  readonly flagged: boolean;
  readonly threshold: number;
  /** What was asked, for the reasons that may be asked for later. */
  readonly transaction: Transaction;
}

export interface FraudAssets {
  readonly threshold: number;
  readonly mediumFrom: number;
  readonly inputName: string;
  readonly outputName: string;
  /** The usual value of each feature, by its name. */
  readonly usual: Readonly<Record<string, number>>;
  readonly order: readonly string[];
  readonly toFeatures: (transaction: Transaction) => Float32Array;
}

/** How likely a card transaction is to be fraudulent: transaction → features → probability. */
export const fraudScoreTask: Task<Transaction, FraudAssets, undefined, FraudResult> = {
  name: 'fraud-score',

  loadAssets({ manifest: { preprocessing, postprocessing, inputs, outputs } }) {
    if (preprocessing.kind !== 'features')
      throw new Error('The task fraud-score needs preprocessing of the kind "features".');
    if (!('threshold' in postprocessing)) throw new Error('The task fraud-score needs a threshold and levels.');
    const { order, usual } = preprocessing;
    if (usual.length !== order.length)
      throw new Error(`There are ${usual.length} usual values for ${order.length} features.`);
    return Promise.resolve({
      threshold: postprocessing.threshold,
      mediumFrom: postprocessing.levels.MEDIUM,
      inputName: inputs[0]?.name ?? '',
      outputName: outputs[0]?.name ?? '',
      usual: Object.fromEntries(order.map((name, index) => [name, usual[index] as number])),
      order,
      toFeatures: createFeatureRow(order),
    });
  },

  preprocess: (transaction, assets) => ({ row: toRow(assets.toFeatures(transaction), assets), facts: undefined }),

  collate: stackRows,

  postprocess(outputs, { assets, input }) {
    // Rounded first: what is flagged is what shows a probability at or above the threshold.
    const probability = roundProbability(probabilityOf(outputs, assets));
    return { ...assess(probability, assets), transaction: input };
  },

  logged: {
    input: (transaction) => ({ ...transaction, occurredAt: formatLocalDateTime(transaction.occurredAt) }),
    output: ({ transaction: _, ...output }) => output,
  },

  readGoldenInput: ({ input }) =>
    Promise.resolve({
      ...(input as unknown as Transaction),
      occurredAt: parseLocalDateTime(String(input['occurredAt'])),
    }),

  compareGolden: (outputs, example) => largestDifference(outputs, example.outputs),
};

export function toRow(features: Float32Array, { inputName }: FraudAssets): { tensors: Tensors } {
  return { tensors: { [inputName]: { type: 'float32', dims: [features.length], data: features } } };
}

export function probabilityOf(outputs: Tensors, { outputName }: FraudAssets): number {
  return outputs[outputName]?.data[0] as number;
}

function assess(probability: number, { threshold, mediumFrom }: FraudAssets): Omit<FraudResult, 'transaction'> {
  const flagged = probability >= threshold;
  const riskLevel = flagged ? 'HIGH' : probability >= mediumFrom ? 'MEDIUM' : 'LOW';
  return { probability, riskLevel, flagged, threshold };
}
