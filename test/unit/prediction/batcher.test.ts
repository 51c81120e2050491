import { Batcher, RowFault, type RowResult } from '../../../src/prediction/batcher';
import type { Row } from '../../../src/prediction/task';
import { stackRows } from '../../../src/tensor';
import { fakeEngine, type FakeEngine, type FakeEngineOptions } from '../../support/fake-engine';
import { doubling, forgetful, logarithm, lookup } from '../../support/fake-models';
import { floats, integers, valuesOf } from '../../support/tensors';

const pair = (a: number, b: number): Row => ({ tensors: { x: floats([2], a, b) } });
const index = (value: number): Row => ({ tensors: { x: integers([], value) } });

async function createBatcher(
  file: 'doubling' | 'forgetful' | 'logarithm' | 'lookup',
  options: Partial<FakeEngineOptions> = {},
): Promise<{ engine: FakeEngine; batcher: Batcher }> {
  const engine = fakeEngine({ models: { doubling, forgetful, logarithm, lookup }, ...options });
  await engine.load('m/1', file);
  return { engine, batcher: new Batcher({ engine, key: 'm/1', collate: stackRows }) };
}

describe('the batcher', () => {
  it('runs all rows in one call and gives each its own outputs', async () => {
    const { engine, batcher } = await createBatcher('doubling', { costMs: () => 7 });
    const results = (await batcher.run([pair(1, 2), pair(3, 4), pair(5, 6)])) as RowResult[];
    expect(engine.calls.map(({ rows }) => rows)).toEqual([3]);
    expect(results.map(({ outputs }) => valuesOf(outputs, 'y'))).toEqual([
      [2, 4],
      [6, 8],
      [10, 12],
    ]);
    expect(results.map(({ batchSize, inferenceMs }) => ({ batchSize, inferenceMs }))).toEqual(
      Array(3).fill({ batchSize: 3, inferenceMs: 7 }),
    );
  });

  it('claims the place of the engine before run returns', async () => {
    const { engine, batcher } = await createBatcher('doubling');
    const results = batcher.run([pair(1, 2)]);
    expect(engine.hasFree('m/1')).toBe(false);
    await results;
  });

  it('keeps two batches under way apart', async () => {
    const { engine, batcher } = await createBatcher('doubling', { places: 2, holdsCalls: true });
    const first = batcher.run([pair(1, 1), pair(2, 2)]);
    const second = batcher.run([pair(3, 3)]);
    expect(engine.calls.map(({ rows }) => rows)).toEqual([2, 1]);
    engine.running[1]?.answer();
    expect(((await second) as RowResult[]).map(({ outputs }) => valuesOf(outputs, 'y'))).toEqual([[6, 6]]);
    engine.running[0]?.answer();
    expect(((await first) as RowResult[]).map(({ outputs }) => valuesOf(outputs, 'y'))).toEqual([
      [2, 2],
      [4, 4],
    ]);
  });

  it('runs the same row again each time, and remembers no answer', async () => {
    const { engine, batcher } = await createBatcher('doubling');
    const row = pair(1, 2);
    await batcher.run([row, row]);
    await batcher.run([row]);
    expect(engine.calls.map(({ rows }) => rows)).toEqual([2, 1]);
  });

  it('rejects with what the call failed with, and runs the next batch', async () => {
    const { batcher } = await createBatcher('lookup');
    await expect(batcher.run([index(0), index(7)])).rejects.toThrow('Index 7 is out of bounds.');
    const [result] = (await batcher.run([index(0)])) as RowResult[];
    expect(valuesOf(result!.outputs, 'y')).toEqual([10]);
  });

  it('rejects when there are not as many rows out as in', async () => {
    const { batcher } = await createBatcher('forgetful');
    await expect(batcher.run([pair(1, 1), pair(2, 2)])).rejects.toThrow('Output "y" has 1 rows for a batch of 2.');
  });

  it('rejects when the rows cannot be put together, and leaves the place free', async () => {
    const { engine, batcher } = await createBatcher('doubling');
    await expect(batcher.run([pair(1, 1), { tensors: {} }])).rejects.toThrow('There is no tensor "x"');
    expect(engine.hasFree('m/1')).toBe(true);
  });

  it('puts an error in the place of a row whose outputs are no finite numbers, and answers its neighbours', async () => {
    const { batcher } = await createBatcher('logarithm');
    const row = (value: number): Row => ({ tensors: { x: floats([1], value) } });
    const [one, none, infinite] = await batcher.run([row(1), row(-1), row(0)]);
    expect(valuesOf((one as RowResult).outputs, 'y')).toEqual([0]);
    expect(none).toBeInstanceOf(RowFault);
    expect(infinite).toBeInstanceOf(RowFault);
  });
});
