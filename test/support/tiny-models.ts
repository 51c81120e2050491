import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeModel, type Graph } from './onnx-writer';

/** Twice its input: x float32 [batch, 2] → y float32 [batch, 2]. */
const DOUBLE: Graph = {
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }],
  nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
};

/** Looks up one of three numbers; fails in its run, not before, on an index that there is none of. */
const LOOKUP: Graph = {
  inputs: [{ name: 'x', type: 'int64', shape: ['batch'] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch'] }],
  constants: [{ name: 'table', shape: [3], data: Float32Array.of(10, 20, 30) }],
  nodes: [{ op: 'Gather', inputs: ['table', 'x'], outputs: ['y'] }],
};

/** Natural logarithm: NaN for negative numbers. */
const LOGARITHM: Graph = {
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 1] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  nodes: [{ op: 'Log', inputs: ['x'], outputs: ['y'] }],
};

/** Counts in a loop to the largest of its inputs and adds that to each: takes as long as it is told to. */
const COUNT: Graph = {
  inputs: [{ name: 'x', type: 'int64', shape: ['batch'] }],
  outputs: [{ name: 'y', type: 'int64', shape: ['batch'] }],
  nodes: [
    { op: 'ReduceMax', inputs: ['x'], outputs: ['rounds'], attributes: { keepdims: 0 } },
    {
      op: 'Loop',
      inputs: ['rounds', '', 'x'],
      outputs: ['y'],
      attributes: {
        body: {
          inputs: [
            { name: 'round', type: 'int64', shape: [] },
            { name: 'goesOn', type: 'bool', shape: [] },
            { name: 'sum', type: 'int64', shape: ['batch'] },
          ],
          outputs: [
            { name: 'goesOnAgain', type: 'bool', shape: [] },
            { name: 'nextSum', type: 'int64', shape: ['batch'] },
          ],
          constants: [{ name: 'one', shape: [], data: BigInt64Array.of(1n) }],
          nodes: [
            { op: 'Identity', inputs: ['goesOn'], outputs: ['goesOnAgain'] },
            { op: 'Add', inputs: ['sum', 'one'], outputs: ['nextSum'] },
          ],
        },
      },
    },
  ],
};

const MODELS = { double: DOUBLE, lookup: LOOKUP, logarithm: LOGARITHM, count: COUNT };

export type TinyModelFiles = Readonly<Record<keyof typeof MODELS | 'truncated', string>> & Disposable;

/** Writes the tiny models to a folder of their own, with one that is cut short; disposing removes it. */
export function writeTinyModels(): TinyModelFiles {
  const folder = mkdtempSync(path.join(tmpdir(), 'predictql-tiny-models-'));
  const write = (name: keyof typeof MODELS | 'truncated', bytes: Buffer): string => {
    const file = path.join(folder, `${name}.onnx`);
    writeFileSync(file, bytes);
    return file;
  };
  const writeGraph = (name: keyof typeof MODELS): string => write(name, writeModel(MODELS[name]));
  return {
    double: writeGraph('double'),
    lookup: writeGraph('lookup'),
    logarithm: writeGraph('logarithm'),
    count: writeGraph('count'),
    truncated: write('truncated', writeModel(LOOKUP).subarray(0, 60)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
