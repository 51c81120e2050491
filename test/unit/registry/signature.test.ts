import type { Signature } from '../../../src/engines/engine';
import { checkSignature } from '../../../src/registry/signature';

const MANIFEST = {
  inputs: [
    { name: 'ids', type: 'int64', shape: ['batch', 'tokens'] },
    { name: 'mask', type: 'int64', shape: ['batch', 'tokens'] },
  ],
  outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 2] }],
};

function found(changes: Partial<Signature> = {}): Signature {
  return { inputs: MANIFEST.inputs, outputs: MANIFEST.outputs, ...changes };
}

describe('the signature of a graph', () => {
  it('fits a manifest that describes it, whatever its free dimensions are called', () => {
    checkSignature(MANIFEST, found());
    const outputs = [{ name: 'probabilities', type: 'float32', shape: ['N', 2] }];
    checkSignature(MANIFEST, found({ outputs }));
    checkSignature(MANIFEST, found({ outputs: [{ name: 'probabilities', type: 'float32', shape: [-1, 2] }] }));
  });

  it('may have its inputs in another order: they are found by name', () => {
    checkSignature(MANIFEST, found({ inputs: [...MANIFEST.inputs].reverse() }));
  });

  it.each<[string, Partial<Signature>]>([
    ['another name', { outputs: [{ name: 'logits', type: 'float32', shape: ['batch', 2] }] }],
    ['another type', { outputs: [{ name: 'probabilities', type: 'float16', shape: ['batch', 2] }] }],
    ['another size', { outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 3] }] }],
    ['a fixed size instead of a free one', { outputs: [{ name: 'probabilities', type: 'float32', shape: [1, 2] }] }],
    [
      'a free size instead of a fixed one',
      { outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 'n'] }] },
    ],
    ['another number of dimensions', { outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch'] }] }],
    ['an input less', { inputs: MANIFEST.inputs.slice(0, 1) }],
    ['an input more', { inputs: [...MANIFEST.inputs, { name: 'types', type: 'int64', shape: ['batch'] }] }],
    ['no outputs', { outputs: [] }],
  ])('does not fit with %s, and both are told', (_, changes) => {
    const check = (): void => checkSignature(MANIFEST, found(changes));
    expect(check).toThrow(/^The (inputs|outputs) of model.onnx are .*; the manifest says .*\.$/);
  });

  it('is told in the words of the manifest', () => {
    const outputs = [{ name: 'logits', type: 'float32', shape: ['batch', 3] }];
    expect(() => checkSignature(MANIFEST, found({ outputs }))).toThrow(
      'The outputs of model.onnx are logits: float32[?, 3]; the manifest says probabilities: float32[?, 2].',
    );
  });
});
