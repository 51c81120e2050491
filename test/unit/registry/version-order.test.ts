import fc from 'fast-check';
import { compareVersions } from '../../../src/registry/version-order';

const part = fc.constantFrom(
  '0',
  '1',
  '2',
  '9',
  '10',
  '01',
  '007',
  '20261123200000000',
  '9007199254740993',
  'rc',
  'beta',
  'A',
  'z',
);
const version = fc
  .array(fc.tuple(part, fc.constantFrom('.', '-')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([text, joint], index) => (index === 0 ? text : joint + text)).join(''));

describe('the order of versions', () => {
  it.each([
    [['1', '2', '10']],
    [['1.9.0', '1.10.0', '2.0.0']],
    [['1.0.0-alpha', '1.0.0-beta', '1.0.0']],
    [['1.0-rc.1', '1.0-rc.2', '1.0-rc.10', '1.0']],
    [['1', '1.0.1', '1.1']],
    [['2026-11-09', '2026-11-10', '2026-12-01']],
    [['20261123200000000001', '20261123200000000002']],
    // As floating-point numbers the first parts would be equal.
    [['9007199254740992.2', '9007199254740993.1']],
    [['rc', '0', '1']],
  ])('is that of people: %j', (sorted) => {
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
  });

  it('is total: of two names one comes first, unless they are the same', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
      }),
      { numRuns: 2_000 },
    );
  });

  it('goes in no circle: what comes before something comes before all that come after it', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        fc.pre(compareVersions(a, b) < 0 && compareVersions(b, c) < 0);
        expect(compareVersions(a, c)).toBeLessThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts whole numbers as numbers, however long they are', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 0n, max: 10n ** 30n }), (a, b) => {
        const expected = a < b ? -1 : Number(a > b);
        expect(Math.sign(compareVersions(String(a), String(b)))).toBe(expected);
        expect(Math.sign(compareVersions(`1.${a}`, `1.${b}`))).toBe(expected);
      }),
    );
  });
});
