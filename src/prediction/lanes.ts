import type { Priority } from '../context';
import type { TicketOwner } from './ticket';

/** What an inference of a bulk caller is charged, in those of an interactive one: it gets the rest, and never nothing. */
const BULK_WEIGHT = 20;

/** What waits in a lane: a ticket, as far as its order among others goes. */
export interface Queued {
  readonly owner: TicketOwner;
  readonly rows: readonly unknown[];
}

interface Lane<Ticket> {
  readonly owner: TicketOwner;
  tickets: Set<Ticket>;
  rows: number;
  /** What it was given, weighed by its class, on the clock that all lanes share: milliseconds of inference, say. */
  used: number;
}

/**
 * Tickets of one version by who sent them. Whoever was given least is next, counted in what they are charged, so that a
 * caller with a thousand tickets does not stand before one with a single one. This is fair queueing by start times (Goyal,
 * Vin and Cheng, 1996). A ticket is put in and taken out in constant time.
 */
export class Lanes<Ticket extends Queued> {
  private readonly lanes = new Map<string, Lane<Ticket>>();
  /** Where a caller begins that was not here: level with whoever is next, with no credit for its absence. */
  private clock = 0;

  get isEmpty(): boolean {
    return this.lanes.size === 0;
  }

  /** Rows that a new ticket of this caller would find before it. */
  rowsBefore(owner: TicketOwner): number {
    return rowsBefore(owner, this.lanes);
  }

  add(ticket: Ticket): void {
    const lane = this.laneOf(ticket.owner);
    lane.tickets.add(ticket);
    lane.rows += ticket.rows.length;
  }

  /** Back to the front, in their old order: they have waited longest. */
  putBack(tickets: readonly Ticket[]): void {
    for (const ticket of [...tickets].reverse()) {
      const lane = this.laneOf(ticket.owner);
      lane.tickets = new Set([ticket, ...lane.tickets]);
      lane.rows += ticket.rows.length;
    }
  }

  /** Takes a ticket out, if it is in, and charges its caller for it where it is to be computed. */
  remove(ticket: Ticket, charged = 0): boolean {
    const lane = this.lanes.get(ticket.owner.id);
    if (!lane?.tickets.delete(ticket)) return false;
    lane.rows -= ticket.rows.length;
    lane.used += charged * (lane.owner.priority === 'bulk' ? BULK_WEIGHT : 1);
    if (lane.tickets.size === 0) this.lanes.delete(ticket.owner.id);
    return true;
  }

  /** All tickets in a fair order: one of each caller in turn, least used first; behind the first, bulk callers fill what others leave. */
  *inTurns(): Generator<Ticket, void> {
    const [only] = this.lanes.values();
    if (!only) return;
    if (this.lanes.size === 1) {
      this.clock = Math.max(this.clock, only.used);
      yield* only.tickets;
      return;
    }
    const inOrder = [...this.lanes.values()].sort((a, b) => a.used - b.used);
    const [head] = inOrder as [Lane<Ticket>];
    this.clock = Math.max(this.clock, head.used);
    const [first] = head.tickets as unknown as [Ticket];
    yield first;
    const ofClass = (priority: Priority): Lane<Ticket>[] => inOrder.filter(({ owner }) => owner.priority === priority);
    for (const ticket of roundRobin([ofClass('interactive'), ofClass('bulk')])) if (ticket !== first) yield ticket;
  }

  private laneOf(owner: TicketOwner): Lane<Ticket> {
    let lane = this.lanes.get(owner.id);
    if (!lane) {
      lane = { owner, tickets: new Set(), rows: 0, used: this.clock };
      this.lanes.set(owner.id, lane);
    }
    return lane;
  }
}

/** Rows of others and its own that a new row of this caller would find before it, when all callers are served alike. */
export function rowsBefore(
  { id, priority }: TicketOwner,
  lanes: ReadonlyMap<string, { readonly owner: TicketOwner; readonly rows: number }>,
): number {
  const own = lanes.get(id)?.rows ?? 0;
  let before = own;
  for (const { owner, rows } of lanes.values()) {
    if (owner.id === id) continue;
    // Of each other caller as many as of this one go first, and one is on its way.
    if (priority === 'bulk') before += owner.priority === 'bulk' ? Math.min(rows, own + 1) : rows;
    else if (owner.priority === 'interactive') before += Math.min(rows, own + 1);
  }
  return before;
}

/** One ticket of each lane in turn; lanes of a later group once those of the former have none left. */
function* roundRobin<Ticket>(groups: readonly (readonly Lane<Ticket>[])[]): Generator<Ticket, void> {
  for (const lanes of groups) {
    let waiting = lanes.map(({ tickets }) => tickets.values());
    while (waiting.length > 0) {
      const left: typeof waiting = [];
      for (const tickets of waiting) {
        const { value, done } = tickets.next();
        if (done) continue;
        yield value;
        left.push(tickets);
      }
      waiting = left;
    }
  }
}
