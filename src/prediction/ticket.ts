import type { Caller } from '../context';
import type { Span } from '../observability/observer';
import type { Tensors } from '../tensor';
import type { Row } from './task';

/** What a ticket gets: outputs row by row, and how they came about. */
export interface TicketResult {
  readonly outputs: readonly Tensors[];
  readonly queueMs: number;
  readonly inferenceMs: number;
  /** Rows in the inference call. */
  readonly batchSize: number;
}

/** By whom tickets are shared out. */
export type TicketOwner = Pick<Caller, 'id' | 'priority' | 'limits'>;

/** Whose the rows of tests are, and of the server itself. */
export const NOBODY: TicketOwner = { id: '', priority: 'interactive' };

/** Rows that wait for one inference call together: one for a prediction, several for its reasons. */
export interface Ticket {
  readonly rows: readonly Row[];
  readonly owner: TicketOwner;
  /** On the clock of `performance.now()`. */
  readonly enqueuedAt: number;
  /** Answered, failed or left: its batch may still run, for others. */
  isSettled: boolean;
  /** How many rows a batch with this ticket may have; halved when a batch fails, until the culprit stands alone. */
  batchLimit: number;
  /** Engine processes lost with this ticket on board, and those of them where nobody else was. */
  losses: number;
  lossesAlone: number;
  /** Of the prediction it belongs to, where that is traced. */
  readonly span?: Span | undefined;
  resolve(result: TicketResult): void;
  reject(error: Error): void;
}

/** Length of a ticket's longest row; 0 where rows have none. */
export function lengthOf(ticket: Ticket): number {
  return ticket.rows.reduce((longest, { length = 0 }) => Math.max(longest, length), 0);
}
