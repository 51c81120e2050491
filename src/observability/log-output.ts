import { write, writeSync } from 'node:fs';

/** About 150 lines. A write costs nearly the same whether it holds one of them or all. */
const WRITE_BYTES = 65_536;
/** Whoever follows the log sees a line no later than this. Milliseconds. */
const DELAY_MS = 100;
/** About 20,000 lines wait for a full disk, or for a reader that has stopped. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;
/** Of a character in UTF-8, for each unit of a string's length. */
const MAX_BYTES_PER_UNIT = 3;
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
  private waiting = new Lines();
  /** Lines of the write under way, or of one that has failed, and what is left of them. */
  private writing = new Lines();
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
    if (this.waiting.length > MAX_WAITING_BYTES) {
      this.droppedLines++;
      return;
    }
    this.waiting.add(line);
    if (this.rest) return;
    if (isUrgent || this.waiting.length >= WRITE_BYTES) this.writeNext();
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
      if (this.waiting.length === 0) return;
      [this.writing, this.waiting] = [this.waiting, this.writing];
      this.rest = this.writing.bytes;
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
    if (!this.rest) this.writing.clear();
    if (this.rest || this.waiting.length > 0) this.writeNext();
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
    let rest = Buffer.concat([(!this.isWriting && this.rest) || Buffer.alloc(0), this.waiting.bytes]);
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

/**
 * Lines that wait, as bytes: as strings, thousands of pieces of them would be moved about whenever garbage is collected.
 */
class Lines {
  private buffer = Buffer.allocUnsafeSlow(2 * WRITE_BYTES);
  length = 0;

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  add(line: string): void {
    this.makeRoom(line.length * MAX_BYTES_PER_UNIT);
    this.length += this.buffer.write(line, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.buffer.length > 2 * WRITE_BYTES) this.buffer = Buffer.allocUnsafeSlow(2 * WRITE_BYTES);
  }

  private makeRoom(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
