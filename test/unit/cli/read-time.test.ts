import { readDuration, readMoment } from '../../../src/cli/read-time';

describe('a length of time', () => {
  it.each([
    ['0', 0],
    ['45s', 45_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['90d', 7_776_000_000],
  ])('%s', (text, expected) => {
    expect(readDuration(text)).toBe(expected);
  });

  it.each(['', '5', 'h', '-1h', '1.5h', '1w', '1 h', '9999999d'])('is not %p', (text) => {
    expect(() => readDuration(text)).toThrow(/^Expected a length of time/);
  });
});

describe('a moment to come', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');

  it.each([
    ['1h', '2026-11-24T13:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31T18:00+02:00', '2027-01-31T16:00:00.000Z'],
  ])('is %s', (text, expected) => {
    expect(readMoment(text, now).toISOString()).toBe(expected);
  });

  it.each([
    ['2026-11-24', /is past/],
    ['0', /is past/],
    ['2027-13-01', /no date/],
    ['31.1.2027', /length of time/],
  ])('is not %s', (text, message) => {
    expect(() => readMoment(text, now)).toThrow(message);
  });
});
