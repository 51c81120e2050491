import { createApiKey, createKeyId, hashApiKey, parseApiKey } from '../../../src/guards/api-key';

describe('an API key', () => {
  it('is told by its prefix, and holds the id under which it is found', () => {
    const id = createKeyId();
    const key = createApiKey(id);
    expect(key).toMatch(/^pql_[0-9A-Za-z]{12}_[0-9A-Za-z]{50}$/);
    expect(parseApiKey(key)).toEqual({ kind: 'key', id });
  });

  it('is never made twice', () => {
    const keys = Array.from({ length: 1_000 }, () => createApiKey('AAAAAAAAAAAA'));
    expect(new Set(keys).size).toBe(1_000);
  });

  it('is misspelt when any one character is another', () => {
    const key = createApiKey(createKeyId());
    for (let place = 'pql_'.length; place < key.length; place++) {
      const other = key[place] === 'x' ? 'y' : 'x';
      expect(parseApiKey(key.slice(0, place) + other + key.slice(place + 1)).kind).toBe('misspelt');
    }
  });

  it.each(['pql_', 'pql_AAAAAAAAAAAA', 'pql_AAAAAAAAAAAA_BBBB', 'pql_é'])('is misspelt as %s', (text) => {
    expect(parseApiKey(text).kind).toBe('misspelt');
  });

  it.each(['', 'sesame', 'PQL_x', 'e30.e30.e30'])('is not what %p is', (text) => {
    expect(parseApiKey(text).kind).toBe('other');
  });

  it('is stored as its SHA-256', () => {
    expect(hashApiKey('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
