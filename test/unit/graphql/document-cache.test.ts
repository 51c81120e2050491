import { createHash } from 'node:crypto';
import { parse, type DocumentNode } from 'graphql';
import { DocumentCache } from '../../../src/graphql/document-cache';

const [TEXT, OTHER] = ['{ viewer { name } }', '{ viewer { scopes } }'];

/** As Apollo Server makes it of a text. */
function keyOf(text: string): string {
  return `schema:${createHash('sha256').update(text).digest('hex')}`;
}

describe('documents that were valid before', () => {
  it('are found by their text, and by the hash of it as Apollo Server asks', async () => {
    const documents = new DocumentCache();
    const [one, two] = [parse(TEXT), parse(OTHER)];
    documents.keep(TEXT, one);
    await documents.store.set(keyOf(OTHER), two);
    expect(documents.find(OTHER)).toBe(two);
    expect(await documents.store.get(keyOf(TEXT))).toBe(one);
    expect(documents.find('{ others }')).toBeUndefined();
    expect([documents.hits, documents.misses]).toEqual([2, 1]);
  });

  it('are given up where they are too many, those first that were not asked for longest', () => {
    const documents = new DocumentCache();
    const texts = Array.from({ length: 2_000 }, (_, index) => `{ viewer { ${'name '.repeat(50)} a${index}: name } }`);
    const [first, second] = texts as [string, string];
    const bytes = texts.map((text): number => {
      const document: DocumentNode = parse(text);
      documents.keep(text, document);
      expect(documents.find(first)).toBeDefined();
      return JSON.stringify(document).length;
    });
    expect(documents.find(second)).toBeUndefined();
    const kept = texts.map((text, index) => (documents.find(text) ? (bytes[index] as number) : 0));
    const keptBytes = kept.reduce((sum, each) => sum + each, 0);
    expect(keptBytes).toBeLessThanOrEqual(8 * 2 ** 20);
    expect(keptBytes).toBeGreaterThan(7 * 2 ** 20);
  });
});
