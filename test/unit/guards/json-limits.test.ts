import { limitJson } from '../../../src/guards/json-limits';
import { createTransaction } from '../../support/inputs';

const limit = (json: string) => (): void => limitJson(Buffer.from(json));
const nested = (levels: number, innermost = ''): string => `${'['.repeat(levels)}${innermost}${']'.repeat(levels)}`;
const TOO_DEEP = expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining('100 levels') });
const TOO_MANY = expect.objectContaining({ code: 'QUERY_TOO_COSTLY' });

describe('the limits of JSON', () => {
  it('let 100 levels pass, and no more', () => {
    expect(limit(nested(100))).not.toThrow();
    expect(limit(nested(101))).toThrow(TOO_DEEP);
    expect(limit(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)).not.toThrow();
    expect(limit(`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`)).toThrow(TOO_DEEP);
    expect(limit('[{"a":'.repeat(100_000))).toThrow(TOO_DEEP);
  });

  it('count levels, not brackets', () => {
    expect(limit(`[${Array.from({ length: 10_000 }, () => '[{}]').join()}]`)).not.toThrow();
  });

  it.each([
    ['a short text', (brackets: string) => brackets],
    ['a long text', (brackets: string) => `${'A'.repeat(10_000)}${brackets}`],
    ['a text behind quotes that are escaped', (brackets: string) => `\\"${brackets}\\\\\\"${brackets}`],
    ['a long text behind quotes that are escaped', (brackets: string) => `${'A'.repeat(500)}\\"${brackets}`.repeat(3)],
    ['a text of other alphabets', (brackets: string) => `"Größe" 大きさ 😀 ${brackets}`.replaceAll('"', '\\"')],
    ['a text that ends in backslashes', (brackets: string) => `${brackets}${'\\\\'.repeat(200)}`],
  ])('pass over brackets in %s, and see those behind it', (_where, write) => {
    const text = `"${write('['.repeat(60))}"`;
    for (const json of [`[${text},${nested(99)}]`, `{${text}:${nested(99)}}`]) {
      expect(() => JSON.parse(json) as unknown).not.toThrow();
      expect(limit(json)).not.toThrow();
    }
    expect(limit(`[${text},${nested(100)}]`)).toThrow(TOO_DEEP);
  });

  // The length at which characters are no longer looked at one by one falls on each of them once.
  it('find the end of a text wherever its quotes and backslashes stand', () => {
    for (let before = 0; before < 140; before++)
      for (let backslashes = 0; backslashes < 6; backslashes++) {
        const text = `"${'a'.repeat(before)}${'\\\\'.repeat(backslashes)}\\"${'['.repeat(120)}"`;
        expect(limit(`[${text}]`)).not.toThrow();
        expect(limit(`[${text},${nested(100)}]`)).toThrow(TOO_DEEP);
      }
  });

  it('let what is no JSON pass to the parser, which says so', () => {
    for (const json of [
      '',
      '"',
      '"\\',
      `"${'a'.repeat(100)}`,
      `"${'a'.repeat(100)}\\`,
      `"${'['.repeat(200)}`,
      ']'.repeat(200),
      'null',
    ])
      expect(limit(json)).not.toThrow();
  });

  it('let three full lists of transactions pass, and not a body full of empty lists or numbers', () => {
    const inputs = Array.from({ length: 100 }, () => createTransaction());
    expect(limit(JSON.stringify({ query: '{ a }', variables: { a: inputs, b: inputs, c: inputs } }))).not.toThrow();
    expect(limit(JSON.stringify(new Array(60_001).fill([])))).toThrow(TOO_MANY);
    expect(limit(JSON.stringify(new Array(60_001).fill(0)))).toThrow(TOO_MANY);
    expect(limit(JSON.stringify({ text: '[],'.repeat(100_000) }))).not.toThrow();
  });
});
