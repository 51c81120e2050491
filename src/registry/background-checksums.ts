import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Checksums } from './checksums';

export interface ChecksumJob {
  readonly id: number;
  readonly file: string;
  readonly copyTo?: string | undefined;
}

export type ChecksumReply =
  | { readonly id: number; readonly sha256: string }
  | { readonly id: number; readonly failure: { readonly message: string; readonly code: string | undefined } };

interface PendingJob {
  readonly resolve: (sha256: string) => void;
  readonly reject: (error: Error) => void;
}

/** A thread costs 12 MB: kept for the next file of a series, not for longer. Milliseconds. */
const KEPT_MS = 10_000;

/**
 * Reads and copies files in a thread of the lowest priority. A version of 100 MB takes 0.2 s of a processor before its
 * graph is loaded; on the event loop, or in front of the engine processes, every request would wait for that.
 */
export class BackgroundChecksums implements Checksums {
  private thread: Worker | undefined;
  private readonly pending = new Map<number, PendingJob>();
  private nextId = 1;
  private ending: NodeJS.Timeout | undefined;

  of(file: string): Promise<string> {
    return this.ask(file);
  }

  ofCopy(from: string, to: string): Promise<string> {
    return this.ask(from, to);
  }

  private ask(file: string, copyTo?: string): Promise<string> {
    clearTimeout(this.ending);
    this.thread ??= this.startThread();
    const job: ChecksumJob = { id: this.nextId++, file, copyTo };
    this.thread.ref();
    this.thread.postMessage(job);
    return new Promise((resolve, reject) => this.pending.set(job.id, { resolve, reject }));
  }

  private startThread(): Worker {
    const thread = new Worker(path.join(__dirname, 'checksum-thread.js'));
    thread.on('message', (reply: ChecksumReply) => this.settle(reply));
    thread.on('error', (error) => this.lose(thread, error));
    thread.on('exit', (code) => this.lose(thread, new Error(`The thread for checksums ended with code ${code}.`)));
    return thread;
  }

  private settle(reply: ChecksumReply): void {
    const job = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.endSoon();
    if ('sha256' in reply) return job?.resolve(reply.sha256);
    const { message, code } = reply.failure;
    job?.reject(Object.assign(new Error(message), { code }));
  }

  private endSoon(): void {
    const { thread } = this;
    // Nothing is asked of it: it does not keep a program from ending.
    thread?.unref();
    this.ending = setTimeout(() => {
      this.thread = undefined;
      void thread?.terminate();
    }, KEPT_MS).unref();
  }

  private lose(thread: Worker, error: Error): void {
    if (this.thread !== thread) return;
    this.thread = undefined;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
