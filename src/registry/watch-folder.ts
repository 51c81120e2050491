import { watch } from 'chokidar';
import { toError } from '../errors';
import type { Logger } from '../observability/logger';

export interface WatchOptions {
  readonly onChange: () => void;
  /** Milliseconds between looks that need no notice. */
  readonly pollMs: number;
  readonly log: Logger;
}

/** `<model>/<version>/<folder>/<file>`. */
const DEPTH = 3;

/** Calls back after every notice of the file system, and every `pollMs` in case it sends none. */
export function watchFolder(folder: string, { onChange, pollMs, log }: WatchOptions): Promise<() => Promise<void>> {
  const watcher = watch(folder, { ignoreInitial: true, depth: DEPTH, ignorePermissionErrors: true });
  watcher.on('all', onChange);
  // Too many files to watch, or none of it allowed: the poll still finds every change.
  watcher.on('error', (thrown) => log.warn({ error: toError(thrown) }, 'watching the models folder is limited'));
  const timer = setInterval(onChange, pollMs);
  return Promise.resolve(async () => {
    clearInterval(timer);
    await watcher.close();
  });
}
