import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * So much nicer than the event loop. V8's threads go behind the engine processes, which are nicer by 10: where every core is
 * taken, four threads that mark the heap would leave an engine process little of its core, for 0.1 s each time.
 */
const V8_NICER = 15;
/** The threads of libuv, and those of libvips that they start, decode pictures: behind the event loop, before the engines. */
const POOL_NICER = 5;
const NICEST = 19;

/**
 * Puts V8's threads, which collect garbage and compile, behind the engine processes. To be called before anything is imported
 * that starts threads of its own: by now there are no others. Other systems than Linux know no priority of a thread.
 *
 * @returns the threads, for `putPoolBehind`
 */
export function putV8Behind(): ReadonlySet<number> {
  const threads = new Set(otherThreads());
  for (const thread of threads) lower(thread, V8_NICER);
  return threads;
}

/** Puts all threads behind the event loop that have been started since. */
export function putPoolBehind(v8Threads: ReadonlySet<number>): void {
  for (const thread of otherThreads()) if (!v8Threads.has(thread)) lower(thread, POOL_NICER);
}

/** All but the event loop's. */
function otherThreads(): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/task')
    .map(Number)
    .filter((thread) => thread !== process.pid);
}

function lower(thread: number, nicer: number): void {
  try {
    setPriority(thread, Math.min(getPriority() + nicer, NICEST));
  } catch {
    // It has ended, or this may not be set here; the server answers all the same.
  }
}
