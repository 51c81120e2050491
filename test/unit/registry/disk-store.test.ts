import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createDiskStore } from '../../../src/registry/disk-store';
import type { ModelStore } from '../../../src/registry/model-store';
import { rejection } from '../../support/deferred';
import { createRecordingLog, type LogEntry } from '../../support/silent-log';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';
import { createVersionFiles, sha256Of } from '../../support/version-folder';

const MODEL_FILE = JSON.stringify({ name: 'm', task: 'fraud-score', description: 'A model.' });

let temporary: TemporaryFolder;
let folder: string;
let cacheFolder: string;
let store: ModelStore;
let logged: readonly LogEntry[];

beforeEach(() => {
  temporary = createTemporaryFolder();
  folder = path.join(temporary.path, 'models');
  cacheFolder = path.join(temporary.path, 'cache');
  const { log, entries } = createRecordingLog();
  logged = entries;
  store = createDiskStore({ folder, cacheFolder, pollMs: 50, log });
  write('m/model.json', MODEL_FILE);
});
afterEach(() => temporary[Symbol.dispose]());

function write(name: string, content: string | Buffer): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function writeVersion(version = '1'): void {
  for (const [name, bytes] of Object.entries(createVersionFiles({ version }))) write(`m/${version}/${name}`, bytes);
}

describe('a folder of models', () => {
  it('is looked through without minding what is no model', async () => {
    write('README.md', 'text');
    write('training/train.py', 'code');
    write('m/notes.txt', 'text');
    write('m/.hidden/manifest.json', '{}');
    mkdirSync(path.join(folder, 'm/2'));
    writeVersion();
    const { models, unreadable } = await store.list();
    expect(unreadable).toEqual([]);
    expect(models.map(({ file, versions }) => [file.name, versions.map(({ version }) => version)])).toEqual([
      ['m', ['1']],
    ]);
    expect(logged).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['a key that is not known', JSON.stringify({ name: 'n', task: 'sentiment', description: '', colour: 'red' })],
    ['the name of another', MODEL_FILE],
  ])('names a model that cannot be read, says why in the log, and lists the others: %s', async (_, content) => {
    write('n/model.json', content);
    const { models, unreadable } = await store.list();
    expect(models.map(({ file }) => file.name)).toEqual(['m']);
    expect(unreadable).toEqual(['n']);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ model: 'n', msg: 'model cannot be read' });
  });

  it('may hold versions by links', async () => {
    writeVersion();
    renameSync(path.join(folder, 'm/1'), path.join(temporary.path, 'elsewhere'));
    symlinkSync(path.join(temporary.path, 'elsewhere'), path.join(folder, 'm/1'));
    await expect(store.open('m', '1')).resolves.toMatchObject({ manifest: { version: '1' } });
    expect((await store.list()).models[0]?.versions.map(({ version }) => version)).toEqual(['1']);
  });

  it('cannot be listed where it is not there', async () => {
    rmSync(folder, { recursive: true });
    await expect(store.list()).rejects.toThrow('ENOENT');
  });
});

describe('what stands in the place of a file', () => {
  beforeEach(() => {
    writeVersion();
    rmSync(path.join(folder, 'm/1/manifest.json'));
  });

  it('is refused where it is a folder', async () => {
    mkdirSync(path.join(folder, 'm/1/manifest.json'));
    expect(await rejection(store.open('m', '1'))).toMatchObject({ code: 'UNREADABLE' });
  });

  it('is refused where it is a link that leads to itself', async () => {
    symlinkSync('manifest.json', path.join(folder, 'm/1/manifest.json'));
    expect(await rejection(store.open('m', '1'))).toMatchObject({ code: 'UNREADABLE' });
  });

  it('is refused where it is a pipe, instead of being waited for', async () => {
    execFileSync('mkfifo', [path.join(folder, 'm/1/manifest.json')]);
    expect(await rejection(store.open('m', '1'))).toMatchObject({ code: 'UNREADABLE' });
  });

  it('is refused where it is far larger than any manifest', async () => {
    write('m/1/manifest.json', Buffer.alloc(16 * 2 ** 20 + 1, ' '));
    expect(await rejection(store.open('m', '1'))).toMatchObject({ code: 'MANIFEST_INVALID' });
  });
});

describe('the graphs that are kept', () => {
  it('are made whole before they have their name, and leave nothing half done behind', async () => {
    writeVersion();
    await (await store.open('m', '1')).keepModel();
    const { 'model.onnx': graph } = createVersionFiles({ version: '1' });
    expect(readdirSync(cacheFolder)).toEqual([`${sha256Of(graph!)}.onnx`]);
  });

  it('are made anew where the copy was spoilt', async () => {
    writeVersion();
    const version = await store.open('m', '1');
    const kept = await version.keepModel();
    writeFileSync(kept, 'spoilt');
    await version.keepModel();
    const { 'model.onnx': graph } = createVersionFiles({ version: '1' });
    expect(sha256Of(await version.readFile('model.onnx'))).toBe(sha256Of(graph!));
  });

  it('lose what a server that was killed left half done', async () => {
    mkdirSync(cacheFolder);
    const left = path.join(cacheFolder, `${'0'.repeat(64)}.onnx.1.partial`);
    writeFileSync(left, 'half');
    await store.keepOnly(new Set());
    expect(existsSync(left)).toBe(false);
  });
});

describe('watching', () => {
  it('tells of a version that appears, until nobody watches any more', async () => {
    const told = { times: 0, tell: (): void => undefined };
    const stop = await store.watch!(() => {
      told.times++;
      told.tell();
    });
    const next = new Promise<void>((resolve) => {
      told.tell = resolve;
    });
    writeVersion('2');
    await next;
    await stop();
    const before = told.times;
    writeVersion('3');
    await store.list();
    expect(told.times).toBe(before);
  });
});
