/** The thread that writes the prediction log: SQLite blocks, and a slow disk must not stop the event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { toError } from '../../errors';
import type { LoggedPrediction } from './prediction-row';
import { PredictionStore, type PredictionStoreOptions } from './prediction-store';

/** Predictions to write, or `close`. */
export type WriterRequest = readonly LoggedPrediction[] | 'close';

/** One for each batch, in order. */
export interface WriterReply {
  /** Why nothing was written; left out where all was. */
  readonly failure?: string;
}

const store = new PredictionStore(workerData as PredictionStoreOptions);

parentPort?.on('message', (request: WriterRequest) => {
  if (request === 'close') {
    store.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(write(request));
});

function write(predictions: readonly LoggedPrediction[]): WriterReply {
  try {
    store.append(predictions);
    return {};
  } catch (error) {
    return { failure: toError(error).message };
  }
}
