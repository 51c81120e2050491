import { limitsOf } from '../../../src/server/limits';

describe('the limits that clients are told', () => {
  it('are those of the settings, and those of the inputs', () => {
    expect(limitsOf({ maxBodyBytes: 5, maxImagePixels: 6 })).toMatchObject({
      maxBodyBytes: 5,
      maxImagePixels: 6,
      maxTextCharacters: 10_000,
      maxListItems: 100,
    });
  });

  it('allow a full list with the reasons of each item', () => {
    const { maxQueryCost, maxListItems } = limitsOf({ maxBodyBytes: 1, maxImagePixels: 1 });
    expect(maxQueryCost).toBeGreaterThanOrEqual(2 * maxListItems);
  });
});
