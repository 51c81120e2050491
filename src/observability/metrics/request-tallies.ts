import type { ErrorFact, Observer, RequestFact, Transport } from '../observer';
import { Distribution, SECONDS } from './distribution';
import type { Reading } from './reading';

/** What kinds of operations there are; `unknown` where the document could not be read. */
const OPERATIONS = ['query', 'mutation', 'subscription', 'unknown'] as const;
type Operation = (typeof OPERATIONS)[number];

/** `errors`: something was wrong, whatever else was answered; `left`: the client did not wait. */
type RequestOutcome = 'answered' | 'errors' | 'left';

/** Codes that say no before anything was computed. */
const REFUSALS: readonly string[] = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'TOO_MANY_SUBSCRIPTIONS',
  'OVERLOADED',
  'QUERY_TOO_COSTLY',
  'PAYLOAD_TOO_LARGE',
];

interface Tally {
  readonly labels: { readonly transport: Transport; readonly operation: Operation };
  readonly outcomes: Record<RequestOutcome, number>;
  readonly duration: Distribution;
}

/** Requests by what they were, errors by code, refusals by reason. */
export class RequestTallies implements Pick<Observer, 'onError' | 'onRequest'> {
  private readonly tallies: Tally[] = (['http', 'websocket'] as const).flatMap((transport) =>
    OPERATIONS.map((operation) => ({
      labels: { transport, operation },
      outcomes: { answered: 0, errors: 0, left: 0 },
      duration: new Distribution(SECONDS),
    })),
  );
  private readonly errors = new Map<string, number>();
  private readonly refusals = new Map<string, { readonly code: string; readonly reason: string; count: number }>();

  onError({ code, reason = '' }: ErrorFact): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    if (!REFUSALS.includes(code)) return;
    const key = `${code} ${reason}`;
    const known = this.refusals.get(key);
    if (known) known.count++;
    else this.refusals.set(key, { code, reason, count: 1 });
  }

  onRequest(fact: RequestFact): void {
    const type = fact.operation?.type ?? 'unknown';
    const tally = this.tallies.find(({ labels }) => labels.transport === fact.transport && labels.operation === type);
    if (!tally) return;
    tally.outcomes[outcomeOf(fact)]++;
    // How long a subscription lasts is up to its client.
    if (type !== 'subscription') tally.duration.observe((fact.endedAt - fact.startedAt) / 1_000);
  }

  get readings(): readonly Reading[] {
    return [
      {
        name: 'predictql_requests_total',
        help: 'How many GraphQL operations came, over what, and how did they end?',
        type: 'counter',
        labels: ['transport', 'operation', 'outcome'],
        read: () =>
          this.tallies.flatMap(({ labels, outcomes }) =>
            Object.entries(outcomes).map(([outcome, value]) => ({ labels: { ...labels, outcome }, value })),
          ),
      },
      {
        name: 'predictql_request_duration_seconds',
        help: 'How long does an operation take, from its arrival to the end of its answer? Subscriptions left out.',
        type: 'histogram',
        labels: ['transport', 'operation'],
        read: () =>
          this.tallies
            .filter(({ labels }) => labels.operation !== 'subscription')
            .flatMap(({ labels, duration }) => [...duration.samples('predictql_request_duration_seconds', labels)]),
      },
      {
        name: 'predictql_errors_total',
        help: 'What are clients told is wrong? Each error of each answer counts.',
        type: 'counter',
        labels: ['code'],
        read: () => [...this.errors].map(([code, value]) => ({ labels: { code }, value })),
      },
      {
        name: 'predictql_refusals_total',
        help: 'Who is turned away, and why? Part of predictql_errors_total.',
        type: 'counter',
        labels: ['code', 'reason'],
        read: () =>
          [...this.refusals.values()].map(({ code, reason, count }) => ({ labels: { code, reason }, value: count })),
      },
    ];
  }
}

function outcomeOf({ operation, hasLeft, errors }: RequestFact): RequestOutcome {
  // A subscription ends by its client's leave.
  if (hasLeft && operation?.type !== 'subscription') return 'left';
  return errors.length === 0 ? 'answered' : 'errors';
}
