/** The program of the thread that `background-checksums.ts` starts. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { ChecksumJob, ChecksumReply } from './background-checksums';
import { copyAndHash, hashFile } from './checksums';

const LOWEST_PRIORITY = 19;

// On Linux a thread has a priority of its own; elsewhere this would be that of the whole server.
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY);

parentPort?.on('message', ({ id, file, copyTo }: ChecksumJob) => {
  parentPort?.postMessage(perform(id, file, copyTo));
});

function perform(id: number, file: string, copyTo: string | undefined): ChecksumReply {
  try {
    return { id, sha256: copyTo === undefined ? hashFile(file) : copyAndHash(file, copyTo) };
  } catch (thrown) {
    // An error that crosses between threads loses its code.
    const { message, code } = thrown as NodeJS.ErrnoException;
    return { id, failure: { message, code } };
  }
}
