import type { ModelVersion } from '../registry/model-version';
import { Batcher, type BatcherOptions } from './batcher';
import { Lanes } from './lanes';
import { lengthOf, type Ticket, type TicketOwner } from './ticket';

/** Texts share a batch while the longest is at most so many times the shortest: padding is computed like tokens. */
const MAX_LENGTH_RATIO = 2;
/** Weight of the newest call in the running mean of the cost of a row. */
const COST_SMOOTHING = 0.2;

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
  private readonly lanes = new Lanes();
  private tickets = 0;
  private rows = 0;
  private msPerRow = 1;
  private hasCost = false;

  constructor(readonly options: VersionQueueOptions) {
    this.batcher = new Batcher(options);
  }

  /** Tickets that wait. */
  get size(): number {
    return this.tickets;
  }

  /** Inference time of all that waits, by what rows have cost so far. */
  get backlogMs(): number {
    return this.rows * this.msPerRow;
  }

  /** Milliseconds of inference of a row; 0 before the first call. */
  get measuredMsPerRow(): number {
    return this.hasCost ? this.msPerRow : 0;
  }

  /** Inference time of what a new ticket of this caller would find before it. */
  backlogMsBefore(owner: TicketOwner): number {
    return this.lanes.rowsBefore(owner) * this.msPerRow;
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

  learnCost(rows: number, inferenceMs: number): void {
    const measured = inferenceMs / rows;
    this.msPerRow = this.hasCost ? this.msPerRow + COST_SMOOTHING * (measured - this.msPerRow) : measured;
    this.hasCost = true;
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
