/** The element types that cross to an engine, with the array that holds each. Names are ONNX's. */
const ARRAY_OF = {
  float32: Float32Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
} as const;

export type TensorType = keyof typeof ARRAY_OF;
export type TensorData = Float32Array | Uint8Array | BigInt64Array;

/** A dense array in row-major order; `dims` multiply to `data.length`. */
export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Tensors by the name of the graph's input or output. In a batch the first dimension is the row; a row has none. */
export type Tensors = Readonly<Record<string, Tensor>>;

export function isTensorType(type: string): type is TensorType {
  return Object.hasOwn(ARRAY_OF, type);
}

/** A view on `bytes` as elements of `type`; copied where the bytes do not start at a multiple of the element's size. */
export function viewAs(type: TensorType, bytes: Uint8Array): TensorData {
  const ArrayType = ARRAY_OF[type];
  const aligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new ArrayType(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / ArrayType.BYTES_PER_ELEMENT,
  );
}

/**
 * Puts rows together into one batch. Rows whose first dimension differs are filled up with zeros to the longest,
 * which an attention mask of zeros hides from the model.
 */
export function stackRows(rows: readonly Tensors[]): Tensors {
  const first = rows[0];
  if (!first) throw new Error('A batch needs at least one row.');
  return Object.fromEntries(Object.keys(first).map((name) => [name, stack(rows.map((row) => named(row, name)))]));
}

/** The rows of a batch's outputs, each a view without the batch dimension. Throws unless there are exactly `count`. */
export function splitRows(batch: Tensors, count: number): Tensors[] {
  for (const [name, tensor] of Object.entries(batch)) {
    if (tensor.dims[0] !== count)
      throw new Error(`Output "${name}" has ${tensor.dims[0] ?? 'no'} rows for a batch of ${count}.`);
  }
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, rowOf(tensor, row)])),
  );
}

export function named(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`There is no tensor "${name}" among ${Object.keys(tensors).join(', ')}.`);
  return tensor;
}

function stack(rows: readonly Tensor[]): Tensor {
  const first = rows[0] as Tensor;
  const longest = Math.max(...rows.map((row) => row.dims[0] ?? 1));
  const dims = first.dims.length === 0 ? [] : [longest, ...first.dims.slice(1)];
  const stride = dims.reduce((product, size) => product * size, 1);
  const data = new ARRAY_OF[first.type](rows.length * stride);
  rows.forEach((row, index) => {
    // The element type is the same for all rows, which the union of arrays cannot express.
    (data as Uint8Array).set(row.data as Uint8Array, index * stride);
  });
  return { type: first.type, dims: [rows.length, ...dims], data };
}

function rowOf(tensor: Tensor, row: number): Tensor {
  const dims = tensor.dims.slice(1);
  const stride = dims.reduce((product, size) => product * size, 1);
  return { type: tensor.type, dims, data: tensor.data.subarray(row * stride, (row + 1) * stride) };
}
