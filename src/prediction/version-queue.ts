import type { ModelVersion } from '../registry/model-version';
import { Batcher, type BatcherOptions } from './batcher';
import { lengthOf, type Ticket } from './ticket';

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
  private tickets = new Set<Ticket>();
  private rows = 0;
  private msPerRow = 1;
  private hasCost = false;

  constructor(readonly options: VersionQueueOptions) {
    this.batcher = new Batcher(options);
  }

  /** Tickets that wait. */
  get size(): number {
    return this.tickets.size;
  }

  /** Inference time of all that waits, by what rows have cost so far. */
  get backlogMs(): number {
    return this.rows * this.msPerRow;
  }

  /** Milliseconds of inference of a row; 0 before the first call. */
  get measuredMsPerRow(): number {
    return this.hasCost ? this.msPerRow : 0;
  }

  push(ticket: Ticket): void {
    this.tickets.add(ticket);
    this.rows += ticket.rows.length;
  }

  /** Back to the front, in their old order: they have waited longest. */
  putBack(tickets: readonly Ticket[]): void {
    this.tickets = new Set([...tickets, ...this.tickets]);
    this.rows += countRows(tickets);
  }

  /** Takes a ticket out, if it still waits. */
  remove(ticket: Ticket): boolean {
    const isWaiting = this.tickets.delete(ticket);
    if (isWaiting) this.rows -= ticket.rows.length;
    return isWaiting;
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
   * The next batch: the ticket that has waited longest, and those that go best with it. They stay in the queue until
   * they are removed.
   */
  nextBatch(): Ticket[] {
    const [head] = this.tickets;
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

  /** The head itself first, then those that may join it, nearest in length first and oldest first among equals. */
  private companionsOf(head: Ticket): Iterable<Ticket> {
    const length = lengthOf(head);
    if (length === 0) return this.tickets;
    return [...this.tickets]
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
