import type { Signature, TensorSignature } from '../engines/engine';
import type { Manifest } from './manifest';
import { VersionError } from './version-error';

/** Throws an Error unless the graph's inputs and outputs are those that the manifest describes. */
export function checkSignature(manifest: Pick<Manifest, 'inputs' | 'outputs'>, actual: Signature): void {
  for (const side of ['inputs', 'outputs'] as const) {
    const expected = manifest[side].map(describe).sort();
    const found = actual[side].map(describe).sort();
    if (expected.join() !== found.join())
      throw new VersionError(
        'SIGNATURE_MISMATCH',
        `The ${side} of model.onnx are ${found.join(', ') || 'none'}; the manifest says ${expected.join(', ')}.`,
      );
  }
}

/** Names of free dimensions are the exporter's choice, so only fixed sizes are compared. */
function describe({ name, type, shape }: TensorSignature): string {
  const sizes = shape.map((size) => (typeof size === 'number' && size > 0 ? String(size) : '?'));
  return `${name}: ${type}[${sizes.join(', ')}]`;
}
