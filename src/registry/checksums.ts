import { createHash } from 'node:crypto';
import { closeSync, constants, copyFileSync, openSync, readSync, writeSync } from 'node:fs';

/** The sha256 of files, as 64 hexadecimal digits. Both reject with what the file system said (`code`). */
export interface Checksums {
  of(file: string): Promise<string>;
  /** Copies a file and tells of what was written. An existing file is overwritten. */
  ofCopy(from: string, to: string): Promise<string>;
}

/** In the calling thread, which does nothing else meanwhile: for programs that serve nobody. */
export const blockingChecksums: Checksums = {
  of: (file) => settle(() => hashFile(file)),
  ofCopy: (from, to) => settle(() => copyAndHash(from, to)),
};

const CHUNK_BYTES = 2 ** 20;

export function hashFile(file: string): string {
  return hashChunks(file, () => undefined);
}

export function copyAndHash(from: string, to: string): string {
  if (isCloned(from, to)) return hashFile(to);
  const target = openSync(to, 'w');
  try {
    return hashChunks(from, (chunk) => {
      for (let written = 0; written < chunk.length;) written += writeSync(target, chunk, written);
    });
  } finally {
    closeSync(target);
  }
}

/** Where the file system can clone, no bytes are copied. */
function isCloned(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

function hashChunks(file: string, onChunk: (chunk: Buffer) => void): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const source = openSync(file, 'r');
  try {
    for (let bytes = readSync(source, buffer); bytes > 0; bytes = readSync(source, buffer)) {
      const chunk = buffer.subarray(0, bytes);
      hash.update(chunk);
      onChunk(chunk);
    }
  } finally {
    closeSync(source);
  }
  return hash.digest('hex');
}

function settle<Value>(work: () => Value): Promise<Value> {
  return new Promise((resolve) => resolve(work()));
}
