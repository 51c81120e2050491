/**
 * Writes ONNX graphs without a library: the few parts of its protobuf format that tiny models for tests need.
 * Field numbers are those of onnx.proto; wire type 0 is a varint, 2 is anything with a length.
 */
export type ElementType = 'float32' | 'uint8' | 'int64';

/** Numbers of TensorProto.DataType. */
const ELEMENT_TYPE = { float32: 1, uint8: 2, int64: 7, bool: 9 } as const;

export interface Value {
  readonly name: string;
  readonly type: keyof typeof ELEMENT_TYPE;
  /** A string is a dimension of any size. */
  readonly shape: readonly (number | string)[];
}

/** A constant of the graph. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

export interface Node {
  /** Operator, such as MatMul. */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | Graph>>;
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly constants?: readonly Constant[];
}

const IR_VERSION = 8;
const OPSET = 17;

/** The bytes of a model file. */
export function writeModel(graph: Graph): Buffer {
  return Buffer.concat([
    number(1, IR_VERSION),
    text(2, 'predictql-tests'),
    message(7, ...writeGraph(graph)),
    message(8, text(1, ''), number(2, OPSET)),
  ]);
}

function writeGraph({ nodes, constants = [], inputs, outputs }: Graph): Buffer[] {
  return [
    ...nodes.map((node) => message(1, ...writeNode(node))),
    text(2, 'graph'),
    ...constants.map((constant) => message(5, ...writeConstant(constant))),
    ...inputs.map((value) => message(11, ...writeValue(value))),
    ...outputs.map((value) => message(12, ...writeValue(value))),
  ];
}

function writeNode({ op, inputs, outputs, attributes = {} }: Node): Buffer[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${op}_${outputs.join('_')}`),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, ...writeAttribute(name, value))),
  ];
}

function writeAttribute(name: string, value: number | Graph): Buffer[] {
  return typeof value === 'number'
    ? [text(1, name), number(3, value), number(20, 2)]
    : [text(1, name), message(6, ...writeGraph(value)), number(20, 5)];
}

function writeConstant({ name, shape, data }: Constant): Buffer[] {
  const type = data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
  const content = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return [
    ...shape.map((size) => number(1, size)),
    number(2, ELEMENT_TYPE[type]),
    text(8, name),
    withLength(9, content),
  ];
}

function writeValue({ name, type, shape }: Value): Buffer[] {
  const dimensions = shape.map((size) => message(1, typeof size === 'string' ? text(2, size) : number(1, size)));
  return [text(1, name), message(2, message(1, number(1, ELEMENT_TYPE[type]), message(2, ...dimensions)))];
}

function message(field: number, ...parts: readonly Buffer[]): Buffer {
  return withLength(field, Buffer.concat(parts));
}

function text(field: number, content: string): Buffer {
  return withLength(field, Buffer.from(content));
}

function withLength(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}
