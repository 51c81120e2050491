import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** So much nicer than the event loop; engine processes are twice as nice. */
const NICER = 5;
const NICEST = 19;

/**
 * Puts the threads that V8 collects garbage and compiles with behind the event loop. Where every core is taken they would
 * share one with it as equals, four of them: each time all of the heap was collected, nobody was answered for 0.1 s.
 * To be called before other threads are started. Other systems than Linux know no priority of a thread.
 */
export function putHelperThreadsBehind(): void {
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync('/proc/self/task').map(Number)) if (thread !== process.pid) lower(thread);
}

function lower(thread: number): void {
  try {
    setPriority(thread, Math.min(getPriority() + NICER, NICEST));
  } catch {
    // It has ended, or this may not be set here; the server answers all the same.
  }
}
