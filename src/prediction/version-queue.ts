import type { ModelVersion } from '../registry/model-version';
import { Batcher, type BatcherOptions } from './batcher';
import { Lanes, rowsBefore } from './lanes';
import { lengthOf, type Ticket, type TicketOwner } from './ticket';

/** Texts share a batch while the longest is at most so many times the shortest: padding is computed like tokens. */
const MAX_LENGTH_RATIO = 2;
/** Weight of the newest call in the running mean of the cost of a row. */
const COST_SMOOTHING = 0.2;
/**
 * Over how many milliseconds of work the pace of an engine process is taken. In an overload one call takes twenty times
 * as long as the next, and whoever is let in by the quickest ones waits for the others.
 */
const PACE_MEMORY_MS = 5_000;
/** Milliseconds of work before that pace is believed: the first calls of a server that is busy starting take longer. */
const FIRST_WORK_MS = 1_000;
/**
 * How fast the least cost of a row rises again, a call: a model that became slower is known as such after a few hundred
 * calls, one that had to wait for a processor is not.
 */
const LEAST_COST_RISE = 1.01;
/** Before enough was measured, where a row did not take less. */
const UNKNOWN_MS_PER_ROW = 1;

export interface VersionQueueOptions extends BatcherOptions {
  readonly maxBatchSize: number;
  /** Whose tickets wait here. */
  readonly version: ModelVersion;
}

/** The tickets that wait for one version, its DataLoader, and what a row of it costs. */
export class VersionQueue {
  readonly batcher: Batcher;
  /** Milliseconds of inference this version may still use in its turn. */
  deficitMs = 0;
  private readonly lanes = new Lanes<Ticket>();
  private tickets = 0;
  private rows = 0;
  private msPerRow = UNKNOWN_MS_PER_ROW;
  /** Of the last seconds of work: how long it took, and how many rows it was. */
  private readonly pace = { ms: 0, rows: 0 };
  private leastMsPerRow = 0;
  private hasCost = false;
  /** Rows under preparation, by whose they are: they will wait here. */
  private readonly coming = new Map<string, { readonly owner: TicketOwner; rows: number }>();

  constructor(readonly options: VersionQueueOptions) {
    this.batcher = new Batcher(options);
  }

  /** Tickets that wait. */
  get size(): number {
    return this.tickets;
  }

  /** Whether a batch of what waits could hold no more. */
  get isFull(): boolean {
    return this.rows >= this.options.maxBatchSize;
  }

  /** How long all that waits and comes will occupy an engine process, by what rows have taken so far. Milliseconds. */
  get backlogMs(): number {
    let rows = this.rows;
    for (const each of this.coming.values()) rows += each.rows;
    return rows * this.occupiedMsPerRow;
  }

  /**
   * Milliseconds of inference of a row where nothing holds it up; 0 before the first call. What a request costs must not
   * depend on the moment: it is refused for good.
   */
  get unhinderedMsPerRow(): number {
    return this.leastMsPerRow;
  }

  /** The same of what a new ticket of this caller would find before it. */
  backlogMsBefore(owner: TicketOwner): number {
    return (this.lanes.rowsBefore(owner) + rowsBefore(owner, this.coming)) * this.occupiedMsPerRow;
  }

  /** Counts a row as coming, until that is disposed of. */
  expect(owner: TicketOwner): Disposable {
    const of = this.coming.get(owner.id) ?? { owner, rows: 0 };
    this.coming.set(owner.id, of);
    of.rows++;
    return {
      [Symbol.dispose]: () => {
        if (--of.rows === 0) this.coming.delete(owner.id);
      },
    };
  }

  push(ticket: Ticket): void {
    this.lanes.add(ticket);
    this.tickets++;
    this.rows += ticket.rows.length;
  }

  /** Back to the front, in their old order: they have waited longest. */
  putBack(tickets: readonly Ticket[]): void {
    this.lanes.putBack(tickets);
    this.tickets += tickets.length;
    this.rows += countRows(tickets);
  }

  /** Takes a ticket out that is to be computed, at the cost of its caller. */
  take(ticket: Ticket): void {
    this.takeOut(ticket, ticket.rows.length * this.msPerRow);
  }

  /** Takes a ticket out that is not to be computed, if it still waits. */
  remove(ticket: Ticket): boolean {
    return this.takeOut(ticket, 0);
  }

  private takeOut(ticket: Ticket, chargedMs: number): boolean {
    if (!this.lanes.remove(ticket, chargedMs)) return false;
    this.rows -= ticket.rows.length;
    this.tickets--;
    return true;
  }

  estimateMs(tickets: readonly Ticket[]): number {
    return countRows(tickets) * this.msPerRow;
  }

  /**
   * @param occupiedMs how long the engine process was taken: more than the inference where it has to wait for a
   * processor, as in an overload
   */
  learnCost(
    rows: number,
    { inferenceMs, occupiedMs }: { readonly inferenceMs: number; readonly occupiedMs: number },
  ): void {
    const measured = inferenceMs / rows;
    this.msPerRow = this.hasCost ? this.msPerRow + COST_SMOOTHING * (measured - this.msPerRow) : measured;
    this.leastMsPerRow = this.hasCost ? Math.min(measured, this.leastMsPerRow * LEAST_COST_RISE) : measured;
    this.hasCost = true;
    const takenMs = Math.max(inferenceMs, occupiedMs);
    const kept = Math.exp(-takenMs / PACE_MEMORY_MS);
    this.pace.ms = this.pace.ms * kept + takenMs;
    this.pace.rows = this.pace.rows * kept + rows;
  }

  /** Milliseconds that a row occupies an engine process. */
  private get occupiedMsPerRow(): number {
    if (this.pace.ms >= FIRST_WORK_MS) return this.pace.ms / this.pace.rows;
    return this.hasCost ? Math.min(UNKNOWN_MS_PER_ROW, this.leastMsPerRow) : UNKNOWN_MS_PER_ROW;
  }

  /**
   * The next batch: the longest-waiting ticket of the caller whose turn it is, and those that go best with it. They stay in the queue until
   * they are removed.
   */
  nextBatch(): Ticket[] {
    const [head] = this.lanes.inTurns();
    if (!head) return [];
    const batch: Ticket[] = [];
    let room = Math.max(head.rows.length, Math.min(head.batchLimit, this.options.maxBatchSize));
    for (const ticket of this.companionsOf(head)) {
      // Suspects of a failed batch stay among themselves until the culprit is found.
      if (ticket.batchLimit !== head.batchLimit || ticket.rows.length > room) continue;
      batch.push(ticket);
      room -= ticket.rows.length;
      if (room === 0) break;
    }
    return batch;
  }

  /** The head itself first, then those that may join it, nearest in length first and in turns among equals. */
  private companionsOf(head: Ticket): Iterable<Ticket> {
    const length = lengthOf(head);
    if (length === 0) return this.lanes.inTurns();
    return [...this.lanes.inTurns()]
      .filter((ticket) => isLike(lengthOf(ticket), length))
      .sort((a, b) => Math.abs(lengthOf(a) - length) - Math.abs(lengthOf(b) - length));
  }
}

export function countRows(tickets: readonly Ticket[]): number {
  return tickets.reduce((sum, { rows }) => sum + rows.length, 0);
}

function isLike(a: number, b: number): boolean {
  return Math.max(a, b) <= MAX_LENGTH_RATIO * Math.min(a, b);
}
