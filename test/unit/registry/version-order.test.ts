import fc from 'fast-check';
import { compareVersions } from '../../../src/registry/version-order';

it.each([
  ['whole numbers', ['1', '2', '10', '100']],
  ['dotted numbers', ['1.9.0', '1.10.0', '1.10.1', '2']],
  ['pre-releases before their release', ['1.0.0-alpha', '1.0.0-beta', '1.0.0-rc.1', '1.0.0-rc.2', '1.0.0']],
  ['dates with times beyond what a double holds', ['20261123201500123456', '20261123201500123457']],
])('orders %s', (_what, ordered) => {
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

it('is an order: one of two different names always comes first, and no three go round', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/);
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (a !== b) expect(compareVersions(a, b)).not.toBe(0);
      if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
    }),
  );
});
