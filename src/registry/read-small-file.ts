import { readFile, stat } from 'node:fs/promises';
import { VersionError } from './version-error';

/** Far above what any manifest, model file or golden file needs. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * The text of a file that describes something. Refuses what would fill the memory, and what is no file: reading a
 * named pipe would wait for ever. File system errors are thrown as they are.
 */
export async function readSmallFile(file: string, name: string): Promise<string> {
  const stats = await stat(file);
  // Reading a folder says so by itself.
  if (!stats.isFile() && !stats.isDirectory()) throw new VersionError('UNREADABLE', `${name} is no regular file.`);
  if (stats.size > MAX_BYTES)
    throw new VersionError('MANIFEST_INVALID', `${name} has ${stats.size} bytes; expected were at most ${MAX_BYTES}.`);
  return readFile(file, 'utf8');
}
