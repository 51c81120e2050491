import { parseLabels, topIndices } from '../../../src/transforms/labels';

const HEADER = 'code\tname\tdefinition';

describe('the table of labels', () => {
  it('is read line by line, the definition being optional', () => {
    expect(parseLabels(`${HEADER}\nn01\tcat\ta small feline\nn02\tdog\n`)).toEqual([
      { code: 'n01', name: 'cat', definition: 'a small feline' },
      { code: 'n02', name: 'dog', definition: null },
    ]);
  });

  it('may have been written on Windows', () => {
    expect(parseLabels(`${HEADER}\r\nn01\tcat\tfeline\r\n`)).toEqual([
      { code: 'n01', name: 'cat', definition: 'feline' },
    ]);
  });

  it('is refused without its first line', () => {
    expect(() => parseLabels('n01\tcat\tfeline')).toThrow('first line with code, name and definition');
  });

  it.each([
    ['a line that is empty', `${HEADER}\nn01\tcat\tfeline\n\nn02\tdog\tcanine`, 'Line 3'],
    ['a line without a name', `${HEADER}\nn01\t\tfeline`, 'Line 2'],
    ['a line without tabs', `${HEADER}\nn01\tcat\nn02 dog`, 'Line 3'],
  ])('is refused with %s, by its number', (_, table, place) => {
    expect(() => parseLabels(table)).toThrow(place);
  });
});

describe('the likeliest', () => {
  const values = Float32Array.of(0.1, 0.4, 0.05, 0.4, 0.05);

  it('come first, equals in their order', () => {
    expect(topIndices(values, { count: 5, least: 0 })).toEqual([1, 3, 0, 2, 4]);
  });

  it('are no more than asked for, and none below the least', () => {
    expect(topIndices(values, { count: 2, least: 0 })).toEqual([1, 3]);
    expect(topIndices(values, { count: 5, least: 0.2 })).toEqual([1, 3]);
    expect(topIndices(values, { count: 5, least: 0.9 })).toEqual([]);
  });

  it('include a value that is exactly the least', () => {
    expect(topIndices(Float32Array.of(0.25, 0.5), { count: 5, least: 0.25 })).toEqual([1, 0]);
  });

  it('are no numbers that are none', () => {
    expect(topIndices(Float32Array.of(NaN, 0.5), { count: 5, least: 0 })).toEqual([1]);
  });
});
