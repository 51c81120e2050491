import { availableParallelism } from 'node:os';
import type { Cancellation } from '../cancellation';
import type { Span } from '../observability/observer';
import type { ModelVersion } from '../registry/model-version';
import { Lanes } from './lanes';
import type { Asker } from './task';
import type { TicketOwner } from './ticket';

/** Weight of the newest piece of work in the running mean of how long one takes. */
const SMOOTHING = 0.1;
/**
 * Pieces of work before that mean is believed. The first are those of a server that has just started and was sent many at once:
 * they take many times as long, and whoever came next was refused.
 */
const FIRST_PIECES = 10;

/** A prediction whose input may have to be prepared in turn. */
export interface Preparation {
  readonly version: ModelVersion;
  readonly owner: TicketOwner;
  /** Rows of this version that may be prepared, or under preparation, and not answered yet: 1 or more. */
  readonly maxAhead: number;
  readonly cancellation: Cancellation;
  /** Of the prediction, where that is traced. */
  readonly span?: Span | undefined;
}

/** What preprocessing is done for. Dispose of it when the prediction has ended: until then its row counts as one ahead. */
export interface PreprocessingTurn extends Asker, Disposable {
  /** How long it waited for its turn so far, in milliseconds. */
  readonly waitedMs: number;
}

/** What waits for its turn: one row. */
interface Waiting {
  readonly owner: TicketOwner;
  readonly rows: readonly [1];
  begin(): void;
}

/** What waits for one version, and how many of its rows have begun and are not answered yet. */
interface Line {
  readonly lanes: Lanes<Waiting>;
  ahead: number;
  maxAhead: number;
}

/**
 * Preprocessing that keeps a core busy, such as the decoding of a picture. As much of it goes on as there are cores: more
 * would not be done sooner. Callers take turns as they do for inference, so that one with a hundred pictures does not
 * stand before one with a single one, and so do versions.
 *
 * No version is far ahead of the engines: in an overload, what is prepared for later takes the cores from what is computed
 * now, and would be prepared in vain for whoever gives up.
 */
export class PreprocessingTurns {
  /** Of versions whose task takes turns. */
  private readonly lines = new WeakMap<ModelVersion, Line>();
  /** Those in which something waits, in the order of their turns. */
  private readonly waiting = new Set<Line>();
  private running = 0;
  private meanMs = 0;
  private measured = 0;

  /**
   * @param places pieces of work at the same time, 1 or more
   * @param now milliseconds since any time
   */
  constructor(
    private readonly places = availableParallelism(),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * How long what goes before new work of this caller will take, in milliseconds, by what was measured; 0 for a version
   * whose task takes no turns.
   */
  backlogMsBefore(version: ModelVersion, owner: TicketOwner): number {
    if (!this.lines.has(version) || this.measured < FIRST_PIECES) return 0;
    let before = this.running;
    for (const { lanes } of this.waiting) before += lanes.rowsBefore(owner);
    return (before * this.meanMs) / this.places;
  }

  enter(preparation: Preparation): PreprocessingTurn {
    const { version, maxAhead, cancellation, span } = preparation;
    let begun: Line | undefined;
    // No getter: V8 makes a hidden class of its own for each object with one, and what that refers to, all of the request,
    // stays until the whole heap is collected.
    const turn = {
      cancellation,
      waitedMs: 0,
      inTurn: async <Result>(work: () => Promise<Result>) => {
        const line = this.lineOf(version);
        line.maxAhead = maxAhead;
        const startedAt = this.now();
        span?.enter('queue');
        try {
          await this.turnIn(line, preparation, () => (begun = line));
        } finally {
          turn.waitedMs = this.now() - startedAt;
        }
        span?.enter('preprocess');
        return this.run(work);
      },
      [Symbol.dispose]: () => {
        if (!begun) return;
        begun.ahead--;
        this.beginNext();
      },
    };
    return turn;
  }

  private lineOf(version: ModelVersion): Line {
    let line = this.lines.get(version);
    if (!line) {
      line = { lanes: new Lanes(), ahead: 0, maxAhead: 1 };
      this.lines.set(version, line);
    }
    return line;
  }

  /** Resolves when a place is taken. Rejects with why it was cancelled; then no place is. */
  private turnIn(line: Line, { owner, cancellation }: Preparation, onBegin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (cancellation.reason) {
        reject(cancellation.reason);
        return;
      }
      const waiting: Waiting = {
        owner,
        rows: [1],
        begin: () => {
          cancellation.removeListener(leave);
          onBegin();
          resolve();
        },
      };
      const leave = (reason: Error): void => {
        this.takeOut(line, waiting);
        reject(reason);
      };
      cancellation.addListener(leave);
      line.lanes.add(waiting);
      this.waiting.add(line);
      this.beginNext();
    });
  }

  private takeOut(line: Line, waiting: Waiting, charged = 0): void {
    line.lanes.remove(waiting, charged);
    if (line.lanes.isEmpty) this.waiting.delete(line);
  }

  private async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedAt = this.now();
    try {
      const result = await work();
      const ms = this.now() - startedAt;
      this.meanMs += Math.max(SMOOTHING, 1 / ++this.measured) * (ms - this.meanMs);
      return result;
    } finally {
      this.running--;
      this.beginNext();
    }
  }

  private beginNext(): void {
    while (this.running < this.places) {
      const line = [...this.waiting].find(({ ahead, maxAhead }) => ahead < maxAhead);
      const [next] = line?.lanes.inTurns() ?? [];
      if (!line || !next) return;
      // The others have their turn before it is this version's again.
      this.waiting.delete(line);
      this.waiting.add(line);
      this.takeOut(line, next, 1);
      line.ahead++;
      this.running++;
      next.begin();
    }
  }
}
