import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Caller } from '../../../src/context';
import { KeyFile, keyFileIn, type KeyGrant } from '../../../src/guards/key-file';
import { KeyRing } from '../../../src/guards/key-ring';
import { ROOT } from '../../support/compiled';
import { silentLog } from '../../support/silent-log';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';
import { until } from '../../support/until';

const grant: KeyGrant = { name: 'web', scopes: ['*'], limits: { subscriptions: 2 }, priority: 'interactive' };

let folder: TemporaryFolder;
let ring: KeyRing;
beforeEach(() => {
  folder = createTemporaryFolder();
});
afterEach(() => {
  ring.close();
  folder[Symbol.dispose]();
});

function change<Result>(work: (file: KeyFile) => Result): Result {
  const file = KeyFile.open(folder.path);
  try {
    return work(file);
  } finally {
    file.close();
  }
}

function create(more: Partial<KeyGrant> = {}): string {
  return change((file) => file.create({ ...grant, ...more }).key);
}

/** The caller, or why there is none. */
function find(key: string): Caller | string {
  try {
    return ring.find(key);
  } catch (error) {
    return (error as Error).message;
  }
}

const untilFound = (key: string) => until('the key opens', () => typeof find(key) === 'object');
const untilRefused = (key: string) => until('the key is refused', () => typeof find(key) === 'string');

describe('the keys of a running server', () => {
  it('tell who asks, by an id that a rotation leaves as it is', async () => {
    const key = create();
    ring = new KeyRing(folder.path, silentLog);
    expect(find(key)).toMatchObject({ name: 'web', scopes: ['*'], limits: { subscriptions: 2 } });
    const { id } = ring.find(key);
    const { key: second } = change((file) => file.rotate('web', { graceMs: 60_000 }));
    await untilFound(second);
    expect([ring.find(key).id, ring.find(second).id]).toEqual([id, id]);
  });

  it('are there as soon as the first is made, in a folder that had none', async () => {
    ring = new KeyRing(folder.path, silentLog);
    expect(ring.hasKeys).toBe(false);
    let told = 0;
    ring.onFirstKey(() => told++);
    using _left = ring.onFirstKey(() => told++);
    _left[Symbol.dispose]();
    const key = create();
    await untilFound(key);
    create({ name: 'second' });
    expect({ hasKeys: ring.hasKeys, told }).toEqual({ hasKeys: true, told: 1 });
  });

  it('stay needed when all are revoked, also after a restart', async () => {
    const key = create();
    ring = new KeyRing(folder.path, silentLog);
    change((file) => file.revoke('web'));
    await untilRefused(key);
    expect(ring.hasKeys).toBe(true);
    ring.close();
    ring = new KeyRing(folder.path, silentLog);
    expect(ring.hasKeys).toBe(true);
  });

  it('are all refused when their file is deleted, and what is made then opens', async () => {
    const key = create();
    ring = new KeyRing(folder.path, silentLog);
    rmSync(keyFileIn(folder.path));
    await untilRefused(key);
    expect(ring.hasKeys).toBe(true);
    const another = create();
    await untilFound(another);
    expect(find(key)).toBe('There is no such key.');
  });

  it('are those of the file that was put in the place of theirs', async () => {
    const key = create();
    ring = new KeyRing(folder.path, silentLog);
    using other = createTemporaryFolder();
    const file = KeyFile.open(other.path);
    const { key: another } = file.create(grant);
    file.close();
    renameSync(keyFileIn(other.path), keyFileIn(folder.path));
    await untilFound(another);
    expect(find(key)).toBe('There is no such key.');
  });

  it('hold as they were read last while the file cannot be read', async () => {
    const key = create();
    const errors: string[] = [];
    ring = new KeyRing(folder.path, {
      ...silentLog,
      error: (_fields: unknown, text: string) => errors.push(text),
    } as never);
    using other = createTemporaryFolder();
    const broken = `${other.path}/broken`;
    writeFileSync(broken, 'no keys at all'.repeat(500));
    renameSync(broken, keyFileIn(folder.path));
    await until('it is told', () => errors.length > 0);
    expect(find(key)).toMatchObject({ name: 'web' });
    expect(errors).toEqual(['keys cannot be read; those read last hold']);
  });

  it('that cannot be read at the start stop it', () => {
    writeFileSync(keyFileIn(folder.path), 'no keys at all'.repeat(500));
    ring = { close: () => undefined } as never;
    expect(() => new KeyRing(folder.path, silentLog)).toThrow(/^The keys in the data folder cannot be read/);
  });
});

describe('the command line', () => {
  it('is not kept out by a server that looks while it writes', async () => {
    create({ name: 'first' });
    // A server in a process of its own: locks of one process do not keep out itself.
    const server = spawn(process.execPath, ['--eval', WATCH, folder.path], { cwd: ROOT, stdio: 'pipe' });
    await once(server.stdout, 'data');
    const keys = Array.from({ length: 20 }, (_, index) => create({ name: `key-${index}` }));
    ring = new KeyRing(folder.path, silentLog);
    for (const key of keys) expect(find(key)).toMatchObject({ scopes: ['*'] });
    server.kill();
    await once(server, 'exit');
  });
});

/** Looks without a pause, so that it meets every lock. */
const WATCH = `
  const { KeyFile, keyFileIn } = require('./dist/guards/key-file.js');
  console.log('looking');
  setInterval(() => {
    try { KeyFile.read(keyFileIn(process.argv[1])); } catch {}
  }, 0);`;

describe('whoever came with a key', () => {
  it('is told once when it is revoked, with why', async () => {
    const key = create();
    ring = new KeyRing(folder.path, silentLog);
    const told: string[] = [];
    ring.find(key).onEnd?.(({ code, message }) => told.push(`${code}: ${message}`));
    const left = ring.find(key).onEnd?.(() => told.push('left'));
    left?.[Symbol.dispose]();
    change((file) => file.revoke('web'));
    await until('it is told', () => told.length > 0);
    await untilRefused(key);
    expect(told).toEqual(['UNAUTHENTICATED: The key is revoked.']);
  });

  it('is told when the grace of a rotation is over, and whoever has the new key is not', async () => {
    const key = create();
    const { key: second } = change((file) => file.rotate('web', { graceMs: 600 }));
    ring = new KeyRing(folder.path, silentLog);
    const told: string[] = [];
    ring.find(second).onEnd?.(() => told.push('new'));
    ring.find(key).onEnd?.(({ message }) => told.push(message));
    await until('it is told', () => told.length > 0);
    expect(told).toEqual(['The key was rotated: use the one in its place.']);
  });

  it('is told at once where the key has ended between', async () => {
    const key = create({ expiresAt: new Date(Date.now() + 300) });
    ring = new KeyRing(folder.path, silentLog);
    const caller = ring.find(key);
    await untilRefused(key);
    const told: string[] = [];
    caller.onEnd?.(({ message }) => told.push(message));
    expect(told).toEqual(['The key has expired.']);
  });
});
