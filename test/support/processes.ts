import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly niceness: number;
  readonly command: string;
}

/** Every process of the machine, as `ps` sees it. */
export function listProcesses(): ProcessFacts[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,ni=,command='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, niceness, command = ''] = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), niceness: Number(niceness), command }];
  });
}

/** The engine processes of a server. */
export function enginesOf(serverPid: number): ProcessFacts[] {
  return listProcesses().filter(({ parent, command }) => parent === serverPid && command.includes('engine-process'));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: there is none.
    return false;
  }
}

export interface ThreadFacts {
  readonly niceness: number;
  /** Processor time so far, in milliseconds; counted in tens. */
  readonly ranMs: number;
}

/** Each thread of a process, its first thread first. On Linux. */
export function threadsOf(pid: number | 'self'): ThreadFacts[] {
  const threads = readdirSync(`/proc/${pid}/task`).sort((a, b) => Number(a) - Number(b));
  return threads.map((thread) => {
    // Fields from the third on; the second, a name in brackets, may hold spaces.
    const [, fields = ''] = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ');
    const numbers = fields.split(' ').map(Number);
    const [user = NaN, system = NaN] = numbers.slice(11);
    return { niceness: numbers[16] ?? NaN, ranMs: (user + system) * 10 };
  });
}
