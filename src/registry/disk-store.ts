import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { toError } from '../errors';
import type { Logger } from '../observability/logger';
import { blockingChecksums, type Checksums } from './checksums';
import {
  goldenFileSchema,
  manifestSchema,
  modelFileSchema,
  parseJsonFile,
  VERSION_PATTERN,
  type Manifest,
} from './manifest';
import type { ModelStore, StoredModel, StoredVersion, VersionFolder } from './model-store';
import { asVersionError, VersionError } from './version-error';
import { readSmallFile } from './read-small-file';
import { watchFolder } from './watch-folder';

const MODEL_FILE = 'model.json';
const MANIFEST_FILE = 'manifest.json';
const GRAPH_FILE = 'model.onnx';

export interface DiskStoreOptions {
  /** `<folder>/<model>/model.json` and `<folder>/<model>/<version>/manifest.json`. */
  readonly folder: string;
  /** Where verified graphs are kept while they are in use. */
  readonly cacheFolder: string;
  /** Where the file system sends no notice, changes are looked for this often. Milliseconds. */
  readonly pollMs: number;
  readonly log: Logger;
  /** Reads and copies what is large. Left out: in the calling thread. */
  readonly checksums?: Checksums;
}

/** Models in a folder of this machine. */
export function createDiskStore(options: DiskStoreOptions): ModelStore {
  const { folder, cacheFolder, pollMs, log, checksums = blockingChecksums } = options;
  return {
    async list() {
      const names = await foldersIn(folder);
      const read = await Promise.all(names.map((name) => readModel(path.join(folder, name), name, log)));
      const found = read.filter((model) => model !== undefined);
      return {
        models: found.filter((model) => typeof model !== 'string'),
        unreadable: found.filter((model) => typeof model === 'string'),
      };
    },

    async open(model, version) {
      const versionFolder = path.join(folder, model, version);
      const manifest = await readManifest(versionFolder, { model, version });
      for (const [name, expected] of Object.entries(manifest.files))
        await verifyFile(versionFolder, name, expected, checksums);
      const keepModel = (): Promise<string> => keepGraph(versionFolder, manifest, { cacheFolder, checksums });
      return describeVersion(versionFolder, manifest, keepModel);
    },

    watch: (onChange) => watchFolder(folder, { onChange, pollMs, log }),

    async keepOnly(sha256s) {
      const kept = new Set([...sha256s].map((sha256) => `${sha256}.onnx`));
      const files = await readdir(cacheFolder).catch(() => []);
      // A copy that this process is making now is not there yet; those of others are left over from a kill.
      const stale = files.filter((file) => !kept.has(file) && !file.endsWith(`.${process.pid}.partial`));
      await Promise.all(stale.map((file) => rm(path.join(cacheFolder, file), { force: true })));
    },
  };
}

/** The model, its name alone if it cannot be read, or undefined for a folder that is no model: training code, schemas. */
async function readModel(folder: string, name: string, log: Logger): Promise<StoredModel | string | undefined> {
  try {
    const text = await readSmallFile(path.join(folder, MODEL_FILE), MODEL_FILE);
    const file = parseJsonFile(modelFileSchema, text, `${name}/${MODEL_FILE}`);
    if (file.name !== name) throw new Error(`${name}/${MODEL_FILE} is of model "${file.name}": rename one of them.`);
    const versions = (await foldersIn(folder)).filter((version) => VERSION_PATTERN.test(version));
    const folders = await Promise.all(
      versions.map((version) => readVersionFolder(path.join(folder, version), version)),
    );
    return { file, versions: folders.filter((each) => each !== undefined) };
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // One broken model must not hide the others.
    log.error({ model: name, error: toError(thrown) }, 'model cannot be read');
    return name;
  }
}

/** Undefined for a folder without files: nothing has been put there yet. */
async function readVersionFolder(folder: string, version: string): Promise<VersionFolder | undefined> {
  const files = await listFiles(folder);
  if (files.length === 0) return undefined;
  // The time of the last change of its inode tells of new rights as well as of new bytes.
  const lines = files.map(
    ({ name, stats }) => `${name} ${stats?.size ?? '?'} ${stats?.ctimeMs ?? '?'} ${stats?.ino ?? '?'}`,
  );
  const changedAt = Math.max(...files.map(({ stats }) => Math.max(stats?.mtimeMs ?? 0, stats?.ctimeMs ?? 0)));
  return { version, fingerprint: lines.sort().join('\n'), changedAt: new Date(changedAt) };
}

async function listFiles(folder: string): Promise<{ name: string; stats: Stats | undefined }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  // What cannot be listed is there all the same, and verifying it says what is wrong.
  if (!entries) return [{ name: '', stats: await stat(folder).catch(() => undefined) }];
  const files = entries.filter((entry) => !entry.isDirectory());
  return Promise.all(
    files.map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return { name: path.relative(folder, file), stats: await stat(file).catch(() => undefined) };
    }),
  );
}

async function readManifest(folder: string, expected: { model: string; version: string }): Promise<Manifest> {
  const text = await readSmallFile(path.join(folder, MANIFEST_FILE), MANIFEST_FILE).catch((error: unknown) => {
    throw unreadable(MANIFEST_FILE, error);
  });
  let manifest: Manifest;
  try {
    manifest = parseJsonFile(manifestSchema, text, MANIFEST_FILE);
  } catch (error) {
    throw asVersionError(error, 'MANIFEST_INVALID');
  }
  for (const key of ['model', 'version'] as const) {
    if (manifest[key] === expected[key]) continue;
    const said = `${MANIFEST_FILE} says ${key} "${manifest[key]}" but lies in the folder of "${expected[key]}".`;
    throw new VersionError('MANIFEST_INVALID', `${said} Rename the folder or correct the manifest.`);
  }
  return manifest;
}

interface ExpectedFile {
  readonly sha256: string;
  readonly bytes: number;
}

async function verifyFile(
  folder: string,
  name: string,
  { sha256, bytes }: ExpectedFile,
  checksums: Checksums,
): Promise<void> {
  try {
    const stats = await stat(path.join(folder, name));
    if (stats.isDirectory()) throw new VersionError('UNREADABLE', `${name} is a folder; expected was a file.`);
    const { size } = stats;
    if (size !== bytes)
      throw new VersionError('CHECKSUM_MISMATCH', `File ${name} has ${size} bytes; the manifest says ${bytes}.`);
    requireHash(name, await checksums.of(path.join(folder, name)), sha256);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function requireHash(name: string, found: string, expected: string): void {
  if (found === expected) return;
  const text = `File ${name} has the sha256 ${found}; the manifest says ${expected}.`;
  throw new VersionError('CHECKSUM_MISMATCH', `${text} Copy it again, or write a new manifest.`);
}

async function describeVersion(
  folder: string,
  manifest: Manifest,
  keepModel: () => Promise<string>,
): Promise<StoredVersion> {
  const read = async (name: string): Promise<Buffer> => {
    const listed = manifest.files[name];
    if (!listed)
      throw new VersionError('MANIFEST_INVALID', `File ${name} is not listed under "files" of ${MANIFEST_FILE}.`);
    const bytes = await readFile(path.join(folder, name)).catch((error: unknown) => {
      throw unreadable(name, error);
    });
    requireHash(name, createHash('sha256').update(bytes).digest('hex'), listed.sha256);
    return bytes;
  };
  const golden = await read(manifest.golden.file);
  try {
    const { examples } = parseJsonFile(goldenFileSchema, golden.toString(), manifest.golden.file);
    return { manifest, examples, readFile: read, keepModel };
  } catch (error) {
    throw asVersionError(error, 'MANIFEST_INVALID');
  }
}

/** Copies the graph under its checksum, and checks the copy: nobody else writes there. */
async function keepGraph(
  folder: string,
  manifest: Manifest,
  { cacheFolder, checksums }: { readonly cacheFolder: string; readonly checksums: Checksums },
): Promise<string> {
  const { sha256 } = manifest.files[GRAPH_FILE] as ExpectedFile;
  const kept = path.join(cacheFolder, `${sha256}.onnx`);
  const isThere = await checksums.of(kept).then(
    (hash) => hash === sha256,
    () => false,
  );
  if (isThere) return kept;
  const partial = `${kept}.${process.pid}.partial`;
  try {
    await mkdir(cacheFolder, { recursive: true });
    requireHash(GRAPH_FILE, await checksums.ofCopy(path.join(folder, GRAPH_FILE), partial), sha256);
    await rename(partial, kept);
    return kept;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw unreadable(GRAPH_FILE, error);
  }
}

/** What the file system said, without its paths. */
function unreadable(name: string, thrown: unknown): VersionError {
  if (thrown instanceof VersionError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  const cause = { cause: thrown };
  if (code === 'ENOENT') return new VersionError('FILE_MISSING', `File ${name} is missing.`, cause);
  if (code === 'EACCES' || code === 'EPERM')
    return new VersionError('UNREADABLE', `File ${name} may not be read: give the server the right to.`, cause);
  if (code === 'EISDIR') return new VersionError('UNREADABLE', `${name} is a folder; expected was a file.`, cause);
  if (code === 'ELOOP') return new VersionError('UNREADABLE', `${name} is a link that leads to itself.`, cause);
  if (code === 'ENOSPC')
    return new VersionError('STORAGE_FULL', 'The disk of the data folder is full: the graph could not be kept.', cause);
  return new VersionError('UNREADABLE', `File ${name} cannot be read (${code ?? 'unknown reason'}).`, cause);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
}
