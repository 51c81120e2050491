import { createFeatureRow, type Transaction } from '../../../src/transforms/fraud-features';
import { parseLocalDateTime } from '../../../src/transforms/local-date-time';

const TRANSACTION: Transaction = {
  amount: 100,
  occurredAt: parseLocalDateTime('2018-07-20T15:00'),
  customer: {
    last1Day: { transactions: 0, averageAmount: 0 },
    last7Days: { transactions: 3, averageAmount: 20 },
    last30Days: { transactions: 9, averageAmount: 50 },
  },
  terminal: {
    last1Day: { transactions: 1, fraudShare: 0 },
    last7Days: { transactions: 8, fraudShare: 0.25 },
    last30Days: { transactions: 30, fraudShare: 0.5 },
  },
};

function featuresAt(time: string): { weekend: number; night: number } {
  const [weekend, night] = createFeatureRow(['weekend', 'night'])({
    ...TRANSACTION,
    occurredAt: parseLocalDateTime(time),
  });
  return { weekend: weekend!, night: night! };
}

describe('the features of a transaction', () => {
  it('stand in the order that the model takes them', () => {
    expect(createFeatureRow(['amount', 'night'])(TRANSACTION)).toEqual(Float32Array.of(100, 0));
    expect(createFeatureRow(['night', 'amount'])(TRANSACTION)).toEqual(Float32Array.of(0, 100));
  });

  it("count this transaction among the customer's, and its amount in their mean", () => {
    const order = ['1Day', '7Days', '30Days'].flatMap((days) => [
      `customerTransactions${days}`,
      `customerAverageAmount${days}`,
    ]);
    expect(createFeatureRow(order)(TRANSACTION)).toEqual(Float32Array.of(1, 100, 4, 40, 10, 55));
  });

  it("leave the terminal's windows as they are, which end before it", () => {
    const order = ['1Day', '7Days', '30Days'].flatMap((days) => [
      `terminalTransactions${days}`,
      `terminalFraudShare${days}`,
    ]);
    expect(createFeatureRow(order)(TRANSACTION)).toEqual(Float32Array.of(1, 0, 8, 0.25, 30, 0.5));
  });

  it.each([
    ['2018-07-20T23:59', 0],
    ['2018-07-21T00:00', 1],
    ['2018-07-22T23:59', 1],
    ['2018-07-23T00:00', 0],
  ])('tell that %s is on a weekend by %i', (time, weekend) => {
    expect(featuresAt(time).weekend).toBe(weekend);
  });

  it.each([
    ['2018-07-20T00:00', 1],
    ['2018-07-20T06:59', 1],
    ['2018-07-20T07:00', 0],
    ['2018-07-20T23:59', 0],
  ])('tell that %s is at night by %i', (time, night) => {
    expect(featuresAt(time).night).toBe(night);
  });

  it('refuse a name that nobody can compute when the version is loaded, and say which there are', () => {
    expect(() => createFeatureRow(['amount', 'shoeSize'])).toThrow(
      /no feature "shoeSize"; there are amount, weekend, night/,
    );
    expect(() => createFeatureRow(['constructor'])).toThrow('no feature "constructor"');
  });
});
