import { AppError, toError } from '../errors';
import { EngineLostError, type Engine } from '../engines/engine';
import type { Logger } from '../observability/logger';
import { UNOBSERVED, type Observer, type Span } from '../observability/observer';
import type { RowResult } from './batcher';
import type { Deadline } from './deadline';
import type { Row } from './task';
import { NOBODY, type Ticket, type TicketOwner, type TicketResult } from './ticket';
import { toBatchFact, type StartedBatch } from './batch-fact';
import { countRows, type VersionQueue } from './version-queue';
import { VersionTurns, type Turn, type VersionFacts } from './version-turns';

/** After so many lost processes a ticket is run alone; after as many more alone it is given up. */
const MAX_LOSSES = 2;

export interface EnqueueRequest extends VersionFacts {
  /** They share one call: at most `maxBatchSize`. */
  readonly rows: readonly Row[];
  readonly deadline: Deadline;
  /** Left out: nobody's, as the rows of tests. */
  readonly owner?: TicketOwner | undefined;
  /** Of the prediction, where that is traced. */
  readonly span?: Span | undefined;
}

/** Counts of tickets since the start. At rest, `enqueued` is the sum of `answered`, `failed`, `abandoned` and `left`. */
export interface DispatcherCounters {
  readonly enqueued: number;
  readonly answered: number;
  readonly failed: number;
  /** Left the queue before their batch formed: never computed. */
  readonly abandoned: number;
  /** Left while their batch ran: computed for nobody. */
  readonly left: number;
  /** Inference calls, and the rows in them, each time they were run. */
  readonly calls: number;
  readonly computedRows: number;
}

export interface DispatcherOptions {
  readonly engine: Engine;
  readonly log: Logger;
  /** Hears of each inference call when it has ended. Default: nobody. */
  readonly observer?: Observer;
  /** Hears how many milliseconds of inference were computed for whom. Default: nobody. */
  readonly charge?: (owner: TicketOwner, inferenceMs: number) => void;
  /** Milliseconds since any time. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Which batch runs next. Tickets wait here, where they can be cancelled, ordered and counted; at the end of the event
 * loop's turn every free engine is given a batch. Nothing waits while an engine is free, and while none is the batches
 * grow.
 */
export class Dispatcher {
  /** What waits, whose turn it is, and how long the wait is. */
  readonly turns: VersionTurns;
  private readonly counts = {
    enqueued: 0,
    answered: 0,
    failed: 0,
    abandoned: 0,
    left: 0,
    calls: 0,
    computedRows: 0,
  };
  private isPumpScheduled = false;

  private readonly observer: Observer;
  private readonly now: () => number;

  constructor(private readonly options: DispatcherOptions) {
    this.turns = new VersionTurns(options.engine);
    this.now = options.now ?? (() => performance.now());
    this.observer = options.observer ?? UNOBSERVED;
    options.engine.onFree(() => this.onFree());
  }

  /** Inference calls that run at the same time, at most. */
  get parallelism(): number {
    return this.options.engine.parallelism;
  }

  get counters(): DispatcherCounters {
    return this.counts;
  }

  /** Waits for a batch and runs in it. Rejects with the deadline's reason, or with why the model failed. */
  enqueue(request: EnqueueRequest): Promise<TicketResult> {
    const { rows, deadline } = request;
    deadline.check();
    const queue = this.turns.queueOf(request);
    return new Promise((resolve, reject) => {
      const settle = (how: 'answered' | 'failed' | 'abandoned' | 'left'): void => {
        deadline.removeListener(leave);
        ticket.isSettled = true;
        this.counts[how]++;
      };
      const leave = (reason: Error): void => {
        settle(queue.remove(ticket) ? 'abandoned' : 'left');
        reject(reason);
      };
      const ticket: Ticket = {
        rows,
        owner: request.owner ?? NOBODY,
        enqueuedAt: this.now(),
        isSettled: false,
        batchLimit: Infinity,
        losses: 0,
        lossesAlone: 0,
        span: request.span,
        resolve: (result) => {
          settle('answered');
          resolve(result);
        },
        reject: (error) => {
          settle('failed');
          reject(error);
        },
      };
      deadline.addListener(leave);
      this.counts.enqueued++;
      request.span?.enter('queue');
      queue.push(ticket);
      this.join(queue);
    });
  }

  private join(queue: VersionQueue): void {
    this.turns.join(queue);
    this.schedulePump();
  }

  /** A full batch has nobody to wait for; in an overload a turn is long, and the engine would idle until its end. */
  private onFree(): void {
    if (this.turns.hasFullBatch) this.pump();
    else this.schedulePump();
  }

  /** At the end of the turn, so that requests that arrive in the same turn leave together. */
  private schedulePump(): void {
    if (this.isPumpScheduled) return;
    this.isPumpScheduled = true;
    setImmediate(() => {
      this.isPumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    for (let turn = this.turns.next(); turn; turn = this.turns.next()) void this.dispatch(turn);
  }

  private async dispatch({ queue, tickets, estimateMs }: Turn): Promise<void> {
    for (const ticket of tickets) {
      queue.take(ticket);
      ticket.span?.enter('inference');
    }
    queue.deficitMs -= estimateMs;
    this.turns.runningMs += estimateMs;
    const rows = tickets.flatMap((ticket) => ticket.rows);
    this.counts.calls++;
    this.counts.computedRows += rows.length;
    const dispatchedAt = this.now();
    const batch: StartedBatch = { version: queue.options.version, tickets, rows, startedAt: dispatchedAt };
    try {
      const results = await queue.batcher.run(rows);
      queue.options.version.statistics.recordBatch(rows.length);
      const measured = results.find((result): result is RowResult => !(result instanceof Error));
      if (measured) {
        const { inferenceMs } = measured;
        queue.learnCost(rows.length, { inferenceMs, occupiedMs: this.now() - dispatchedAt });
        // The estimate was charged at the start; now the difference to what it was.
        queue.deficitMs -= inferenceMs - estimateMs;
        const msPerRow = inferenceMs / rows.length;
        for (const ticket of tickets) this.options.charge?.(ticket.owner, ticket.rows.length * msPerRow);
      }
      this.observer.onBatch(toBatchFact(batch, { measured }));
      answer(tickets, results, dispatchedAt);
    } catch (thrown) {
      this.observer.onBatch(toBatchFact(batch, { error: toError(thrown) }));
      this.onBatchFailed(queue, tickets, toError(thrown));
    } finally {
      this.turns.runningMs -= estimateMs;
    }
  }

  private onBatchFailed(queue: VersionQueue, tickets: readonly Ticket[], error: Error): void {
    this.options.log.warn({ version: queue.options.key, rows: countRows(tickets), error }, 'inference call failed');
    const isAlone = tickets.length === 1;
    const again: Ticket[] = [];
    for (const ticket of tickets) {
      const mayTryAgain = error instanceof EngineLostError ? survivesLoss(ticket, isAlone) : !isAlone;
      if (ticket.isSettled) continue;
      if (mayTryAgain) again.push(ticket);
      else ticket.reject(modelFailed(error));
    }
    // The model itself failed: halve the batches of the suspects until the culprit stands alone.
    if (!(error instanceof EngineLostError))
      for (const ticket of again) ticket.batchLimit = Math.ceil(countRows(tickets) / 2);
    if (again.length === 0) return;
    for (const { span } of again) span?.enter('queue');
    queue.putBack(again);
    this.join(queue);
  }
}

function answer(tickets: readonly Ticket[], results: readonly (RowResult | Error)[], dispatchedAt: number): void {
  let offset = 0;
  for (const ticket of tickets) {
    const own = results.slice(offset, offset + ticket.rows.length);
    offset += ticket.rows.length;
    // Its client has left and been told so.
    if (ticket.isSettled) continue;
    const fault = own.find((result) => result instanceof Error);
    if (fault) {
      ticket.reject(modelFailed(fault));
      continue;
    }
    const rows = own as RowResult[];
    const { inferenceMs, batchSize } = rows[0] as RowResult;
    const outputs = rows.map((row) => row.outputs);
    ticket.resolve({ outputs, queueMs: dispatchedAt - ticket.enqueuedAt, inferenceMs, batchSize });
  }
}

/** Counts a lost process against a ticket that was on board. False when it is to be given up. */
function survivesLoss(ticket: Ticket, wasAlone: boolean): boolean {
  ticket.losses++;
  if (wasAlone) ticket.lossesAlone++;
  if (ticket.losses >= MAX_LOSSES) ticket.batchLimit = 1;
  return ticket.lossesAlone < MAX_LOSSES;
}

function modelFailed(cause: Error): AppError {
  return new AppError('INTERNAL_SERVER_ERROR', 'The model failed on this input.', { cause });
}
