import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { ROOT } from './compiled';

/** Which cores measure, and which are measured; undefined where they cannot be told apart. */
export interface Cores {
  /** For the server with its engine processes, and for bare processes: all but one. */
  readonly measured: string;
  readonly generator: string;
}

export const CORES: Cores | undefined = splitCores();
/** Engine processes, and bare processes: one for each measured core. */
export const ENGINES = Math.max(1, availableParallelism() - 1);

function splitCores(): Cores | undefined {
  const { status, stdout } = spawnSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const allowed = listOf(/: (\S+)\s*$/.exec(stdout)?.[1] ?? '');
  const generator = allowed.pop();
  if (generator === undefined || allowed.length === 0) return undefined;
  return { measured: allowed.join(','), generator: String(generator) };
}

/** `0-2,5` is 0, 1, 2 and 5. */
function listOf(ranges: string): number[] {
  return ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

export interface SpawnOptions {
  readonly on: keyof Cores;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
}

/** Starts Node on the cores of its role; its children stay on them. */
export function spawnNode(args: readonly string[], { on, env = {}, stdio }: SpawnOptions): ChildProcess {
  const pinned = CORES ? ['taskset', '-c', CORES[on]] : [];
  const [command = process.execPath, ...rest] = [...pinned, process.execPath, ...args];
  return spawn(command, rest, { cwd: ROOT, env: { ...process.env, ...env }, stdio });
}
