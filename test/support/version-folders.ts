import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './server';

/** Any JSON object. */
export type Json = Record<string, unknown>;

/** A models folder of its own with the real fraud detector; versions are made beside it and moved in whole. */
export class VersionFolders implements Disposable {
  /** Readable for other users too: servers under test run without the rights of root. */
  readonly root = openFolder(mkdtempSync(path.join(tmpdir(), 'predictql-versions-')));
  readonly models = openFolder(path.join(this.root, 'models'));
  readonly data = openFolder(path.join(this.root, 'data'), 0o777);
  private readonly workshop = openFolder(path.join(this.root, 'workshop'));

  /** @param versions which versions it begins with, each a copy of the shipped version 2 */
  constructor(versions: readonly string[] = ['1'], modelFile: Json = {}) {
    openFolder(path.join(this.models, MODEL));
    this.writeModelFile(modelFile);
    for (const version of versions) this.add(version);
  }

  /** Another shipped model, with all its versions. */
  addShipped(model: string): void {
    cpSync(path.join(ROOT, 'models', model), path.join(this.models, model), { recursive: true });
  }

  folder(version: string): string {
    return path.join(this.models, MODEL, version);
  }

  writeModelFile(changes: Json = {}): void {
    const shipped = readJson(path.join(SHIPPED, '..', 'model.json'));
    writeFileSync(path.join(this.models, MODEL, 'model.json'), JSON.stringify({ ...shipped, ...changes }));
  }

  /** Makes a version in the workshop: a copy of the shipped one, then changed. */
  make(version: string, change: (folder: string) => void = () => undefined): string {
    const folder = path.join(this.workshop, version);
    rmSync(folder, { recursive: true, force: true });
    cpSync(SHIPPED, folder, { recursive: true });
    changeManifest(folder, (manifest) => ({ ...manifest, version }));
    change(folder);
    return folder;
  }

  /** Drops a version in, in one move, in place of what may be there. */
  add(version: string, change?: (folder: string) => void): void {
    this.moveIn(this.make(version, change), version);
  }

  /** Drops a version in that was made before. */
  moveIn(made: string, version: string): void {
    const place = this.folder(version);
    if (existsSync(place)) renameSync(place, path.join(this.workshop, `old-${version}-${Date.now()}`));
    renameSync(made, place);
  }

  remove(version: string): void {
    rmSync(this.folder(version), { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    makeReadable(this.root);
    rmSync(this.root, { recursive: true, force: true });
  }
}

export const MODEL = 'fraud-detector';
const SHIPPED = path.join(ROOT, 'models', MODEL, '2');

export function changeManifest(folder: string, change: (manifest: Json) => unknown): void {
  const file = path.join(folder, 'manifest.json');
  writeFileSync(file, JSON.stringify(change(readJson(file))));
}

/** Puts a file in, and its true size and checksum into the manifest: nothing is wrong with the files then. */
export function putFile(folder: string, name: string, content: string | Uint8Array): void {
  writeFileSync(path.join(folder, name), content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const bytes = Buffer.byteLength(content);
  changeManifest(folder, (manifest) => ({
    ...manifest,
    files: { ...(manifest['files'] as Json), [name]: { sha256, bytes } },
  }));
}

export function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, 'utf8')) as Json;
}

function openFolder(folder: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, mode);
  return folder;
}

/** So that it can be removed by whoever made it. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (lstatSync(file).isDirectory()) makeReadable(file);
  }
}
