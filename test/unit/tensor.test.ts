import fc from 'fast-check';
import { isTensorType, named, splitRows, stackRows, viewAs, type Tensors } from '../../src/tensor';
import { floats, integers } from '../support/tensors';

describe('putting rows together', () => {
  it('adds the batch as the first dimension and keeps the order', () => {
    const batch = stackRows([{ x: floats([2, 2], 1, 2, 3, 4) }, { x: floats([2, 2], 5, 6, 7, 8) }]);
    expect(batch).toEqual({ x: floats([2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8) });
  });

  it('fills shorter rows up with zeros, in each tensor by itself', () => {
    const batch = stackRows([
      { ids: integers([1], 7), mask: integers([1], 1) },
      { ids: integers([3], 4, 5, 6), mask: integers([3], 1, 1, 1) },
      { ids: integers([2], 8, 9), mask: integers([2], 1, 1) },
    ]);
    expect(batch).toEqual({
      ids: integers([3, 3], 7, 0, 0, 4, 5, 6, 8, 9, 0),
      mask: integers([3, 3], 1, 0, 0, 1, 1, 1, 1, 1, 0),
    });
  });

  it('fills up by whole lines where rows have more than one dimension', () => {
    const batch = stackRows([{ x: floats([1, 2], 1, 2) }, { x: floats([2, 2], 3, 4, 5, 6) }]);
    expect(batch).toEqual({ x: floats([2, 2, 2], 1, 2, 0, 0, 3, 4, 5, 6) });
  });

  it('makes a line of single numbers', () => {
    expect(stackRows([{ x: integers([], 3) }, { x: integers([], 4) }])).toEqual({ x: integers([2], 3, 4) });
  });

  it('puts bytes together as bytes', () => {
    const row = (value: number): Tensors => ({ x: { type: 'uint8', dims: [1], data: Uint8Array.of(value) } });
    expect(stackRows([row(255), row(1)])).toEqual({ x: { type: 'uint8', dims: [2, 1], data: Uint8Array.of(255, 1) } });
  });

  it('refuses an empty batch and rows that lack a tensor, by name', () => {
    expect(() => stackRows([])).toThrow('A batch needs at least one row.');
    expect(() => stackRows([{ x: floats([1], 1) }, { y: floats([1], 1) }])).toThrow('There is no tensor "x" among y.');
  });
});

describe('taking a batch apart', () => {
  it('gives each row its part, without the batch dimension', () => {
    expect(splitRows({ y: floats([2, 3], 1, 2, 3, 4, 5, 6), z: integers([2], 8, 9) }, 2)).toEqual([
      { y: floats([3], 1, 2, 3), z: integers([], 8) },
      { y: floats([3], 4, 5, 6), z: integers([], 9) },
    ]);
  });

  it.each([
    ['more', floats([3, 1], 1, 2, 3), 'Output "y" has 3 rows for a batch of 2.'],
    ['fewer', floats([1, 1], 1), 'Output "y" has 1 rows for a batch of 2.'],
    ['no', floats([], 1), 'Output "y" has no rows for a batch of 2.'],
  ])('refuses a batch that has %s rows', (_, y, message) => {
    expect(() => splitRows({ y }, 2)).toThrow(message);
  });

  it('undoes putting together, for rows of one size', () => {
    const rows = fc
      .nat({ max: 5 })
      .chain((size) =>
        fc.array(fc.array(fc.float({ noNaN: true }), { minLength: size, maxLength: size }), { minLength: 1 }),
      );
    fc.assert(
      fc.property(rows, (lists) => {
        const tensors = lists.map((values) => ({ x: floats([values.length], ...values) }));
        expect(splitRows(stackRows(tensors), lists.length)).toEqual(tensors);
      }),
    );
  });
});

describe('bytes that arrive from another process', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('are read as numbers at offset %i', (offset) => {
    const read = (values: Float32Array | BigInt64Array, type: 'float32' | 'int64'): unknown => {
      const bytes = new Uint8Array(values.byteLength + 8);
      bytes.set(new Uint8Array(values.buffer as ArrayBuffer), offset);
      return viewAs(type, bytes.subarray(offset, offset + values.byteLength));
    };
    expect(read(Float32Array.of(1.5, -2, Infinity), 'float32')).toEqual(Float32Array.of(1.5, -2, Infinity));
    expect(read(BigInt64Array.of(-1n, 2n ** 40n), 'int64')).toEqual(BigInt64Array.of(-1n, 2n ** 40n));
  });

  it('are not copied where they lie well', () => {
    const values = Float32Array.of(1, 2);
    expect(viewAs('float32', new Uint8Array(values.buffer)).buffer).toBe(values.buffer);
  });
});

describe('names', () => {
  it('find a tensor, or say which there are', () => {
    const x = floats([1], 1);
    expect(named({ x }, 'x')).toBe(x);
    expect(() => named({ x, y: x }, 'z')).toThrow('There is no tensor "z" among x, y.');
  });

  it.each([
    ['float32', true],
    ['int64', true],
    ['uint8', true],
    ['float64', false],
    ['string', false],
    ['toString', false],
    ['constructor', false],
  ])('of the element type %s: carried is %p', (type, isCarried) => {
    expect(isTensorType(type)).toBe(isCarried);
  });
});
