import { webcrypto } from 'node:crypto';
import { toError } from '../../errors';
import type { Logger } from '../logger';
import { only, type Reading } from '../metrics/reading';
import type { Observer, PredictionFact } from '../observer';
import { toLoggedPrediction, type DescribedTask, type LoggedPrediction } from './prediction-row';

/** Where predictions are written to. */
export interface PredictionWriter {
  /** Resolves when they are written; rejects, with none of them written, where that fails. One call at a time. */
  write(predictions: readonly LoggedPrediction[]): Promise<void>;
  /** Bytes that are taken on the disk now. */
  size(): number;
  close(): Promise<void>;
}

export interface PredictionLogOptions {
  readonly writer: PredictionWriter;
  readonly log: Logger;
  /** Of all predictions, above 0 and up to 1. */
  readonly share: number;
  /** Whether inputs are kept beside their hashes. */
  readonly keepsInput: boolean;
  /** What of each task may be written down, by its name. */
  readonly tasks: ReadonlyMap<string, DescribedTask>;
}

/** Written together, at most: about 5 ms of the writer's time. */
const BATCH_ROWS = 500;
const BATCH_CHARACTERS = 2 ** 20;
/** Milliseconds a prediction waits for others to be written with. */
const FLUSH_MS = 1_000;
/** Kept in memory while the disk is slow; what comes beyond is dropped. */
const MAX_WAITING_ROWS = 10_000;
const MAX_WAITING_BYTES = 32 * 2 ** 20;
/** Milliseconds that a stop waits for the last batch. */
const CLOSE_MS = 2_000;

interface Waiting {
  readonly row: LoggedPrediction;
  readonly characters: number;
}

/**
 * Writes down a sample of predictions, off the path of a request: a prediction is never slowed down, and never fails,
 * because it cannot be written. What could not be is counted.
 */
export class PredictionLog {
  readonly observer: Pick<Observer, 'keepsBytes' | 'onPrediction'>;
  private readonly counts = { written: 0, failed: 0, dropped: 0 };
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private readonly hashing = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isFailing = false;

  constructor(private readonly options: PredictionLogOptions) {
    this.observer = {
      keepsBytes: (id) => this.isSampled(id),
      onPrediction: (fact) => this.add(fact),
    };
  }

  /** Writes what waits, within two seconds. */
  async close(): Promise<void> {
    const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([limit, this.writeAll()]);
    clearTimeout(this.timer);
    await Promise.race([limit, this.options.writer.close()]);
  }

  /** The numbers of a server without a log are there too, and stay 0. */
  static readings(log: PredictionLog | undefined): readonly Reading[] {
    return [
      {
        name: 'predictql_prediction_log_rows_total',
        help: 'Is what should be in the prediction log in it? `written`, `failed` for lack of room or rights, or `dropped` while too many waited.',
        type: 'counter',
        labels: ['result'],
        read: () =>
          Object.entries(log?.counts ?? { written: 0, failed: 0, dropped: 0 }).map(([result, value]) => ({
            labels: { result },
            value,
          })),
      },
      {
        name: 'predictql_prediction_log_size_bytes',
        help: 'How much of the disk does the prediction log take? 0 while it is off.',
        type: 'gauge',
        labels: [],
        read: () => only(log?.options.writer.size() ?? 0),
      },
    ];
  }

  /** Whoever knows a prediction's id can tell: ids are random, and their first 32 bits are held against the share. */
  private isSampled(id: string): boolean {
    return parseInt(id.slice(0, 8), 16) < this.options.share * 2 ** 32;
  }

  private add(fact: PredictionFact): void {
    if (!this.isSampled(fact.id)) return;
    const bytes = fact.inputBytes;
    if (this.waiting.length + this.hashing.size >= MAX_WAITING_ROWS || this.waitingBytes >= MAX_WAITING_BYTES) {
      this.counts.dropped++;
      return;
    }
    if (!bytes) {
      this.push(fact, null);
      return;
    }
    // In libuv's threads: a picture takes a millisecond.
    this.waitingBytes += bytes.length;
    const hashed = webcrypto.subtle
      .digest('SHA-256', bytes)
      .then((digest) => this.push(fact, Buffer.from(digest).toString('hex')))
      .finally(() => {
        this.waitingBytes -= bytes.length;
        this.hashing.delete(hashed);
      });
    this.hashing.add(hashed);
  }

  private push(fact: PredictionFact, bytesSha256: string | null): void {
    const { tasks, keepsInput, log } = this.options;
    try {
      const row = toLoggedPrediction(fact, { keepsInput, task: tasks.get(fact.task) ?? {}, bytesSha256 });
      const characters = (row.input?.length ?? 0) + (row.output?.length ?? 0);
      this.waiting.push({ row, characters });
      this.waitingBytes += characters;
    } catch (error) {
      // An observer never throws: what cannot be written as JSON is lost to the log alone.
      this.counts.failed++;
      log.debug({ error, predictionId: fact.id }, 'prediction not logged');
      return;
    }
    if (this.waiting.length >= BATCH_ROWS) void this.flush();
    else this.flushSoon();
  }

  private async writeAll(): Promise<void> {
    await Promise.all(this.hashing);
    while (this.waiting.length > 0 || this.writing) await this.flush();
  }

  private flushSoon(): void {
    this.timer ??= setTimeout(() => {
      // Forgotten even where a batch is being written still: what waits then gets another.
      this.timer = undefined;
      void this.flush();
    }, FLUSH_MS).unref();
  }

  /** One batch at a time: while it is written, the next gathers. */
  private flush(): Promise<void> {
    this.writing ??= this.writeBatches().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async writeBatches(): Promise<void> {
    do {
      const batch = this.takeBatch();
      if (batch.length > 0) await this.write(batch);
    } while (this.waiting.length >= BATCH_ROWS);
    if (this.waiting.length > 0) this.flushSoon();
  }

  private takeBatch(): LoggedPrediction[] {
    let [rows, characters] = [0, 0];
    while (rows < Math.min(BATCH_ROWS, this.waiting.length) && characters < BATCH_CHARACTERS)
      characters += (this.waiting[rows++] as Waiting).characters;
    this.waitingBytes -= characters;
    return this.waiting.splice(0, rows).map(({ row }) => row);
  }

  private async write(batch: readonly LoggedPrediction[]): Promise<void> {
    const { writer, log } = this.options;
    try {
      await writer.write(batch);
      this.counts.written += batch.length;
      if (this.isFailing) log.info('prediction log is written again');
      this.isFailing = false;
    } catch (thrown) {
      this.counts.failed += batch.length;
      // Once, until it goes well again: the metric counts on.
      if (!this.isFailing) log.error({ reason: toError(thrown).message }, 'prediction log cannot be written');
      this.isFailing = true;
    }
  }
}
