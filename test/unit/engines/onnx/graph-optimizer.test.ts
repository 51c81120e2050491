import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import type * as ProcessPoolModule from '../../../../src/engines/onnx/process-pool';
import { requireCompiled } from '../../../support/compiled';
import { rejection } from '../../../support/deferred';
import { silentLog } from '../../../support/silent-log';
import { createTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder';
import { floats, valuesOf } from '../../../support/tensors';
import { writeTinyModels, type TinyModelFiles } from '../../../support/tiny-models';
import { until } from '../../../support/until';

// Engine processes run compiled code, so the pool that starts them is the compiled one.
const { ProcessPool } = requireCompiled('engines/onnx/process-pool') as typeof ProcessPoolModule;
type Pool = InstanceType<typeof ProcessPool>;

let files: TinyModelFiles;
let data: TemporaryFolder;
let folder: string;
let pool: Pool;
beforeAll(() => {
  files = writeTinyModels();
});
beforeEach(() => {
  data = createTemporaryFolder();
  folder = path.join(data.path, 'optimized-graphs');
});
afterEach(async () => {
  await pool.close();
  data[Symbol.dispose]();
});
afterAll(() => files[Symbol.dispose]());

function createPool(): Pool {
  pool = new ProcessPool({
    processes: 2,
    threads: 1,
    runTimeoutMs: 30_000,
    loadTimeoutMs: 30_000,
    folder,
    log: silentLog,
  });
  return pool;
}

const INPUT = { x: floats([1, 2], 1, 2) };
async function double(key: string): Promise<number[]> {
  await until('the model is free', () => pool.hasFree(key));
  return valuesOf((await pool.run(key, INPUT)).outputs, 'y');
}

/** Loads begin to optimise in a turn of their own; a process takes longer than that to be up. */
async function stopOptimizer(signal: NodeJS.Signals, except?: number): Promise<number> {
  await until('the optimiser has started', () => ![undefined, except].includes(pool.optimizerPid));
  const pid = pool.optimizerPid as number;
  process.kill(pid, signal);
  return pid;
}

it('runs at the lowest priority, and occupies no engine process while it works', async () => {
  createPool();
  await pool.load('served', files.double);
  const pid = await stopOptimizer('SIGSTOP');
  expect(getPriority(pid)).toBe(19);
  let isLoaded = false;
  const loading = pool.load('m', files.lookup).then(() => (isLoaded = true));
  for (let runs = 0; runs < 20; runs++) expect(await double('served')).toEqual([2, 4]);
  expect(pool.processes.map(({ state }) => state)).toEqual(['idle', 'idle']);
  expect(isLoaded).toBe(false);
  process.kill(pid, 'SIGCONT');
  await loading;
});

it('keeps one file a model, for as long as it is wanted', async () => {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'left-by-a-server-that-was-killed.ort'), '');
  createPool();
  await Promise.all([pool.load('a', files.double), pool.load('b', files.lookup)]);
  expect(readdirSync(folder)).toEqual(['1.ort', '2.ort']);
  await pool.unload('a');
  await until('the file is gone', () => readdirSync(folder).length === 1);
  expect((await rejection(pool.load('c', files.truncated))).message).not.toBe('');
  expect(readdirSync(folder)).toEqual(['2.ort']);
});

it('lets a process that was replaced load from the same file', async () => {
  createPool();
  await pool.load('m', files.double);
  const pids = pool.processes.map(({ pid }) => pid as number);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until('both are replaced', () => pool.processes.every(({ pid }) => pid !== undefined && !pids.includes(pid)));
  expect(await double('m')).toEqual([2, 4]);
});

it('is replaced when it is killed at work, and the model is loaded all the same', async () => {
  createPool();
  const loading = pool.load('m', files.double);
  await stopOptimizer('SIGKILL');
  await loading;
  expect(await double('m')).toEqual([2, 4]);
});

it('gives a model up that takes it down twice, without touching the engine processes', async () => {
  createPool();
  await pool.load('served', files.double);
  const failure = rejection(pool.load('m', files.lookup));
  const first = await stopOptimizer('SIGKILL');
  await stopOptimizer('SIGKILL', first);
  expect((await failure).name).toBe('EngineLostError');
  expect(pool.processes.map(({ restarts }) => restarts)).toEqual([0, 0]);
  await pool.load('m', files.lookup);
  expect(pool.canServe('m')).toBe(true);
});

it('lets each process optimise for itself where the file cannot be written', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  createPool();
  writeFileSync(folder, 'again: a new pool removes what it finds');
  await pool.load('m', files.double);
  expect(await double('m')).toEqual([2, 4]);
});

it('starts no process once the pool is closed, also where it was lost at work', async () => {
  createPool();
  const failures = [rejection(pool.load('m', files.double)), rejection(pool.load('n', files.lookup))];
  const pid = await stopOptimizer('SIGSTOP');
  const closing = pool.close();
  process.kill(pid, 'SIGKILL');
  await closing;
  for (const failure of failures) expect((await failure).name).toBe('EngineLostError');
  expect(pool.optimizerPid).toBeUndefined();
});
