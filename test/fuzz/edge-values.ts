import fc from 'fast-check';
import type { Draw } from './draw';

/** Drawn once: fast-check knows well what breaks programs, but takes its time. */
const FROM_FAST_CHECK = fc.sample(
  fc.oneof(
    fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.webUrl(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  ),
  { numRuns: 2_000, seed: 4711 },
) as readonly unknown[];

const OWN: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\ude00\ud83d',
  '\u202e\u200b\ufeff',
  'a'.repeat(10_001),
  '👩‍👩‍👧‍👦'.repeat(500),
  0,
  -0,
  -1,
  0.1 + 0.2,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
  [],
  [[]],
  {},
  { length: 1e9 },
  { toString: 'x', valueOf: 'y' },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  nested(200),
  '2018-02-31T10:00',
  '0000-00-00T00:00',
  '9999-12-31T23:59:59.999',
  '2018-07-20T15:00Z',
  'https://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  '../../../etc/passwd',
  '${jndi:ldap://example.test/a}',
  "'; DROP TABLE events; --",
  '<script>alert(1)</script>',
  'data:image/png;base64,AAAA',
  'undefined',
  'NaN',
];

/** A value that programs stumble over, of any kind that JSON knows. */
export function edgeValue(draw: Draw): unknown {
  return draw.pick(draw.chance(0.4) ? OWN : FROM_FAST_CHECK);
}

export function edgeString(draw: Draw): string {
  const value = edgeValue(draw);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function nested(depth: number): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);
}
