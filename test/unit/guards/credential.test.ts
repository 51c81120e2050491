import { readCredential } from '../../../src/guards/credential';

const approach = (headers: Record<string, string[]>, connectionParams?: Record<string, unknown>) => ({
  headers,
  address: '127.0.0.1',
  connectionParams,
});

describe('the key a client came with', () => {
  it.each([
    [{}, undefined, undefined],
    [{ authorization: ['Bearer abc'] }, undefined, 'abc'],
    [{ authorization: ['BEARER   abc '] }, undefined, 'abc'],
    [{ 'x-api-key': ['abc'] }, undefined, 'abc'],
    [{ authorization: ['Bearer abc'], 'x-api-key': ['abc'] }, { apiKey: 'abc' }, 'abc'],
    [{}, { authorization: 'Bearer abc' }, 'abc'],
    [{}, { Authorization: 'Bearer abc' }, 'abc'],
    [{}, { 'X-API-Key': 'abc' }, 'abc'],
    [{}, { apiKey: 'abc', other: 'x' }, 'abc'],
  ])('is found: %j %j', (headers, params, expected) => {
    expect(readCredential(approach(headers as unknown as Record<string, string[]>, params))).toBe(expected);
  });

  it.each<[Record<string, string[]>, Record<string, unknown> | undefined, RegExp]>([
    [{ authorization: ['Bearer a', 'Bearer b'] }, undefined, /two different/],
    [{ 'x-api-key': ['a', 'b'] }, undefined, /two different/],
    [{ authorization: ['Bearer a'] }, { apiKey: 'b' }, /two different/],
    [{ authorization: ['abc'] }, undefined, /another kind than Bearer/],
    [{ authorization: [''] }, undefined, /another kind than Bearer/],
    [{ authorization: ['Bearer'] }, undefined, /empty/],
    [{ authorization: ['Bearer a b'] }, undefined, /not written right/],
    [{ 'x-api-key': ['ä'] }, undefined, /not written right/],
    [{}, { apiKey: 'x'.repeat(20_000) }, /not written right/],
    [{}, { apiKey: null }, /not a text/],
    [{}, { authorization: { toString: 'x' } }, /not a text/],
    [{}, { authorization: ['Bearer a'] }, /not a text/],
  ])('is refused where it is not clear: %j %j', (headers, params, message) => {
    expect(() => readCredential(approach(headers, params))).toThrow(message);
  });
});
