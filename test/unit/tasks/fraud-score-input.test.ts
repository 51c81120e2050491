import { findFaults } from '../../../src/validate-input';
import {
  CustomerHistoryInput,
  FraudScoreInput,
  SpendingInput,
  TerminalHistoryInput,
  TerminalRiskInput,
} from '../../../src/tasks/fraud-score/fraud-score.input';
import { parseLocalDateTime } from '../../../src/transforms/local-date-time';

const spending = (transactions: number, averageAmount: number): SpendingInput =>
  Object.assign(new SpendingInput(), { transactions, averageAmount });
const risk = (transactions: number, fraudShare: number): TerminalRiskInput =>
  Object.assign(new TerminalRiskInput(), { transactions, fraudShare });

interface Changes {
  readonly amount?: number;
  readonly customer?: Partial<CustomerHistoryInput>;
  readonly terminal?: Partial<TerminalHistoryInput>;
}

function transaction({ amount = 50, customer = {}, terminal = {} }: Changes = {}): FraudScoreInput {
  return Object.assign(new FraudScoreInput(), {
    amount,
    occurredAt: parseLocalDateTime('2018-07-20T15:00'),
    customer: Object.assign(new CustomerHistoryInput(), {
      last1Day: spending(1, 10),
      last7Days: spending(5, 20),
      last30Days: spending(20, 30),
      ...customer,
    }),
    terminal: Object.assign(new TerminalHistoryInput(), {
      last1Day: risk(1, 0),
      last7Days: risk(5, 0.5),
      last30Days: risk(20, 1),
      ...terminal,
    }),
  });
}

const pathsOf = (changes: Changes): string[] => findFaults(transaction(changes), 'input').map(({ path }) => path);

describe('a transaction', () => {
  it.each<[string, Changes]>([
    ['as it usually is', {}],
    ['of the smallest amount', { amount: Number.MIN_VALUE }],
    ['of the largest amount', { amount: 1e12 }],
    [
      'of a card that was never used',
      { customer: { last1Day: spending(0, 0), last7Days: spending(0, 0), last30Days: spending(0, 0) } },
    ],
    [
      'at a terminal that was never used',
      { terminal: { last1Day: risk(0, 0), last7Days: risk(0, 0), last30Days: risk(0, 0) } },
    ],
    [
      'with all purchases of a month in one day',
      { customer: { last1Day: spending(20, 10), last7Days: spending(20, 10), last30Days: spending(20, 10) } },
    ],
  ])('is taken %s', (_, changes) => {
    expect(pathsOf(changes)).toEqual([]);
  });

  it.each<[string, Changes, string[]]>([
    ['no amount', { amount: 0 }, ['input.amount']],
    ['an amount below nothing', { amount: -1 }, ['input.amount']],
    ['an amount above all', { amount: 1e12 + 1 }, ['input.amount']],
    ['an amount that is no number', { amount: NaN }, ['input.amount']],
    ['an amount without end', { amount: Infinity }, ['input.amount']],
    [
      'fewer transactions than none',
      { customer: { last1Day: spending(-1, 10) } },
      ['input.customer.last1Day.transactions'],
    ],
    ['a mean below nothing', { customer: { last1Day: spending(1, -1) } }, ['input.customer.last1Day.averageAmount']],
    [
      'a mean of no transactions',
      { customer: { last1Day: spending(0, 10) } },
      ['input.customer.last1Day.averageAmount'],
    ],
    ['a week with less than its last day', { customer: { last1Day: spending(6, 10) } }, ['input.customer.last7Days']],
    [
      'a month with less than its last week',
      { customer: { last30Days: spending(4, 10) } },
      ['input.customer.last30Days'],
    ],
    ['a share above 1', { terminal: { last30Days: risk(20, 1.01) } }, ['input.terminal.last30Days.fraudShare']],
    ['a share below 0', { terminal: { last30Days: risk(20, -0.01) } }, ['input.terminal.last30Days.fraudShare']],
    ['a share of no transactions', { terminal: { last1Day: risk(0, 0.5) } }, ['input.terminal.last1Day.fraudShare']],
    [
      "a terminal's week with less than its last day",
      { terminal: { last1Day: risk(6, 0) } },
      ['input.terminal.last7Days'],
    ],
  ])('is refused with %s, at its path', (_, changes, paths) => {
    expect(pathsOf(changes)).toEqual(paths);
  });

  it('is refused for all its faults at once', () => {
    const changes = { amount: -1, customer: { last1Day: spending(0, 10) }, terminal: { last1Day: risk(9, 2) } };
    expect(pathsOf(changes)).toEqual([
      'input.amount',
      'input.customer.last1Day.averageAmount',
      'input.terminal.last1Day.fraudShare',
      'input.terminal.last7Days',
    ]);
  });

  it('is told what was expected, not what came', () => {
    const faults = findFaults(transaction({ amount: -987654 }), 'input');
    expect(faults).toEqual([{ path: 'input.amount', message: 'Expected an amount over 0, at most 1000000000000.' }]);
  });
});
