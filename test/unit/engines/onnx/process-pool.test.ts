import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import type * as ProcessPoolModule from '../../../../src/engines/onnx/process-pool';
import type { Tensors } from '../../../../src/tensor';
import { requireCompiled, ROOT } from '../../../support/compiled';
import { rejection } from '../../../support/deferred';
import { createRecordingLog, silentLog, type LogEntry } from '../../../support/silent-log';
import { createTemporaryFolder } from '../../../support/temporary-folder';
import { floats, integers, valuesOf } from '../../../support/tensors';
import { writeTinyModels, type TinyModelFiles } from '../../../support/tiny-models';
import { until } from '../../../support/until';

// Engine processes run compiled code, so the pool that starts them is the compiled one.
const { ProcessPool } = requireCompiled('engines/onnx/process-pool') as typeof ProcessPoolModule;
type Pool = InstanceType<typeof ProcessPool>;

/** More rounds of the model `count` than any test lasts. */
const FOR_EVER = { x: integers([1], 1e15) };

let files: TinyModelFiles;
const pools: Pool[] = [];
const graphs = createTemporaryFolder();
let created = 0;
beforeAll(() => {
  files = writeTinyModels();
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(() => {
  files[Symbol.dispose]();
  graphs[Symbol.dispose]();
});

function createPool(processes: number, options: Partial<ConstructorParameters<typeof ProcessPool>[0]> = {}): Pool {
  const limits = { threads: 1, runTimeoutMs: 30_000, loadTimeoutMs: 30_000 };
  const pool = new ProcessPool({ processes, folder: folderOf(++created), log: silentLog, ...limits, ...options });
  pools.push(pool);
  return pool;
}

const folderOf = (pool: number): string => path.join(graphs.path, String(pool));

async function createPoolWith(model: 'double' | 'count' | 'lookup', processes: number): Promise<Pool> {
  const pool = createPool(processes);
  await pool.load('m', files[model]);
  await until('the model is free', () => pool.hasFree('m'));
  return pool;
}

const pidsOf = (pool: Pool): (number | undefined)[] => pool.processes.map(({ pid }) => pid);
const statesOf = (pool: Pool): string[] => pool.processes.map(({ state }) => state);

function kill(pool: Pool, place: number, signal: NodeJS.Signals = 'SIGKILL'): number {
  const pid = pidsOf(pool)[place];
  if (pid === undefined) throw new Error(`There is no process in place ${place}.`);
  process.kill(pid, signal);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function runWhenFree(pool: Pool, key: string, inputs: Tensors): Promise<number[]> {
  await until('the model is free', () => pool.hasFree(key));
  return valuesOf((await pool.run(key, inputs)).outputs, 'y');
}

/** Until so many runs of a model can be under way at the same time. */
async function fill(pool: Pool, key: string, places: number): Promise<void> {
  await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
  const runs = Array.from({ length: places }, () => pool.run(key, { x: floats([1, 2], 1, 1) }));
  await Promise.all(runs);
}

describe('an engine process', () => {
  it('is a process of its own that `ps` shows by name and number, at a lower priority than the server', async () => {
    const pool = await createPoolWith('double', 2);
    const pids = pidsOf(pool) as number[];
    expect(new Set([...pids, process.pid]).size).toBe(3);
    pids.forEach((pid, place) => {
      const title = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
      expect(title.trim()).toBe(`predictql engine-process ${place + 1}`);
      expect(getPriority(pid)).toBe(10);
    });
  });

  it('ends when the server that owns it is killed', async () => {
    const pool = path.join(ROOT, 'dist/engines/onnx/process-pool.js');
    const script = path.join(ROOT, 'test/support/owner-of-engines.cjs');
    const owner = spawn(process.execPath, [script, pool, files.double, '2', folderOf(++created)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) => owner.stdout.once('data', (data) => resolve(String(data))));
    const pids = JSON.parse(line) as number[];
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    owner.kill('SIGKILL');
    await until('the processes have ended', () => !pids.some(isAlive));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('lives through %s, which is meant for the server', async (signal) => {
    const pool = await createPoolWith('double', 1);
    const pid = kill(pool, 0, signal);
    expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
    expect(pidsOf(pool)).toEqual([pid]);
  });

  it('ends with its pool, after the batch under way', async () => {
    const pool = await createPoolWith('count', 1);
    const [pid] = pidsOf(pool);
    const run = pool.run('m', { x: integers([2], 50_000, 1) });
    await pool.close();
    expect(valuesOf((await run).outputs, 'y')).toEqual([100_000, 50_001]);
    await until('the process has ended', () => !isAlive(pid!));
  });
});

describe('a process that is killed', () => {
  it('while it is idle is replaced by one that has the same models', async () => {
    const pool = await createPoolWith('double', 1);
    const pid = kill(pool, 0);
    await until('another process has the model', () => pidsOf(pool)[0] !== pid && pool.hasFree('m'));
    expect(isAlive(pid)).toBe(false);
    expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
  });

  it('while it is busy loses its batch, is replaced, and the others serve meanwhile', async () => {
    const pool = await createPoolWith('count', 2);
    await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
    const lost = rejection(pool.run('m', FOR_EVER));
    expect(statesOf(pool)).toEqual(['running', 'idle']);
    kill(pool, 0);
    expect((await lost).name).toBe('EngineLostError');
    expect(pool.canServe('m')).toBe(true);
    expect(await runWhenFree(pool, 'm', { x: integers([1], 5) })).toEqual([10]);
    await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
  });

  it('while it loads a model is replaced, and the model is loaded all the same', async () => {
    const pool = createPool(1);
    kill(pool, 0, 'SIGSTOP');
    const loading = pool.load('m', files.double);
    await until('it loads', () => statesOf(pool)[0] === 'preparing');
    kill(pool, 0);
    await expect(loading).resolves.toMatchObject({ inputs: [{ name: 'x' }] });
    expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
  });

  it('twice while it loads a model has failed to load it, and loads others', async () => {
    const pool = createPool(1);
    kill(pool, 0, 'SIGSTOP');
    const failure = rejection(pool.load('n', files.lookup));
    await until('it loads', () => statesOf(pool)[0] === 'preparing');
    const first = kill(pool, 0);
    // Its replacement begins to load in the turn in which it is started.
    await until('another process is up', () => ![first, undefined].includes(pidsOf(pool)[0]));
    kill(pool, 0);
    expect((await failure).name).toBe('EngineLostError');
    expect(pool.canServe('n')).toBe(false);
    await pool.load('m', files.double);
    expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
  });

  it('again and again is replaced after longer and longer waits, until one has finished a run', async () => {
    const { log, entries } = createRecordingLog();
    const pool = createPool(1, { log });
    await pool.load('m', files.double);
    const delays = (): unknown[] =>
      entries.filter((entry: LogEntry) => 'delayMs' in entry).map(({ delayMs }) => delayMs);
    for (let deaths = 1; deaths <= 3; deaths++) {
      await until('the model is free', () => pool.hasFree('m'));
      kill(pool, 0);
      await until('the death is noticed', () => delays().length === deaths);
    }
    expect(delays()).toEqual([0, 100, 200]);
    await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) });
    kill(pool, 0);
    await until('the death is noticed', () => delays().length === 4);
    expect(delays()[3]).toBe(0);
  });
});

describe('a run that does not end', () => {
  it('is ended with its process after the time a run may take, and the process is replaced', async () => {
    const { log, entries } = createRecordingLog();
    const pool = createPool(1, { log, runTimeoutMs: 300 });
    await pool.load('m', files.count);
    await until('the model is free', () => pool.hasFree('m'));
    const [pid] = pidsOf(pool);
    const error = await rejection(pool.run('m', FOR_EVER));
    expect(error.name).toBe('EngineLostError');
    // Six times the setting, since nothing is known of the model yet.
    expect(entries).toContainEqual(expect.objectContaining({ call: 'run', timeoutMs: 1800 }));
    await until('the process has ended', () => !isAlive(pid!));
    expect(await runWhenFree(pool, 'm', { x: integers([1], 5) })).toEqual([10]);
  });
});

describe('loading a model', () => {
  it('occupies one process at a time, while the others serve', async () => {
    const pool = await createPoolWith('double', 2);
    await fill(pool, 'm', 2);
    const seen = { isLoading: true, served: 0 };
    const loading = pool.load('n', files.lookup).finally(() => {
      seen.isLoading = false;
    });
    const isLoading = (): boolean => seen.isLoading;
    while (isLoading()) {
      expect(statesOf(pool).filter((state) => state === 'preparing').length).toBeLessThanOrEqual(1);
      expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
      if (isLoading()) seen.served++;
    }
    await loading;
    expect(seen.served).toBeGreaterThan(0);
    await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
    const looked = await Promise.all([0, 1].map((place) => pool.run('n', { x: integers([1], place) })));
    expect(looked.map(({ outputs }) => valuesOf(outputs, 'y'))).toEqual([[10], [20]]);
  });

  it('that fails leaves what is served as it was', async () => {
    const pool = await createPoolWith('double', 2);
    await fill(pool, 'm', 2);
    await expect(pool.load('n', files.truncated)).rejects.toThrow();
    await fill(pool, 'm', 2);
    expect(pool.canServe('n')).toBe(false);
  });

  it('is not ready before every process has it, nor warmed before every process has run it', async () => {
    const pool = createPool(2);
    await pool.load('m', files.double);
    await pool.warm('m', { x: floats([1, 2], 1, 2) });
    await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
    await fill(pool, 'm', 2);
  });

  it('is tried again by all processes after one could not load it and it was unloaded', async () => {
    const pool = createPool(2);
    const file = `${files.double}.copy`;
    copyFileSync(files.double, file);
    await pool.load('m', file);
    await fill(pool, 'm', 2);
    rmSync(file);
    const pid = kill(pool, 0);
    await until(
      'another process is idle',
      () => pidsOf(pool)[0] !== pid && statesOf(pool).every((state) => state === 'idle'),
    );
    // The new process could not load it; the other one serves.
    expect(await runWhenFree(pool, 'm', { x: floats([1, 2], 1, 2) })).toEqual([2, 4]);
    await pool.unload('m');
    await pool.load('m', files.double);
    await fill(pool, 'm', 2);
  });

  it('is undone in all processes, also where one dies meanwhile', async () => {
    const pool = await createPoolWith('count', 2);
    await until('all are idle', () => statesOf(pool).every((state) => state === 'idle'));
    const lost = rejection(pool.run('m', FOR_EVER));
    const unloaded = pool.unload('m');
    kill(pool, 0);
    await Promise.all([unloaded, lost]);
    expect(pool.canServe('m')).toBe(false);
  });
});

describe('a process killed while it warms a model that others have warmed', () => {
  // Its successor once was taken to have refused the model, which nobody could run then.
  it('is replaced by one that warms it, however often', async () => {
    const { log, entries } = createRecordingLog();
    const pool = createPool(1, { log });
    await pool.load('m', files.double);
    await pool.warm('m', { x: floats([1, 2], 1, 2) });
    const warmings = (): number => entries.filter(({ msg }) => msg === 'warming').length;
    for (const times of [2, 3, 4]) {
      kill(pool, 0);
      await until('it is being warmed', () => warmings() === times);
    }
    await until('the model is free', () => pool.hasFree('m'));
    expect(valuesOf((await pool.run('m', { x: floats([1, 2], 1, 2) })).outputs, 'y')).toEqual([2, 4]);
  });
});
