import { weekdayOf, type LocalDateTime } from './local-date-time';

export interface Spending {
  readonly transactions: number;
  /** 0 where there are no transactions. */
  readonly averageAmount: number;
}

export interface TerminalRisk {
  readonly transactions: number;
  /** 0 to 1. */
  readonly fraudShare: number;
}

export interface Windows<Value> {
  readonly last1Day: Value;
  readonly last7Days: Value;
  readonly last30Days: Value;
}

export interface Transaction {
  readonly amount: number;
  readonly occurredAt: LocalDateTime;
  /** Earlier transactions of the card holder, this one not counted. */
  readonly customer: Windows<Spending>;
  readonly terminal: Windows<TerminalRisk>;
}

export const WINDOWS = ['last1Day', 'last7Days', 'last30Days'] as const;

/**
 * The features a model may ask for, each computed from a transaction. The customer's windows include the transaction
 * itself, as those the models were trained on do.
 */
const FEATURES: Readonly<Record<string, (transaction: Transaction) => number>> = {
  amount: ({ amount }) => amount,
  weekend: ({ occurredAt }) => Number(weekdayOf(occurredAt) >= 5),
  night: ({ occurredAt }) => Number(occurredAt.hour <= 6),
  ...Object.fromEntries(
    WINDOWS.flatMap((window) => {
      const days = window.slice('last'.length);
      return [
        [`customerTransactions${days}`, ({ customer }: Transaction) => customer[window].transactions + 1],
        [`customerAverageAmount${days}`, (transaction: Transaction) => averageWithThis(transaction, window)],
        [`terminalTransactions${days}`, ({ terminal }: Transaction) => terminal[window].transactions],
        [`terminalFraudShare${days}`, ({ terminal }: Transaction) => terminal[window].fraudShare],
      ];
    }),
  ),
};

/** A model's features in the order it takes them. Throws an Error that names a feature nobody can compute. */
export function createFeatureRow(order: readonly string[]): (transaction: Transaction) => Float32Array {
  const features = order.map((name) => {
    const feature = Object.hasOwn(FEATURES, name) ? FEATURES[name] : undefined;
    if (!feature) throw new Error(`There is no feature "${name}"; there are ${Object.keys(FEATURES).join(', ')}.`);
    return feature;
  });
  return (transaction) => Float32Array.from(features, (feature) => feature(transaction));
}

function averageWithThis({ amount, customer }: Transaction, window: (typeof WINDOWS)[number]): number {
  const { transactions, averageAmount } = customer[window];
  return (transactions * averageAmount + amount) / (transactions + 1);
}
