import type { PredictionSource } from '../../prediction/predictor';
import { WINDOWS, type Transaction } from '../../transforms/fraud-features';
import { roundProbability } from '../../transforms/round';
import { probabilityOf, toRow, type FraudAssets } from './fraud-score.task';

/** Inputs that are replaced, one row each: the amount, the time, and four of each window. */
export const MAX_REASONS = 2 + 4 * WINDOWS.length;

export interface FraudReasonResult {
  readonly input: string;
  readonly value: number | null;
  readonly usual: number | null;
  readonly effect: number;
}

export interface ExplainRequest {
  readonly transaction: Transaction;
  readonly probability: number;
  readonly source: PredictionSource<FraudAssets>;
}

/** One input with its usual value put in its place. */
interface Replacement {
  readonly input: string;
  readonly value: number | null;
  readonly usual: number | null;
  readonly features: Float32Array;
}

/**
 * What moved a score most: by how much the probability changes when one input is replaced by its usual value, strongest
 * first. All replacements go to the version that answered, in one inference call.
 */
export async function explainScore({ transaction, probability, source }: ExplainRequest): Promise<FraudReasonResult[]> {
  const { assets } = source;
  const replacements = replaceEach(transaction, assets);
  const outputs = await source.infer(replacements.map(({ features }) => toRow(features, assets)));
  return replacements
    .map(({ input, value, usual }, index) => ({
      input,
      value,
      usual,
      effect: roundProbability(probability - probabilityOf(outputs[index] ?? {}, assets)),
    }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
}

function replaceEach(transaction: Transaction, assets: FraudAssets): Replacement[] {
  const { customer, terminal } = transaction;
  const usualOf = (feature: string): number => assets.usual[feature] ?? 0;
  const replace = (input: string, { value, usual, replaced }: NumberReplacement): Replacement => ({
    input,
    value,
    usual,
    features: assets.toFeatures({ ...transaction, ...replaced }),
  });
  const usualAmount = usualOf('amount');
  return [
    replace('amount', { value: transaction.amount, usual: usualAmount, replaced: { amount: usualAmount } }),
    { input: 'occurredAt', value: null, usual: null, features: atUsualTime(transaction, assets) },
    ...WINDOWS.flatMap((window) => {
      const days = window.slice('last'.length);
      const spending = customer[window];
      const risk = terminal[window];
      // The feature counts this transaction too, the input does not.
      const usualCount = Math.max(0, usualOf(`customerTransactions${days}`) - 1);
      const usualAverage = usualOf(`customerAverageAmount${days}`);
      const usualVisits = usualOf(`terminalTransactions${days}`);
      const usualShare = usualOf(`terminalFraudShare${days}`);
      const withSpending = (change: Partial<typeof spending>): Partial<Transaction> => ({
        customer: { ...customer, [window]: { ...spending, ...change } },
      });
      const withRisk = (change: Partial<typeof risk>): Partial<Transaction> => ({
        terminal: { ...terminal, [window]: { ...risk, ...change } },
      });
      return [
        replace(`customer.${window}.transactions`, {
          value: spending.transactions,
          usual: usualCount,
          replaced: withSpending({ transactions: usualCount }),
        }),
        replace(`customer.${window}.averageAmount`, {
          value: spending.averageAmount,
          usual: usualAverage,
          replaced: withSpending({ averageAmount: usualAverage }),
        }),
        replace(`terminal.${window}.transactions`, {
          value: risk.transactions,
          usual: usualVisits,
          replaced: withRisk({ transactions: usualVisits }),
        }),
        replace(`terminal.${window}.fraudShare`, {
          value: risk.fraudShare,
          usual: usualShare,
          replaced: withRisk({ fraudShare: usualShare }),
        }),
      ];
    }),
  ];
}

interface NumberReplacement {
  readonly value: number;
  readonly usual: number;
  readonly replaced: Partial<Transaction>;
}

/** A time is no number that could have a usual value, but what the model makes of it has. */
function atUsualTime(transaction: Transaction, { order, usual, toFeatures }: FraudAssets): Float32Array {
  const features = toFeatures(transaction);
  for (const name of ['weekend', 'night']) {
    const index = order.indexOf(name);
    if (index !== -1) features[index] = usual[name] ?? 0;
  }
  return features;
}
