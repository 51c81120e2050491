import { AppError, toError } from '../errors';
import { EngineLostError, type Engine } from '../engines/engine';
import type { Logger } from '../observability/logger';
import { UNOBSERVED, type Observer, type Span } from '../observability/observer';
import type { ModelVersion } from '../registry/model-version';
import type { Tensors } from '../tensor';
import type { RowResult } from './batcher';
import type { Deadline } from './deadline';
import type { Row } from './task';
import type { Ticket, TicketOwner, TicketResult } from './ticket';
import { toBatchFact, type StartedBatch } from './batch-fact';
import { countRows, VersionQueue } from './version-queue';

/** What a version gets in its turn, in milliseconds of inference: about one call of a middling model. */
const QUANTUM_MS = 5;
/** After so many lost processes a ticket is run alone; after as many more alone it is given up. */
const MAX_LOSSES = 2;
const NOBODY: TicketOwner = { id: '', priority: 'interactive' };

export interface EnqueueRequest {
  readonly version: ModelVersion;
  readonly maxBatchSize: number;
  readonly collate: (rows: readonly Tensors[]) => Tensors;
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
 *
 * Versions take turns by deficit round robin (Shreedhar and Varghese, 1995), counted in milliseconds of inference, so
 * that one busy model cannot starve another; and within a version its callers do (`lanes.ts`).
 */
export class Dispatcher {
  private readonly queues = new WeakMap<ModelVersion, VersionQueue>();
  /** Queues that hold tickets, in the order of their turns. */
  private readonly waiting: VersionQueue[] = [];
  private readonly counts = {
    enqueued: 0,
    answered: 0,
    failed: 0,
    abandoned: 0,
    left: 0,
    calls: 0,
    computedRows: 0,
  };
  /** Milliseconds of inference of the batches that run, by what was expected of them. */
  private runningMs = 0;
  private isPumpScheduled = false;

  private readonly observer: Observer;
  private readonly now: () => number;

  constructor(private readonly options: DispatcherOptions) {
    this.now = options.now ?? (() => performance.now());
    this.observer = options.observer ?? UNOBSERVED;
    options.engine.onFree(() => this.onFree());
  }

  get counters(): DispatcherCounters {
    return this.counts;
  }

  /** Tickets that wait for their batch now. */
  get queueLength(): number {
    return this.waiting.reduce((sum, { size }) => sum + size, 0);
  }

  /** Waits for a batch and runs in it. Rejects with the deadline's reason, or with why the model failed. */
  enqueue(request: EnqueueRequest): Promise<TicketResult> {
    const { rows, deadline } = request;
    deadline.check();
    const queue = this.queueOf(request);
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

  /** Counts a row that is still being prepared as one that waits, until that is disposed of. */
  expect(version: ModelVersion, owner: TicketOwner): Disposable | undefined {
    return this.queues.get(version)?.expect(owner);
  }

  /**
   * How long a ticket of this caller for this version would wait now, in milliseconds: for its fair share of the work
   * that waits, among callers as among versions.
   */
  estimateWaitMs(version: ModelVersion, owner: TicketOwner = NOBODY): number {
    const queue = this.queues.get(version);
    return this.waitMs(queue, queue?.backlogMsBefore(owner) ?? 0);
  }

  /** The same behind all that waits for this version: for whoever it belongs to. */
  longestWaitMs(version: ModelVersion): number {
    const queue = this.queues.get(version);
    return this.waitMs(queue, queue?.backlogMs ?? 0);
  }

  private waitMs(queue: VersionQueue | undefined, own: number): number {
    let all = this.waiting.reduce((sum, each) => sum + each.backlogMs, 0);
    // Only rows that are still being prepared.
    if (queue && queue.size === 0) all += queue.backlogMs;
    const fairShare = own * Math.max(1, this.waiting.length);
    const waitingMs = Math.min(all, fairShare);
    // What runs is half done on average; it matters only to who must wait for it.
    return (waitingMs + (waitingMs > 0 ? this.runningMs / 2 : 0)) / this.options.engine.parallelism;
  }

  /** Tickets of one version that wait for their batch now. */
  queueLengthOf(version: ModelVersion): number {
    return this.queues.get(version)?.size ?? 0;
  }

  /** Milliseconds of inference a row of the slowest of these takes, by what was measured; 0 before the first call. */
  slowestMsPerRow(versions: readonly ModelVersion[]): number {
    return Math.max(0, ...versions.map((version) => this.queues.get(version)?.measuredMsPerRow ?? 0));
  }

  private queueOf({ version, maxBatchSize, collate }: EnqueueRequest): VersionQueue {
    let queue = this.queues.get(version);
    // A version that was unloaded and loaded again is another model to the engine.
    if (queue?.options.key !== version.key) {
      queue = new VersionQueue({ engine: this.options.engine, key: version.key, version, collate, maxBatchSize });
      this.queues.set(version, queue);
    }
    return queue;
  }

  private join(queue: VersionQueue): void {
    if (!this.waiting.includes(queue)) this.waiting.push(queue);
    this.schedulePump();
  }

  /** A full batch has nobody to wait for; in an overload a turn is long, and the engine would idle until its end. */
  private onFree(): void {
    if (this.waiting.some((queue) => queue.isFull && this.options.engine.hasFree(queue.options.key))) this.pump();
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
    for (let turn = this.nextTurn(); turn; turn = this.nextTurn()) void this.dispatch(turn);
  }

  /** The version whose turn it is among those that a free engine can run; undefined when there is none. */
  private nextTurn(): Turn | undefined {
    this.dropEmptyQueues();
    const turns = this.waiting
      .filter(({ options }) => this.options.engine.hasFree(options.key))
      .map((queue) => turnOf(queue));
    const [only] = turns;
    if (!only) return undefined;
    if (turns.length === 1) {
      only.queue.deficitMs = 0;
      return only;
    }
    for (;;) {
      for (const turn of turns) {
        if (turn.queue.deficitMs >= turn.estimateMs) return turn;
        turn.queue.deficitMs += QUANTUM_MS;
        this.moveToEnd(turn.queue);
      }
    }
  }

  private moveToEnd(queue: VersionQueue): void {
    this.waiting.splice(this.waiting.indexOf(queue), 1);
    this.waiting.push(queue);
  }

  private dropEmptyQueues(): void {
    for (let index = this.waiting.length - 1; index >= 0; index--) {
      const queue = this.waiting[index] as VersionQueue;
      if (queue.size > 0) continue;
      // Credit is not saved up while there is nothing to do.
      queue.deficitMs = 0;
      this.waiting.splice(index, 1);
    }
  }

  private async dispatch({ queue, tickets, estimateMs }: Turn): Promise<void> {
    for (const ticket of tickets) {
      queue.take(ticket);
      ticket.span?.enter('inference');
    }
    queue.deficitMs -= estimateMs;
    this.runningMs += estimateMs;
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
      this.runningMs -= estimateMs;
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

/** A version's turn: the batch it would run, and what that is expected to cost. */
interface Turn {
  readonly queue: VersionQueue;
  readonly tickets: readonly Ticket[];
  readonly estimateMs: number;
}

function turnOf(queue: VersionQueue): Turn {
  const tickets = queue.nextBatch();
  return { queue, tickets, estimateMs: queue.estimateMs(tickets) };
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
