import type { Manifest } from '../../src/registry/manifest';
import { ModelVersion, type Servable } from '../../src/registry/model-version';

/** A manifest that fits its schema; what a test cares about is given. */
export function createManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    manifest: 1,
    model: 'm',
    version: '1',
    task: 'fraud-score',
    createdAt: '2026-11-23T20:00:00Z',
    files: {
      'model.onnx': { sha256: '0'.repeat(64), bytes: 1 },
      'golden.json': { sha256: '0'.repeat(64), bytes: 1 },
    },
    inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['batch', 2] }],
    preprocessing: { kind: 'features', order: ['amount', 'night'], usual: [1, 0] },
    postprocessing: { threshold: 0.5, levels: { MEDIUM: 0.1 } },
    batching: { maxBatchSize: 32 },
    golden: { file: 'golden.json', compare: 'probabilities', tolerance: 0.001 },
    card: { summary: '', intendedUse: '', limits: '', license: 'MIT', source: '', metrics: [] },
    ...changes,
  };
}

/** A version that has passed all gates. */
export function createReadyVersion(changes: Partial<Manifest> = {}, assets?: unknown): ModelVersion {
  const manifest = createManifest(changes);
  const version = new ModelVersion(manifest.model, manifest.version);
  const at = new Date(0);
  const golden = { examples: 1, passed: 1, worstDifference: 0, tolerance: 0.001, at };
  const servable: Servable = { manifest, assets, loadedAt: at, golden };
  for (const phase of ['verifying', 'loading', 'warming'] as const) version.move({ phase });
  version.move({ phase: 'ready', servable });
  return version;
}
