import { readConfig } from '../../../src/config';
import { limitsOf } from '../../../src/server/limits';

describe('the limits that clients are told', () => {
  it('are those of the settings, and those of the inputs', () => {
    expect(limitsOf({ maxBodyBytes: 5, maxImagePixels: 6, maxQueryCost: 7 })).toMatchObject({
      maxBodyBytes: 5,
      maxImagePixels: 6,
      maxQueryCost: 7,
      maxTextCharacters: 10_000,
      maxListItems: 100,
    });
  });

  it('allow a full list with the reasons of each item', () => {
    const { maxQueryCost, maxListItems } = limitsOf(readConfig({}));
    expect(maxQueryCost).toBeGreaterThanOrEqual(2 * maxListItems);
  });
});
