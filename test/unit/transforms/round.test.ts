import { roundMs, roundProbability } from '../../../src/transforms/round';

it.each([
  [Math.fround(0.9364), 0.9364],
  [Math.fround(1 / 3), 0.333333],
  [1e-8, 0],
  [1, 1],
  [-0.123_456_7, -0.123457],
])('rounds the probability %d to %d', (value, expected) => {
  expect(roundProbability(value)).toBe(expected);
});

it('lets what is no number stay none, so that nobody takes it for an answer', () => {
  expect(roundProbability(NaN)).toBeNaN();
});

it('rounds times to the microsecond', () => {
  expect(roundMs(12.345_678_9)).toBe(12.346);
});
