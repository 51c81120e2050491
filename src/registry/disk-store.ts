import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toError } from '../errors';
import type { Logger } from '../observability/logger';
import {
  goldenFileSchema,
  manifestSchema,
  modelFileSchema,
  parseJsonFile,
  VERSION_PATTERN,
  type Manifest,
} from './manifest';
import type { ModelStore, StoredModel, StoredVersion } from './model-store';

const MODEL_FILE = 'model.json';
const MANIFEST_FILE = 'manifest.json';

/** Models in a folder: `<folder>/<model>/model.json` and `<folder>/<model>/<version>/manifest.json`. */
export function createDiskStore({ folder, log }: { readonly folder: string; readonly log: Logger }): ModelStore {
  return {
    async list() {
      const models = await Promise.all((await foldersIn(folder)).map((name) => readModel(folder, name, log)));
      return models.filter((model) => model !== undefined);
    },

    async open(model, version) {
      const versionFolder = path.join(folder, model, version);
      const manifest = await readManifest(versionFolder, { model, version });
      for (const [name, expected] of Object.entries(manifest.files)) await verifyFile(versionFolder, name, expected);
      return describeVersion(versionFolder, manifest);
    },
  };
}

async function readModel(folder: string, name: string, log: Logger): Promise<StoredModel | undefined> {
  const file = path.join(folder, name, MODEL_FILE);
  if (!(await exists(file))) return undefined;
  try {
    const modelFile = parseJsonFile(modelFileSchema, await readFile(file, 'utf8'), `${name}/${MODEL_FILE}`);
    if (modelFile.name !== name) throw new Error(`${name}/${MODEL_FILE} is of model "${modelFile.name}": rename one.`);
    const versions: string[] = [];
    for (const version of await foldersIn(path.join(folder, name))) {
      const isVersion =
        VERSION_PATTERN.test(version) && (await exists(path.join(folder, name, version, MANIFEST_FILE)));
      if (isVersion) versions.push(version);
    }
    return { file: modelFile, versions };
  } catch (thrown) {
    // One broken model must not hide the others.
    log.error({ model: name, error: toError(thrown) }, 'model skipped');
    return undefined;
  }
}

async function readManifest(folder: string, expected: { model: string; version: string }): Promise<Manifest> {
  const manifest = parseJsonFile(
    manifestSchema,
    await readFile(path.join(folder, MANIFEST_FILE), 'utf8'),
    MANIFEST_FILE,
  );
  for (const key of ['model', 'version'] as const) {
    if (manifest[key] !== expected[key])
      throw new Error(`${MANIFEST_FILE} says ${key} "${manifest[key]}" but lies in the folder of "${expected[key]}".`);
  }
  return manifest;
}

async function verifyFile(
  folder: string,
  name: string,
  expected: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  const file = path.join(folder, name);
  const size = await stat(file).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size === undefined) throw new Error(`File ${name} is missing.`);
  if (size !== expected.bytes) throw new Error(`File ${name} has ${size} bytes; the manifest says ${expected.bytes}.`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== expected.sha256)
    throw new Error(`File ${name} has the sha256 ${sha256}; the manifest says ${expected.sha256}.`);
}

async function describeVersion(folder: string, manifest: Manifest): Promise<StoredVersion> {
  const read = (name: string): Promise<Buffer> => {
    // What the manifest does not list was not verified.
    if (!(name in manifest.files)) throw new Error(`File ${name} is not listed under "files" of ${MANIFEST_FILE}.`);
    return readFile(path.join(folder, name));
  };
  const golden = parseJsonFile(goldenFileSchema, (await read(manifest.golden.file)).toString(), manifest.golden.file);
  return { manifest, examples: golden.examples, modelPath: path.resolve(folder, 'model.onnx'), readFile: read };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
