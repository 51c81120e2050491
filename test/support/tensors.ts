import type { Tensor, Tensors } from '../../src/tensor';

/** A float32 tensor. */
export function floats(dims: readonly number[], ...values: readonly number[]): Tensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** An int64 tensor. */
export function integers(dims: readonly number[], ...values: readonly number[]): Tensor {
  return { type: 'int64', dims, data: BigInt64Array.from(values, BigInt) };
}

/** The numbers of one output, as plain numbers. */
export function valuesOf(tensors: Tensors, name: string): number[] {
  return [...(tensors[name]?.data ?? [])].map(Number);
}
