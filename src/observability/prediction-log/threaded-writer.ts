import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PredictionWriter } from './prediction-log';
import type { LoggedPrediction } from './prediction-row';
import type { PredictionStoreOptions } from './prediction-store';
import type { WriterReply, WriterRequest } from './writer-thread';

/** Writes in a thread of its own. Should that die, the next batch gets another. */
export class ThreadedWriter implements PredictionWriter {
  private worker: Worker | undefined;
  private waiting: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(private readonly options: PredictionStoreOptions) {}

  write(predictions: readonly LoggedPrediction[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker ??= this.start();
      this.worker.postMessage(predictions satisfies WriterRequest);
    });
  }

  size(): number {
    const { file } = this.options;
    return [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  async close(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const exit = once(worker, 'exit');
    worker.postMessage('close' satisfies WriterRequest);
    await exit;
  }

  private start(): Worker {
    const worker = new Worker(path.join(__dirname, 'writer-thread.js'), { workerData: this.options });
    // It has no part in whether the process goes on.
    worker.unref();
    worker.on('message', ({ failure }: WriterReply) => {
      if (failure === undefined) this.waiting?.resolve();
      else this.waiting?.reject(new Error(failure));
    });
    const onEnd = (error: Error): void => {
      // It tells of its end twice, and by then another may be writing.
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.waiting?.reject(error);
    };
    worker.on('error', onEnd);
    worker.on('exit', () => onEnd(new Error('The thread that writes it has ended.')));
    return worker;
  }
}
