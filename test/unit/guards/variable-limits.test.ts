import { limitVariables } from '../../../src/guards/variable-limits';
import { createTransaction } from '../../support/inputs';

describe('the limits of variables', () => {
  it('let two full lists of transactions pass, and files, whatever is in them', () => {
    const inputs = Array.from({ length: 100 }, () => createTransaction());
    class File {
      readonly parts = new Array<object>(100_000).fill({});
    }
    expect(() => limitVariables({ a: inputs, b: inputs, file: new File(), nothing: null })).not.toThrow();
  });

  it.each([
    ['a list', new Array(20_001).fill(0)],
    ['lists in lists', Array.from({ length: 201 }, () => new Array(100).fill('a'))],
    ['an object', Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [index, 0]))],
    ['objects deeper than the stack', Array.from({ length: 20_001 }).reduce<object>((inner) => ({ inner }), {})],
  ])('refuse %s of more values than are read', (_what, value) => {
    expect(() => limitVariables({ value })).toThrow(expect.objectContaining({ code: 'QUERY_TOO_COSTLY' }));
  });
});
