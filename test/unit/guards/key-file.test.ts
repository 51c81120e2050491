import { readFileSync, writeFileSync } from 'node:fs';
import { hashApiKey } from '../../../src/guards/api-key';
import { KeyFile, keyFileIn, readSignature, type KeyGrant } from '../../../src/guards/key-file';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';

const grant: KeyGrant = {
  name: 'web',
  scopes: ['predict:sentiment', 'models:read'],
  limits: { requestsPerSecond: 2.5, subscriptions: 3 },
  priority: 'bulk',
  expiresAt: new Date('2099-01-01T00:00:00Z'),
};

let folder: TemporaryFolder;
let file: KeyFile;
beforeEach(() => {
  folder = createTemporaryFolder();
  file = KeyFile.open(folder.path);
});
afterEach(() => {
  file.close();
  folder[Symbol.dispose]();
});

describe('the file of keys', () => {
  it('gives back what was put in, to whoever opens it next', () => {
    const { key, stored } = file.create(grant);
    const other = KeyFile.open(folder.path);
    expect(other.list()).toEqual([
      { ...stored, ...grant, hash: hashApiKey(key), previous: undefined, revokedAt: undefined },
    ]);
    other.close();
  });

  it('holds no key, only what cannot be turned back', () => {
    const { key } = file.create(grant);
    const secret = key.slice(17);
    expect(readFileSync(keyFileIn(folder.path)).includes(secret)).toBe(false);
  });

  it('refuses a name that is taken, until its key is revoked', () => {
    file.create(grant);
    expect(() => file.create(grant)).toThrow('There is a key "web" already.');
    file.revoke('web');
    file.create(grant);
    expect(file.list().map(({ revokedAt }) => revokedAt !== undefined)).toEqual([true, false]);
  });

  it('revokes by id as well as by name', () => {
    const { stored } = file.create(grant);
    file.revoke(stored.id);
    expect(file.list()[0]?.revokedAt).toBeInstanceOf(Date);
  });

  it('says which keys there are where one is not', () => {
    expect(() => file.revoke('app')).toThrow('There is no key "app" that is not revoked. There is none.');
    file.create(grant);
    expect(() => file.rotate('app', { graceMs: 0 })).toThrow('There are web.');
  });

  it('keeps everything but the secret when a key is rotated, and the former hash for its grace', () => {
    const { key: former, stored } = file.create(grant);
    const { key } = file.rotate('web', { graceMs: 60_000 });
    expect(key).not.toBe(former);
    const [rotated] = file.list();
    expect(rotated).toMatchObject({ ...stored, hash: hashApiKey(key), previous: { hash: hashApiKey(former) } });
    const leftMs = Number(rotated?.previous?.until) - Date.now();
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });

  it('shows every change by another signature', () => {
    const path = keyFileIn(folder.path);
    const signatures = [readSignature(path)];
    expect(readSignature(path)).toBe(signatures[0]);
    file.create(grant);
    signatures.push(readSignature(path));
    file.rotate('web', { graceMs: 0 });
    signatures.push(readSignature(path));
    file.revoke('web');
    signatures.push(readSignature(path), readSignature(`${path}-none`));
    expect(new Set(signatures).size).toBe(5);
  });

  it('is not changed by who opens it', () => {
    const before = readSignature(keyFileIn(folder.path));
    KeyFile.open(folder.path).close();
    KeyFile.read(keyFileIn(folder.path));
    expect(readSignature(keyFileIn(folder.path))).toBe(before);
  });

  it('is empty where it was begun and never written', () => {
    using empty = createTemporaryFolder();
    writeFileSync(keyFileIn(empty.path), '');
    expect(KeyFile.read(keyFileIn(empty.path))).toEqual([]);
  });

  it('that is none is refused with the cure', () => {
    using other = createTemporaryFolder();
    writeFileSync(keyFileIn(other.path), 'nothing of the kind'.repeat(100));
    expect(() => KeyFile.open(other.path)).toThrow(/^The keys cannot be opened: .*Set PREDICTQL_DATA_DIR/);
  });
});
