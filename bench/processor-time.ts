import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

export interface ProcessorTime {
  readonly serverMs: number;
  readonly enginesMs: number;
}

/** Processor time so far of a server and of its engine processes; undefined where the system does not tell. */
export function readProcessorTime(pid: number): ProcessorTime | undefined {
  try {
    const enginesMs = childrenOf(pid).reduce((sum, child) => sum + timeOf(child), 0);
    return { serverMs: timeOf(pid), enginesMs };
  } catch {
    // There is no /proc, so the report says n/a.
    return undefined;
  }
}

function timeOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isChild(pid, parent));
}

function isChild(pid: number, parent: number): boolean {
  try {
    return Number(statOf(pid)[1]) === parent;
  } catch {
    // It has ended since the folder was listed.
    return false;
  }
}

/** What follows the name in /proc/<pid>/stat; the name may hold spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
