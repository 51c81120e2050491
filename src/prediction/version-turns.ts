import type { Engine } from '../engines/engine';
import type { ModelVersion } from '../registry/model-version';
import type { Tensors } from '../tensor';
import { NOBODY, type Ticket, type TicketOwner } from './ticket';
import { VersionQueue } from './version-queue';

/** What a version gets in its turn, in milliseconds of inference: about one call of a middling model. */
const QUANTUM_MS = 5;

/** A version's turn: the batch it would run, and what that is expected to cost. */
export interface Turn {
  readonly queue: VersionQueue;
  readonly tickets: readonly Ticket[];
  /** Milliseconds of inference. */
  readonly estimateMs: number;
}

/** What is known of a version whose tickets wait. */
export interface VersionFacts {
  readonly version: ModelVersion;
  readonly maxBatchSize: number;
  readonly collate: (rows: readonly Tensors[]) => Tensors;
}

/**
 * The queues of all versions: whose turn it is, and how long the wait for it is.
 *
 * Versions take turns by deficit round robin (Shreedhar and Varghese, 1995), counted in milliseconds of inference, so
 * that one busy model cannot starve another; and within a version its callers do (`lanes.ts`).
 */
export class VersionTurns {
  private readonly queues = new WeakMap<ModelVersion, VersionQueue>();
  /** Queues that hold tickets, in the order of their turns. */
  private readonly waiting: VersionQueue[] = [];
  /** Milliseconds of inference of the batches that run, by what was expected of them. */
  runningMs = 0;

  constructor(private readonly engine: Engine) {}

  queueOf({ version, maxBatchSize, collate }: VersionFacts): VersionQueue {
    let queue = this.queues.get(version);
    // A version that was unloaded and loaded again is another model to the engine.
    if (queue?.options.key !== version.key) {
      queue = new VersionQueue({ engine: this.engine, key: version.key, version, collate, maxBatchSize });
      this.queues.set(version, queue);
    }
    return queue;
  }

  /** A queue that holds tickets now; once is enough. */
  join(queue: VersionQueue): void {
    if (!this.waiting.includes(queue)) this.waiting.push(queue);
  }

  /** The version whose turn it is among those that a free engine can run; undefined when there is none. */
  next(): Turn | undefined {
    this.dropEmptyQueues();
    const turns = this.waiting.filter(({ options }) => this.engine.hasFree(options.key)).map((queue) => turnOf(queue));
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

  /** Whether a free engine could be given a batch that could hold no more. */
  get hasFullBatch(): boolean {
    return this.waiting.some((queue) => queue.isFull && this.engine.hasFree(queue.options.key));
  }

  /** Tickets that wait for their batch now. */
  get length(): number {
    return this.waiting.reduce((sum, { size }) => sum + size, 0);
  }

  /** The same of one version. */
  lengthOf(version: ModelVersion): number {
    return this.queues.get(version)?.size ?? 0;
  }

  /** Counts a row that is still being prepared as one that waits, until that is disposed of. */
  expect(version: ModelVersion, owner: TicketOwner): Disposable | undefined {
    return this.queues.get(version)?.expect(owner);
  }

  /**
   * How long a ticket of this caller for this version would wait now, in milliseconds: for its fair share of the work
   * that waits, among callers as among versions.
   */
  waitMs(version: ModelVersion, owner: TicketOwner = NOBODY): number {
    const queue = this.queues.get(version);
    return this.waitMsOf(queue, queue?.backlogMsBefore(owner) ?? 0);
  }

  /** The same behind all that waits for this version: for whoever it belongs to. */
  longestWaitMs(version: ModelVersion): number {
    const queue = this.queues.get(version);
    return this.waitMsOf(queue, queue?.backlogMs ?? 0);
  }

  /** Milliseconds of inference a row of the slowest of these takes where nothing holds it up; 0 before the first call. */
  slowestMsPerRow(versions: readonly ModelVersion[]): number {
    return Math.max(0, ...versions.map((version) => this.queues.get(version)?.unhinderedMsPerRow ?? 0));
  }

  private waitMsOf(queue: VersionQueue | undefined, own: number): number {
    let all = this.waiting.reduce((sum, each) => sum + each.backlogMs, 0);
    // Only rows that are still being prepared.
    if (queue && queue.size === 0) all += queue.backlogMs;
    const fairShare = own * Math.max(1, this.waiting.length);
    const waitingMs = Math.min(all, fairShare);
    // What runs is half done on average; it matters only to who must wait for it.
    return (waitingMs + (waitingMs > 0 ? this.runningMs / 2 : 0)) / this.engine.parallelism;
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
}

function turnOf(queue: VersionQueue): Turn {
  const tickets = queue.nextBatch();
  return { queue, tickets, estimateMs: queue.estimateMs(tickets) };
}
