import { hundredths, quote } from '../../../src/observability/json-text';

describe('a text', () => {
  it.each(['', 'Ask', '2001:db8::', 'ada lovelace', '"', 'a\\', 'a\nb', '\u2028', 'für', '\ud800', '{}'])(
    '%j is quoted as JSON has it',
    (text) => {
      expect(quote(text)).toBe(JSON.stringify(text));
    },
  );
});

describe('a number', () => {
  it('is written to two decimals as JSON has it', () => {
    for (let count = 0; count <= 10_000; count++) expect(hundredths(count / 100)).toBe(JSON.stringify(count / 100));
  });

  it.each([
    [0.123456, '0.12'],
    [0.999, '1'],
    [123_456_789.005, '123456789.01'],
    [1e300, '1e+300'],
    [-1.239, '-1.24'],
    [-0.001, '0'],
    [NaN, 'null'],
    [Infinity, 'null'],
  ])('%d is %s', (value, text) => {
    expect(hundredths(value)).toBe(text);
    expect(() => JSON.parse(hundredths(value)) as unknown).not.toThrow();
  });
});
