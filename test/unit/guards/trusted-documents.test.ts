import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'graphql';
import { TrustedDocuments } from '../../../src/guards/trusted-documents';
import { ROOT } from '../../support/server';
import { createTemporaryFolder } from '../../support/temporary-folder';

const TEXT = '{ viewer { name } }';
const HASH = createHash('sha256').update(TEXT).digest('hex');

function read(manifest: string): TrustedDocuments {
  using folder = createTemporaryFolder();
  const file = path.join(folder.path, 'documents.json');
  writeFileSync(file, manifest);
  return TrustedDocuments.read(file);
}

describe('trusted documents', () => {
  it('are those of the manifest, by their text and by its hash', () => {
    const trusted = read(JSON.stringify({ [`sha256:${HASH}`]: TEXT }));
    expect(trusted.textOf({ sha256Hash: HASH })).toBe(TEXT);
    const document = parse(TEXT);
    for (let time = 0; time < 2; time++) expect(() => trusted.check(document)).not.toThrow();
    expect(trusted.textOf({ sha256Hash: 'b' })).toBeUndefined();
    expect(trusted.textOf({ sha256Hash: 4711 })).toBeUndefined();
    expect(trusted.textOf(undefined)).toBeUndefined();
    const other = parse('{ viewer { name scopes } }');
    for (let time = 0; time < 2; time++)
      expect(() => trusted.check(other)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  it('can be what the client of this project is generated with', () => {
    expect(() => TrustedDocuments.read(path.join(ROOT, 'src/client/generated/persisted-documents.json'))).not.toThrow();
  });

  it.each([
    ['that is no JSON', '{', /documents\.json is no manifest/],
    ['with a hash of another text', JSON.stringify({ [`sha256:${HASH}`]: '{ models { name } }' }), /is not the hash/],
    ['with what is no text', JSON.stringify({ [`sha256:${HASH}`]: 1 }), /is not the hash of its text/],
  ])('are not read from a manifest %s, and why is said', (_what, manifest, says) => {
    expect(() => read(manifest)).toThrow(says);
  });
});
