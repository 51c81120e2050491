import { goldenFileSchema, manifestSchema, modelFileSchema, parseJsonFile } from '../../../src/registry/manifest';
import { createManifest } from '../../support/ready-version';

const MANIFEST = createManifest();
const SHA256 = 'a'.repeat(64);

function faultOf(manifest: unknown): string {
  try {
    parseJsonFile(manifestSchema, JSON.stringify(manifest), 'manifest.json');
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('the manifest of a version', () => {
  it('is taken when it is complete', () => {
    expect(parseJsonFile(manifestSchema, JSON.stringify(MANIFEST), 'manifest.json')).toEqual(MANIFEST);
  });

  it.each([
    ['image', { kind: 'image', size: 224, cropFraction: 0.875, resize: 'bilinear', layout: 'NHWC', type: 'uint8' }],
    [
      'image by its usual crop',
      { kind: 'image', size: 224, cropFraction: 'size/(size+32)', resize: 'bilinear', layout: 'NHWC', type: 'uint8' },
    ],
    ['text', { kind: 'text', tokenizer: 'tokenizer.json', maxTokens: 256 }],
    ['features', { kind: 'features', order: ['amount'], usual: [1] }],
  ])('may have preprocessing for %s', (_, preprocessing) => {
    expect(faultOf({ ...MANIFEST, preprocessing })).toBe('');
  });

  it.each([
    ['labels in the manifest', { labels: ['NEGATIVE', 'POSITIVE'] }],
    ['labels in a file', { labels: 'labels.tsv' }],
    ['a threshold', { threshold: 0.24, levels: { MEDIUM: 0.03 } }],
  ])('may have postprocessing with %s', (_, postprocessing) => {
    expect(faultOf({ ...MANIFEST, postprocessing })).toBe('');
  });

  it.each([
    ['another form of manifest', { manifest: 2 }, 'manifest:'],
    ['a task that there is none of', { task: 'translate' }, 'task:'],
    ['a model name with capitals', { model: 'Fraud' }, 'model: expected small letters'],
    ['a version that is a way out', { version: '../1' }, 'version: expected letters'],
    ['a version that is a number', { version: 1 }, 'version:'],
    ['a time that is none', { createdAt: 'yesterday' }, 'createdAt:'],
    [
      'no model.onnx',
      { files: { 'golden.json': { sha256: SHA256, bytes: 1 } } },
      'files: expected an entry for model.onnx',
    ],
    [
      'a file outside its folder',
      { files: { ...MANIFEST.files, '../secret': { sha256: SHA256, bytes: 1 } } },
      'files.../secret',
    ],
    [
      'a file by its absolute path',
      { files: { ...MANIFEST.files, '/etc/passwd': { sha256: SHA256, bytes: 1 } } },
      'files./etc/passwd',
    ],
    [
      'a file by a way round',
      { files: { ...MANIFEST.files, 'a/../../b': { sha256: SHA256, bytes: 1 } } },
      'files.a/../../b',
    ],
    [
      'a checksum that is too short',
      { files: { 'model.onnx': { sha256: 'abc', bytes: 1 } } },
      'files.model.onnx.sha256',
    ],
    ['a size below nothing', { files: { 'model.onnx': { sha256: SHA256, bytes: -1 } } }, 'files.model.onnx.bytes'],
    ['no inputs', { inputs: [] }, 'inputs:'],
    ['a batch of nothing', { batching: { maxBatchSize: 0 } }, 'batching.maxBatchSize'],
    ['a tolerance of nothing', { golden: { ...MANIFEST.golden, tolerance: 0 } }, 'golden.tolerance'],
    ['another comparison', { golden: { ...MANIFEST.golden, compare: 'looks' } }, 'golden.compare'],
    ['a threshold above 1', { postprocessing: { threshold: 2, levels: { MEDIUM: 0.1 } } }, 'postprocessing.threshold'],
    [
      'a crop of nothing',
      {
        preprocessing: { kind: 'image', size: 224, cropFraction: 0, resize: 'bilinear', layout: 'NHWC', type: 'uint8' },
      },
      'preprocessing.cropFraction',
    ],
    [
      'another layout',
      {
        preprocessing: { kind: 'image', size: 224, cropFraction: 1, resize: 'bilinear', layout: 'NCHW', type: 'uint8' },
      },
      'preprocessing.layout',
    ],
    ['preprocessing of another kind', { preprocessing: { kind: 'sound' } }, 'preprocessing'],
  ])('is refused with %s, which it names', (_, changes, fault) => {
    expect(faultOf({ ...MANIFEST, ...changes })).toContain(fault);
  });

  it('is refused with a key that is not known, which it names: it is a mistake in writing', () => {
    expect(faultOf({ ...MANIFEST, thresold: 1 })).toContain('thresold');
    expect(faultOf({ ...MANIFEST, golden: { ...MANIFEST.golden, tolerence: 1 } })).toMatch(/golden: .*tolerence/);
  });

  it('is refused for all its faults at once', () => {
    const fault = faultOf({ ...MANIFEST, task: 'translate', createdAt: 1, inputs: [] });
    for (const key of ['task:', 'createdAt:', 'inputs:']) expect(fault).toContain(key);
  });

  it('is told by name where it is no JSON', () => {
    expect(() => parseJsonFile(manifestSchema, '{"manifest": 1,', 'manifest.json')).toThrow(
      /^manifest\.json is not valid JSON: /,
    );
    expect(() => parseJsonFile(manifestSchema, '[]', 'manifest.json')).toThrow(
      /^manifest\.json does not fit its schema\. the file: /,
    );
  });
});

describe('the file of a model', () => {
  it('has defaults for what it need not say', () => {
    const file = { name: 'spam', task: 'sentiment', description: 'Spam or not.' };
    expect(parseJsonFile(modelFileSchema, JSON.stringify(file), 'model.json')).toEqual({
      ...file,
      default: false,
      promotion: 'manual',
      keepLoaded: 3,
    });
  });

  it.each([
    ['a name that is a way out', { name: '../spam' }],
    ['nothing to keep loaded', { keepLoaded: 0 }],
    ['a policy that there is none of', { promotion: 'sometimes' }],
    ['a key that is not known', { keeploaded: 3 }],
  ])('is refused with %s', (_, changes) => {
    const file = { name: 'spam', task: 'sentiment', description: '', ...changes };
    expect(modelFileSchema.safeParse(file).success).toBe(false);
  });
});

describe('the file of golden examples', () => {
  it('holds at least one', () => {
    expect(goldenFileSchema.safeParse({ examples: [] }).success).toBe(false);
    expect(goldenFileSchema.safeParse({ examples: [{ note: '', input: {}, outputs: {} }] }).success).toBe(true);
  });
});
