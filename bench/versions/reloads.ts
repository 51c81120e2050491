import { readFileSync } from 'node:fs';
import { subscribeEvents } from '../../test/support/event-subscription';
import { ask, dataOf } from '../../test/support/graphql';
import { createTransaction } from '../../test/support/inputs';
import { SCORE_FRAUD } from '../../test/support/operations';
import { enginesOf } from '../../test/support/processes';
import { until } from '../../test/support/until';
import { MODEL, VersionFolders } from '../../test/support/version-folders';
import { LOAD, PROMOTE, UNLOAD } from '../../test/support/version-operations';
import { VersionServer } from '../../test/support/version-server';
import { median } from '../statistics';
import { startRate } from './load';
import { atMost, runAsCommand, type Findings } from './verdicts';

export interface ReloadsOptions {
  readonly rounds: number;
  /** Rounds at the beginning that memory may grow in, and whose time is held against that of as many at the end. */
  readonly settling: number;
}

/** Loads, promotes and unloads two versions in turn, under light load. */
export async function reloadAgain({ rounds, settling }: ReloadsOptions): Promise<Findings> {
  const folders = new VersionFolders(['1', '2']);
  const server = await new VersionServer(folders, { settings: { PREDICTQL_LOG_LEVEL: 'error' } }).start();
  const watch = subscribeEvents(server, { kinds: ['READY', 'UNLOADED', 'CURRENT'] });
  try {
    await watch.untilEvent('CURRENT', '2');
    await server.untilPhase('1', 'READY');
    const change = (version: string) => ({ input: { model: MODEL, version } });
    const untilTold = async (kind: string, version: string, from: number): Promise<void> =>
      until(`${kind} ${version}`, () => watch.told().slice(from).includes(`${kind} ${version}`));
    dataOf(await ask(server, UNLOAD, change('1')));
    await untilTold('UNLOADED', '1', 0);
    const load = startRate(
      server.origin,
      { task: 'fraudScore', query: SCORE_FRAUD.text, variables: { input: createTransaction() } },
      20,
    );
    const times: number[] = [];
    const processorTimes: number[] = [];
    const serverMemory: number[] = [];
    const engineMemory: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const [newcomer, old] = round % 2 === 0 ? ['1', '2'] : ['2', '1'];
      const startedAt = performance.now();
      const busyBefore = processorMs(server.pid);
      const from = watch.events.length;
      dataOf(await ask(server, LOAD, change(newcomer)));
      await untilTold('READY', newcomer, from);
      dataOf(await ask(server, PROMOTE, change(newcomer)));
      dataOf(await ask(server, UNLOAD, change(old)));
      await untilTold('UNLOADED', old, from);
      times.push(performance.now() - startedAt);
      processorTimes.push(processorMs(server.pid) - busyBefore);
      serverMemory.push(residentMegabytes([server.pid]));
      engineMemory.push(residentMegabytes(enginesOf(server.pid).map(({ pid }) => pid)));
    }
    await load.stop();
    const failed = load.answers.filter(({ error }) => error !== undefined).length;
    const memory = serverMemory.map((megabytes, round) => megabytes + engineMemory[round]!);
    const course = (values: readonly number[]): string =>
      Array.from({ length: 10 }, (_, tenth) => values.slice((tenth * rounds) / 10, ((tenth + 1) * rounds) / 10))
        .map((part) => median(part).toFixed(0))
        .join(', ');
    const [settled, last] = [memory.slice(settling, 2 * settling), memory.slice(-settling)].map(median) as [
      number,
      number,
    ];
    const firstAndLast = (values: readonly number[]): readonly [number, number] => [
      mean(values.slice(0, settling)),
      mean(values.slice(-settling)),
    ];
    const [firstMs, lastMs] = firstAndLast(processorTimes);
    const [firstWallMs, lastWallMs] = firstAndLast(times);
    const growth = (100 * (last - settled)) / settled;
    return {
      verdicts: [
        atMost(
          `Growth of the memory of server and engines over ${rounds} rounds after the first ${settling} (${settled.toFixed(0)} MB, then ${last.toFixed(0)})`,
          growth,
          5,
          '%',
        ),
        // Processor time, since other work on the machine makes wall time longer or shorter at will.
        atMost(
          `Processor time of server and engines in a round, mean of the last ${settling} (of the first ${settling}: ${firstMs.toFixed(0)} ms)`,
          lastMs,
          1.1 * firstMs,
          'ms',
        ),
        atMost(`Failed predictions among ${load.answers.length}`, failed, 0, ''),
      ],
      figures: {
        'Wall time of a round': `mean ${firstWallMs.toFixed(0)} ms of the first ${settling}, ${lastWallMs.toFixed(0)} ms of the last`,
        'Memory of the server in MB, median of each tenth of the rounds': course(serverMemory),
        'Memory of the engine process in MB, the same': course(engineMemory),
      },
    };
  } finally {
    await watch.close();
    await server.stop();
    folders[Symbol.dispose]();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a server and its engine processes, in user and system mode; Linux counts in hundredths of a second. */
function processorMs(serverPid: number): number {
  return [serverPid, ...enginesOf(serverPid).map(({ pid }) => pid)].reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return sum + 10 * (Number(fields[11]) + Number(fields[12]));
  }, 0);
}

function residentMegabytes(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

if (require.main === module) void runAsCommand('reloads', () => reloadAgain({ rounds: 1_000, settling: 50 }));
