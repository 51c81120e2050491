import { Lanes } from '../../../src/prediction/lanes';
import type { Ticket, TicketOwner } from '../../../src/prediction/ticket';

const caller = (id: string, priority: TicketOwner['priority'] = 'interactive'): TicketOwner => ({ id, priority });
const [ann, ben, bulk] = [caller('ann'), caller('ben'), caller('bulk', 'bulk')];

function ticket(owner: TicketOwner, rows = 1): Ticket {
  return {
    owner,
    rows: Array.from({ length: rows }, () => ({ tensors: {} })),
    enqueuedAt: 0,
    isSettled: false,
    batchLimit: Infinity,
    losses: 0,
    lossesAlone: 0,
    resolve: () => undefined,
    reject: () => undefined,
  };
}

function lanesOf(...tickets: readonly Ticket[]): Lanes<Ticket> {
  const lanes = new Lanes<Ticket>();
  for (const each of tickets) lanes.add(each);
  return lanes;
}

/** Serves one ticket at a time, each for so many milliseconds, and adds what `refill` says after each. */
function serve(
  lanes: Lanes<Ticket>,
  count: number,
  costMs: (ticket: Ticket) => number,
  refill?: (served: Ticket) => Ticket,
) {
  const served = new Map<string, number>();
  for (let turn = 0; turn < count; turn++) {
    const { value } = lanes.inTurns().next();
    if (!value) break;
    lanes.remove(value, costMs(value));
    served.set(value.owner.id, (served.get(value.owner.id) ?? 0) + costMs(value));
    if (refill) lanes.add(refill(value));
  }
  return served;
}

describe('the lanes of a queue', () => {
  it('give out the tickets of one caller in the order they came', () => {
    const tickets = [ticket(ann), ticket(ann), ticket(ann)];
    expect([...lanesOf(...tickets).inTurns()]).toEqual(tickets);
  });

  it('put a caller with one ticket beside one with a thousand, and not behind', () => {
    const flood = Array.from({ length: 1_000 }, () => ticket(ann));
    const single = ticket(ben);
    expect([...lanesOf(...flood, single).inTurns()].indexOf(single)).toBe(1);
  });

  it('share the time of inference, whatever a ticket of each costs', () => {
    const lanes = lanesOf(...[ann, ann, ben, ben].map((owner) => ticket(owner)));
    const served = serve(
      lanes,
      1_000,
      ({ owner }) => (owner === ann ? 10 : 1),
      ({ owner }) => ticket(owner),
    );
    expect(served.get('ann')! / served.get('ben')!).toBeCloseTo(1, 1);
  });

  it('give a caller no credit for the time it was away', () => {
    const lanes = lanesOf(ticket(ann), ticket(ann));
    serve(
      lanes,
      500,
      () => 10,
      ({ owner }) => ticket(owner),
    );
    lanes.add(ticket(ben));
    lanes.add(ticket(ben));
    const served = serve(
      lanes,
      100,
      () => 10,
      ({ owner }) => ticket(owner),
    );
    expect(served.get('ben')).toBeLessThanOrEqual(520);
    expect(served.get('ann')).toBeGreaterThanOrEqual(480);
  });

  it('let bulk callers have the rest, and never nothing', () => {
    const lanes = lanesOf(...[ann, ann, bulk, bulk].map((owner) => ticket(owner)));
    const served = serve(
      lanes,
      2_100,
      () => 10,
      ({ owner }) => ticket(owner),
    );
    expect(served.get('bulk')! / served.get('ann')!).toBeCloseTo(1 / 20, 2);
    const alone = lanesOf(ticket(bulk), ticket(bulk));
    expect(serve(alone, 2, () => 10).get('bulk')).toBe(20);
  });

  it('fill a batch with bulk tickets only where interactive ones leave room', () => {
    const bulkTickets = [ticket(bulk), ticket(bulk)];
    const others = [ticket(ann), ticket(ben), ticket(ann)];
    const lanes = lanesOf(...bulkTickets, ...others);
    const order = [...lanes.inTurns()].map(({ owner }) => owner.priority);
    // The lanes are level, and the one that came first begins.
    expect(order).toEqual(['bulk', 'interactive', 'interactive', 'interactive', 'bulk']);
    lanes.remove(bulkTickets[0]!, 1);
    expect([...lanes.inTurns()].at(-1)).toBe(bulkTickets[1]);
  });

  it('tell a caller how much is before it: its own, and of others as many', () => {
    const lanes = lanesOf(
      ...Array.from({ length: 100 }, () => ticket(ann)),
      ...Array.from({ length: 50 }, () => ticket(bulk)),
    );
    expect(lanes.rowsBefore(ann)).toBe(100);
    expect(lanes.rowsBefore(ben)).toBe(1);
    expect(lanes.rowsBefore(bulk)).toBe(150);
  });

  it('put tickets back to the front, whoever they belong to', () => {
    const [first, second, third] = [ticket(ann), ticket(ann), ticket(ben)];
    const lanes = lanesOf(first, second, third);
    for (const each of [first, third]) lanes.remove(each);
    lanes.putBack([first, third]);
    expect([...lanes.inTurns()].filter(({ owner }) => owner === ann)).toEqual([first, second]);
    expect(lanes.remove(third)).toBe(true);
    expect(lanes.remove(third)).toBe(false);
  });
});
