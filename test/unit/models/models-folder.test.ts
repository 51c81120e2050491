import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Ajv2020, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020';
import withFormats from 'ajv-formats';
import { InferenceSession } from 'onnxruntime-node';
import { goldenFileSchema, manifestSchema, modelFileSchema, type Manifest } from '../../../src/registry/manifest';

const MODELS = join(__dirname, '../../../models');
const MODEL_NAMES = foldersIn(MODELS).filter((name) => existsSync(join(MODELS, name, 'model.json')));
const MAX_BYTES_OF_ALL_MODELS = 64_000_000;
const MAX_BYTES_OF_A_GOLDEN_PICTURE = 60_000;

const ajv = withFormats(new Ajv2020({ allErrors: true, strictTuples: false }));
const fits = {
  model: compileSchema('model'),
  manifest: compileSchema('manifest'),
  golden: compileSchema('golden'),
};

const versions = MODEL_NAMES.flatMap((model) =>
  foldersIn(join(MODELS, model)).map((version) => ({ model, version, folder: join(MODELS, model, version) })),
);

describe('the shipped models', () => {
  it('weigh less than 64 MB together', () => {
    const bytes = filesUnder(MODELS).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(MAX_BYTES_OF_ALL_MODELS);
  });

  it.each(MODEL_NAMES)('%s: model.json fits its schema and its folder', (model) => {
    const content = readJson(join(MODELS, model, 'model.json'));
    expect(faultsOf(fits.model, content)).toEqual([]);
    expect(modelFileSchema.parse(content).name).toBe(model);
  });
});

describe.each(versions)('$model/$version', ({ model, version, folder }) => {
  const manifest = readJson(join(folder, 'manifest.json')) as Manifest;
  const golden = readJson(join(folder, 'golden.json')) as { examples: { input: { imageFile?: string } }[] };

  it('has a manifest that fits its schema, its folder and its model', () => {
    expect(faultsOf(fits.manifest, manifest)).toEqual([]);
    expect(manifestSchema.safeParse(manifest).error?.issues).toBeUndefined();
    const { task } = readJson(join(MODELS, model, 'model.json')) as { task: string };
    expect({ model: manifest.model, version: manifest.version, task: manifest.task }).toEqual({ model, version, task });
  });

  it('has golden examples that fit their schema', () => {
    expect(faultsOf(fits.golden, golden)).toEqual([]);
    expect(goldenFileSchema.safeParse(golden).error?.issues).toBeUndefined();
  });

  it('has every file the manifest lists, and no other, with its size and checksum', () => {
    const present = filesUnder(folder)
      .filter((file) => relative(folder, file) !== 'manifest.json')
      .map((file) => {
        const bytes = readFileSync(file);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return [relative(folder, file), { sha256, bytes: bytes.length }] as const;
      });
    expect(Object.fromEntries(present)).toEqual(manifest.files);
  });

  it('refers only to files the manifest lists', () => {
    const { preprocessing, postprocessing } = manifest;
    const referred = [
      manifest.golden.file,
      ...(preprocessing.kind === 'text' ? [preprocessing.tokenizer] : []),
      ...('labels' in postprocessing && typeof postprocessing.labels === 'string' ? [postprocessing.labels] : []),
      ...golden.examples.flatMap(({ input }) => input.imageFile ?? []),
    ];
    expect(Object.keys(manifest.files)).toEqual(expect.arrayContaining(referred));
  });

  it('has golden pictures of at most 60 KB', () => {
    const pictures = golden.examples.flatMap(({ input }) => input.imageFile ?? []);
    const tooLarge = pictures.filter((file) => statSync(join(folder, file)).size > MAX_BYTES_OF_A_GOLDEN_PICTURE);
    expect(tooLarge).toEqual([]);
  });

  it('has the inputs and outputs that its manifest says', async () => {
    const session = await InferenceSession.create(join(folder, 'model.onnx'));
    try {
      const { inputs, outputs } = manifest;
      expect({ inputs: session.inputMetadata.map(describeTensor), outputs: session.outputMetadata.map(describeTensor) }).toEqual(
        { inputs, outputs },
      );
    } finally {
      await session.release();
    }
  });

  it('says as many classes or features as its tensors have columns', () => {
    const { preprocessing, postprocessing } = manifest;
    if (preprocessing.kind === 'features') {
      expect(manifest.inputs[0]?.shape).toEqual(['batch', preprocessing.order.length]);
      expect(preprocessing.usual).toHaveLength(preprocessing.order.length);
    }
    if (preprocessing.kind === 'image') {
      expect(manifest.inputs[0]?.shape).toEqual(['batch', preprocessing.size, preprocessing.size, 3]);
    }
    if ('labels' in postprocessing) {
      expect(manifest.outputs[0]?.shape).toEqual(['batch', countLabels(folder, postprocessing.labels)]);
    }
  });
});

describe('the schemas', () => {
  const manifest = readJson(join(MODELS, 'fraud-detector/1/manifest.json')) as Manifest;

  it.each<[string, readonly (string | number)[], unknown, string]>([
    ['an unknown key', ['comment'], 'x', 'must NOT have additional properties (comment)'],
    ['an unknown key of the card', ['card', 'licence'], 'MIT', '/card must NOT have additional properties (licence)'],
    ['a missing key', ['card'], undefined, "must have required property 'card'"],
    ['a way out of the folder', ['golden', 'file'], '../golden.json', '/golden/file must match pattern'],
    ['a checksum that is none', ['files', 'model.onnx', 'sha256'], 'abc', '/files/model.onnx/sha256 must match pattern'],
    ['a transaction read as a picture', ['preprocessing', 'kind'], 'image', '/preprocessing/kind must be equal to constant'],
    ['a fixed batch size', ['inputs', 0, 'shape', 0], 1, '/inputs/0/shape/0 must be equal to constant'],
  ])('refuse %s', (_, path, value, fault) => {
    expect(faultsOf(fits.manifest, manifest)).toEqual([]);
    expect(faultsOf(fits.manifest, withValueAt(manifest, path, value))).toContainEqual(expect.stringContaining(fault));
  });
});

/** A copy of a JSON value with one place changed; undefined removes it. */
function withValueAt(json: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = Array.isArray(json) ? [...(json as unknown[])] : { ...(json as object) };
  const changed = withValueAt(Reflect.get(copy, key), rest, value);
  if (changed === undefined) Reflect.deleteProperty(copy, key);
  else Reflect.set(copy, key, changed);
  return copy;
}

function compileSchema(name: string): ValidateFunction {
  return ajv.compile(readJson(join(MODELS, 'schemas', `${name}.schema.json`)) as SchemaObject);
}

function faultsOf(validate: ValidateFunction, content: unknown): string[] {
  validate(content);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const key = (params as { additionalProperty?: string }).additionalProperty;
    return `${instancePath} ${message ?? ''}${key ? ` (${key})` : ''}`.trim();
  });
}

function describeTensor(tensor: InferenceSession.ValueMetadata): unknown {
  if (!tensor.isTensor) throw new Error(`${tensor.name} is no tensor.`);
  return { name: tensor.name, type: tensor.type, shape: [...tensor.shape] };
}

function countLabels(folder: string, labels: string | string[]): number {
  if (typeof labels !== 'string') return labels.length;
  const [, ...rows] = readFileSync(join(folder, labels), 'utf8').trimEnd().split('\n');
  return rows.length;
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
