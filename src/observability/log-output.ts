import { write, writeSync } from 'node:fs';

/** About 150 lines. A write costs nearly the same whether it holds one of them or all. Characters. */
const WRITE_LENGTH = 65_536;
/** Whoever follows the log sees a line no later than this. Milliseconds. */
const DELAY_MS = 100;
/** About 20,000 lines wait for a full disk, or for a reader that has stopped. Characters. */
const MAX_WAITING = 8 * 2 ** 20;
/** Between tries where a pipe is full that does not let its writer wait. Milliseconds. */
const FULL_PIPE_MS = 10;
/** Between tries where writing fails otherwise. Milliseconds. */
const RETRY_MS = 250;
/** A write that takes longer waits for a reader that has stopped. Milliseconds. */
const STUCK_MS = 1_000;
/** For the end of the process, where nothing can be awaited. Milliseconds. */
const LAST_TRY_MS = 500;

/**
 * Lines of the log on their way to a file, a pipe or a terminal, several a write, in order. It never blocks and never
 * fails: on a full disk, or where nobody reads, it keeps what there is room for, drops what comes after, and tries again.
 */
export class LogOutput {
  private waiting = '';
  /** Of the write under way, or of one that has failed. */
  private rest: Buffer | undefined;
  private isWriting = false;
  private writes = 0;
  /** The last write that took too long. */
  private stuckWrite = 0;
  private timer: NodeJS.Timeout | undefined;
  private droppedLines = 0;
  private readonly onEmpty: (() => void)[] = [];
  /** Called when there is room again, with how many lines were dropped meanwhile. */
  onDropped: (lines: number) => void = () => undefined;

  constructor(private readonly descriptor: number) {
    // A write that is under way then is finished by its thread, which the end of the process waits for.
    process.once('exit', () => this.flushSync());
  }

  /** Whether a write waits for somebody who does not read: the process cannot end by itself then. */
  get isStuck(): boolean {
    return this.isWriting && this.stuckWrite === this.writes;
  }

  /** @param isUrgent whether it is written now, and with it all that waits */
  write(line: string, isUrgent: boolean): void {
    if (this.waiting.length > MAX_WAITING) {
      this.droppedLines++;
      return;
    }
    this.waiting += line;
    if (this.rest) return;
    if (isUrgent || this.waiting.length >= WRITE_LENGTH) this.writeNext();
    else this.timer ??= setTimeout(() => this.writeNext(), DELAY_MS).unref();
  }

  /** Resolves once all lines are written; never where they cannot be. */
  async flush(): Promise<void> {
    if (!this.rest) this.writeNext();
    if (this.rest) await new Promise<void>((resolve) => this.onEmpty.push(resolve));
  }

  private writeNext(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.rest) {
      if (this.waiting === '') return;
      this.rest = Buffer.from(this.waiting);
      this.waiting = '';
      this.tellDropped();
    }
    this.isWriting = true;
    const number = ++this.writes;
    // Where the loop was busy so long, it hears only then that the write is done.
    const watch = setTimeout(() => setImmediate(() => (this.stuckWrite = number)), STUCK_MS).unref();
    write(this.descriptor, this.rest, (error, written) => {
      this.isWriting = false;
      clearTimeout(watch);
      // Whatever it is, a full disk or a closed pipe, it is not the server's end.
      const retryMs = error?.code === 'EAGAIN' ? FULL_PIPE_MS : RETRY_MS;
      if (error) this.timer = setTimeout(() => this.writeNext(), retryMs).unref();
      else this.onWritten(written);
    });
  }

  private onWritten(bytes: number): void {
    const left = this.rest?.subarray(bytes);
    this.rest = left?.length ? left : undefined;
    if (this.rest || this.waiting !== '') this.writeNext();
    else for (const resolve of this.onEmpty.splice(0)) resolve();
  }

  /** Called when there is room again, and while a write is under way: it comes after the lines that were kept. */
  private tellDropped(): void {
    const { droppedLines } = this;
    this.droppedLines = 0;
    if (droppedLines > 0) this.onDropped(droppedLines);
  }

  private flushSync(): void {
    if (this.isStuck) return;
    const until = performance.now() + LAST_TRY_MS;
    let rest = Buffer.concat([(!this.isWriting && this.rest) || Buffer.alloc(0), Buffer.from(this.waiting)]);
    while (rest.length > 0 && performance.now() < until)
      try {
        rest = rest.subarray(writeSync(this.descriptor, rest));
      } catch (error) {
        // A pipe that is full for the moment; there is no room for what else may be wrong, and nobody to tell.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
      }
  }
}
