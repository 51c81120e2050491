import { readRequestId } from '../../../src/server/request-id';

describe('the id of a request', () => {
  it.each(['7', 'order-17.a:b_c', 'f'.repeat(64)])('is the one that came with it: %s', (given) => {
    expect(readRequestId(given)).toBe(given);
  });

  it.each(['', 'f'.repeat(65), 'a b', 'a\nb', '{"a":1}', 'é', undefined, ['a', 'b']])(
    'is a new one where none fit to be logged came: %j',
    (given) => {
      const id = readRequestId(given);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(readRequestId(given)).not.toBe(id);
    },
  );
});
