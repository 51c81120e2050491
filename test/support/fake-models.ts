import type { TensorSignature } from '../../src/engines/engine';
import { named, type Tensor, type Tensors } from '../../src/tensor';
import type { FakeModel } from './fake-engine';

type Values = Float32Array | BigInt64Array;

/** Twice its input: x float32 [batch, 2] → y float32 [batch, 2]. */
export const doubling: FakeModel = {
  signature: signature(['x', 'float32', ['batch', 2]], ['y', 'float32', ['batch', 2]]),
  run: (inputs) => withData(named(inputs, 'x'), (values) => (values as Float32Array).map((value) => value + value)),
};

/** Looks up one of three numbers; fails on an index that there is none of. */
export const lookup: FakeModel = {
  signature: signature(['x', 'int64', ['batch']], ['y', 'float32', ['batch']]),
  run: (inputs) =>
    withData(named(inputs, 'x'), (indices) =>
      Float32Array.from(indices as BigInt64Array, (index) => {
        const value = [10, 20, 30][Number(index)];
        if (value === undefined) throw new Error(`Index ${index} is out of bounds.`);
        return value;
      }),
    ),
};

/** Natural logarithm: NaN for negative numbers. */
export const logarithm: FakeModel = {
  signature: signature(['x', 'float32', ['batch', 1]], ['y', 'float32', ['batch', 1]]),
  run: (inputs) => withData(named(inputs, 'x'), (values) => (values as Float32Array).map(Math.log)),
};

/** Gives one row too few. */
export const forgetful: FakeModel = {
  signature: doubling.signature,
  run(inputs) {
    const { y } = doubling.run(inputs) as { y: Tensor };
    const [rows = 0, width = 0] = y.dims;
    return { y: { ...y, dims: [rows - 1, width], data: y.data.subarray(0, (rows - 1) * width) } };
  },
};

function withData(x: Tensor, compute: (values: Values) => Values): Tensors {
  const data = compute(x.data as Values);
  return { y: { type: data instanceof Float32Array ? 'float32' : 'int64', dims: x.dims, data } };
}

function signature(input: SignatureParts, output: SignatureParts): FakeModel['signature'] {
  return { inputs: [toSignature(input)], outputs: [toSignature(output)] };
}

type SignatureParts = readonly [name: string, type: TensorSignature['type'], shape: TensorSignature['shape']];

function toSignature([name, type, shape]: SignatureParts): TensorSignature {
  return { name, type, shape };
}
