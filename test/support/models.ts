import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './server';

export interface GoldenExample {
  readonly note: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A version as it lies in `models/`. */
export interface VersionOnDisk {
  readonly model: string;
  readonly version: string;
  readonly task: string;
  /** How far an answer may be from its golden example. */
  readonly tolerance: number;
  readonly examples: readonly GoldenExample[];
  readonly read: (file: string) => Buffer;
}

/** Every version of every shipped model. */
export function listVersionsOnDisk(): VersionOnDisk[] {
  const models = path.join(ROOT, 'models');
  const manifests = readdirSync(models, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.split(path.sep).length === 3 && path.basename(file) === 'manifest.json',
  );
  return manifests.sort().map((file) => {
    const folder = path.join(models, path.dirname(file));
    const read = (name: string): Buffer => readFileSync(path.join(folder, name));
    const { model, version, task, golden } = JSON.parse(read('manifest.json').toString()) as Manifest;
    const { examples } = JSON.parse(read(golden.file).toString()) as { examples: GoldenExample[] };
    return { model, version, task, tolerance: golden.tolerance, examples, read };
  });
}

interface Manifest {
  readonly model: string;
  readonly version: string;
  readonly task: string;
  readonly golden: { readonly file: string; readonly tolerance: number };
}
