import type { Engine, RunResult } from '../../src/engines/engine';
import type { Tensors } from '../../src/tensor';
import { rejection } from '../support/deferred';
import { floats, integers, valuesOf } from '../support/tensors';

/** What the suite needs of an implementation. */
export interface EngineHarness {
  /** An engine that runs this many batches at the same time. */
  createEngine(parallelism: number): Engine;
  /** Files of models, as the engine takes them: see test/support/tiny-models.ts. */
  readonly files: Readonly<Record<'double' | 'lookup' | 'truncated', string>>;
}

/** The contract in src/engines/engine.ts, for every implementation. */
export function describeEngine(name: string, harness: () => EngineHarness): void {
  describe(`${name} as an engine`, () => {
    const engines: Engine[] = [];
    const create = (parallelism = 1): Engine => {
      const engine = harness().createEngine(parallelism);
      engines.push(engine);
      return engine;
    };
    const createWith = async (model: 'double' | 'lookup', parallelism = 1): Promise<Engine> => {
      const engine = create(parallelism);
      await engine.load('m', harness().files[model]);
      return engine;
    };
    afterEach(async () => {
      await Promise.all(engines.splice(0).map((engine) => engine.close()));
    });

    it('tells what a model takes and gives when it has loaded it', async () => {
      const signature = await create().load('m', harness().files.double);
      expect(signature).toEqual({
        inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
        outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }],
      });
    });

    it('can serve a model from when it is loaded to when it is unloaded', async () => {
      const engine = create();
      expect(engine.canServe('m')).toBe(false);
      expect(engine.hasFree('m')).toBe(false);
      await engine.load('m', harness().files.double);
      expect(engine.canServe('m')).toBe(true);
      await whenFree(engine, 'm');
      await engine.unload('m');
      expect(engine.canServe('m')).toBe(false);
      expect(engine.hasFree('m')).toBe(false);
    });

    it('takes a key again once it was unloaded', async () => {
      const engine = await createWith('double');
      await engine.unload('m');
      await engine.load('m', harness().files.lookup);
      const { outputs } = await runWhenFree(engine, 'm', { x: integers([1], 2) });
      expect(valuesOf(outputs, 'y')).toEqual([30]);
    });

    it('finds nothing to do in unloading what it never loaded', async () => {
      await expect(create().unload('nobody')).resolves.toBeUndefined();
    });

    it('refuses a key that is taken, and keeps the model that has it', async () => {
      const engine = await createWith('double');
      await expect(engine.load('m', harness().files.lookup)).rejects.toThrow('m');
      const { outputs } = await runWhenFree(engine, 'm', { x: floats([1, 2], 1, 2) });
      expect(valuesOf(outputs, 'y')).toEqual([2, 4]);
    });

    it.each(['truncated', 'missing'] as const)(
      'rejects a %s file, and takes another under the same key',
      async (kind) => {
        const engine = create(2);
        const { files } = harness();
        const file = kind === 'missing' ? `${files.truncated}.nowhere` : files.truncated;
        await expect(engine.load('m', file)).rejects.toThrow();
        expect(engine.canServe('m')).toBe(false);
        await engine.load('m', files.double);
        expect(engine.canServe('m')).toBe(true);
      },
    );

    it('runs the rows of a batch in their order', async () => {
      const engine = await createWith('double');
      const { outputs, inferenceMs } = await runWhenFree(engine, 'm', { x: floats([3, 2], 1, 2, 3, 4, 5, 6) });
      expect(outputs['y']).toEqual({ type: 'float32', dims: [3, 2], data: Float32Array.of(2, 4, 6, 8, 10, 12) });
      expect(inferenceMs).toBeGreaterThan(0);
    });

    it('runs a batch whose numbers are a part of a larger array', async () => {
      const engine = await createWith('double');
      const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
      const { outputs } = await runWhenFree(engine, 'm', { x: { type: 'float32', dims: [1, 2], data } });
      expect(valuesOf(outputs, 'y')).toEqual([2, 4]);
    });

    it('claims its place before run returns, and says when it is free again', async () => {
      const engine = await createWith('double', 2);
      await whenFree(engine, 'm');
      const first = engine.run('m', { x: floats([1, 2], 1, 1) });
      expect(engine.hasFree('m')).toBe(true);
      const second = engine.run('m', { x: floats([1, 2], 2, 2) });
      expect(engine.hasFree('m')).toBe(false);
      expect(engine.canServe('m')).toBe(true);
      const freed = new Promise<void>((resolve) => {
        const stop = engine.onFree(() => {
          if (!engine.hasFree('m')) return;
          stop();
          resolve();
        });
      });
      const answers = await Promise.all([first, second]);
      expect(answers.map(({ outputs }) => valuesOf(outputs, 'y'))).toEqual([
        [2, 2],
        [4, 4],
      ]);
      await freed;
    });

    it('rejects a run for which no place is free, and a model that it does not have', async () => {
      const engine = await createWith('double');
      await whenFree(engine, 'm');
      const running = engine.run('m', { x: floats([1, 2], 1, 1) });
      await expect(engine.run('m', { x: floats([1, 2], 1, 1) })).rejects.toThrow('m');
      await running;
      await expect(engine.run('nobody', { x: floats([1, 2], 1, 1) })).rejects.toThrow('nobody');
    });

    it('calls its listeners until they are taken away', async () => {
      const engine = await createWith('double');
      let calls = 0;
      const stop = engine.onFree(() => calls++);
      await runWhenFree(engine, 'm', { x: floats([1, 2], 1, 1) });
      expect(calls).toBeGreaterThan(0);
      stop();
      const before = calls;
      await runWhenFree(engine, 'm', { x: floats([1, 2], 1, 1) });
      expect(calls).toBe(before);
    });

    it('fails only the run that the model fails on, and not as a lost process', async () => {
      const engine = await createWith('lookup');
      const error = await rejection(runWhenFree(engine, 'm', { x: integers([2], 0, 7) }));
      expect(error.name).not.toBe('EngineLostError');
      const { outputs } = await runWhenFree(engine, 'm', { x: integers([2], 0, 1) });
      expect(valuesOf(outputs, 'y')).toEqual([10, 20]);
    });

    it('serves a model that it has warmed', async () => {
      const engine = await createWith('double', 2);
      await engine.warm('m', { x: floats([1, 2], 1, 1) });
      const { outputs } = await runWhenFree(engine, 'm', { x: floats([1, 2], 3, 4) });
      expect(valuesOf(outputs, 'y')).toEqual([6, 8]);
    });

    it('rejects the warming of a model that fails on it, or that it does not have', async () => {
      const engine = await createWith('lookup', 2);
      const error = await rejection(engine.warm('m', { x: integers([1], 7) }));
      expect(error.name).not.toBe('EngineLostError');
      await expect(engine.warm('nobody', { x: integers([1], 0) })).rejects.toThrow('nobody');
    });

    it('keeps models apart', async () => {
      const engine = await createWith('double');
      await engine.load('n', harness().files.lookup);
      const looked = await runWhenFree(engine, 'n', { x: integers([1], 1) });
      const doubled = await runWhenFree(engine, 'm', { x: floats([1, 2], 1, 2) });
      expect(valuesOf(looked.outputs, 'y')).toEqual([20]);
      expect(valuesOf(doubled.outputs, 'y')).toEqual([2, 4]);
      await engine.unload('m');
      expect(engine.canServe('n')).toBe(true);
    });
  });
}

/** A place that has just loaded a model may be free only after the promise of that is settled. */
async function whenFree(engine: Engine, key: string): Promise<void> {
  while (!engine.hasFree(key))
    await new Promise<void>((resolve) => {
      const stop = engine.onFree(() => {
        stop();
        resolve();
      });
    });
}

async function runWhenFree(engine: Engine, key: string, inputs: Tensors): Promise<RunResult> {
  await whenFree(engine, key);
  return engine.run(key, inputs);
}
