import { createHash } from 'node:crypto';
import type { Manifest } from '../../src/registry/manifest';
import { createManifest } from './ready-version';

/** Files of a version by their names. */
export type VersionFiles = Readonly<Record<string, Buffer>>;

const EXAMPLES = [{ note: 'the only one', input: { amount: 1 }, outputs: { y: [2, 2] } }];

/** The files of a version that is sound, with a manifest that has their checksums. */
export function createVersionFiles(changes: Partial<Manifest> = {}, others: VersionFiles = {}): VersionFiles {
  const files: VersionFiles = {
    'model.onnx': Buffer.from(`graph of version ${changes.version ?? '1'}`),
    'golden.json': Buffer.from(JSON.stringify({ examples: EXAMPLES })),
    ...others,
  };
  const listed = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, { sha256: sha256Of(bytes), bytes: bytes.length }]),
  );
  const manifest = createManifest({ files: listed, ...changes });
  return { ...files, 'manifest.json': Buffer.from(JSON.stringify(manifest)) };
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
