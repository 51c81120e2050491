import { closeFor } from '../../../src/server/close-codes';

describe('the end of a WebSocket', () => {
  it.each([
    ['BAD_REQUEST', 4400],
    ['QUERY_TOO_COSTLY', 4400],
    ['UNAUTHENTICATED', 4401],
    ['FORBIDDEN', 4403],
    ['RATE_LIMITED', 1013],
    ['OVERLOADED', 1013],
    ['INTERNAL_SERVER_ERROR', 4500],
  ])('for %s has the code %i', (code, expected) => {
    expect(closeFor({ message: 'Why.', extensions: { code } })).toEqual({ code: expected, reason: 'Why.' });
  });

  it('has a reason that fits into a frame, with no character cut apart', () => {
    const { reason } = closeFor({ message: `${'a'.repeat(122)}…`, extensions: {} });
    expect(reason).toBe('a'.repeat(122));
  });
});
