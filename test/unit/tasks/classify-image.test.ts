import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../../src/registry/manifest';
import type { StoredVersion } from '../../../src/registry/model-store';
import { ClassifyImageInput } from '../../../src/tasks/classify-image/classify-image.input';
import {
  createClassifyImageTask,
  type ClassifyImageAssets,
} from '../../../src/tasks/classify-image/classify-image.task';
import { findFaults } from '../../../src/validate-input';
import { ROOT } from '../../support/compiled';
import { rejection } from '../../support/deferred';
import { createManifest } from '../../support/ready-version';
import { floats } from '../../support/tensors';

const LABELS = 'code\tname\tdefinition\nn1\tcat\tfeline\nn2\tdog\tcanine\nn3\tcup\n';
const task = createClassifyImageTask({ maxImagePixels: 1_000_000, maxImageBytes: 100_000 });
const picture = readFileSync(path.join(ROOT, 'test/fixtures/images/grey.jpg'));
const INPUT = { image: { bytes: picture }, topK: 2, minConfidence: 0 };

function stored(changes: Partial<Manifest> = {}, labels = LABELS): StoredVersion {
  const manifest = createManifest({
    preprocessing: {
      kind: 'image',
      size: 32,
      cropFraction: 'size/(size+32)',
      resize: 'bilinear',
      layout: 'NHWC',
      type: 'uint8',
    },
    postprocessing: { labels: 'labels.tsv' },
    inputs: [{ name: 'pixels', type: 'uint8', shape: ['batch', 32, 32, 3] }],
    outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 3] }],
    ...changes,
  });
  const readFile = (name: string): Promise<Buffer> =>
    Promise.resolve(name === 'labels.tsv' ? Buffer.from(labels) : picture);
  return { manifest, examples: [], readFile, keepModel: () => Promise.reject(new Error('There is no graph.')) };
}

const load = (changes?: Partial<Manifest>, labels?: string): Promise<ClassifyImageAssets> =>
  task.loadAssets(stored(changes, labels));

describe('the task classify-image', () => {
  it('makes a row of bytes, scaling being the graph’s', async () => {
    const { row, facts } = await task.preprocess(INPUT, await load());
    expect(row.tensors['pixels']).toMatchObject({ type: 'uint8', dims: [32, 32, 3] });
    expect(row.tensors['pixels']?.data).toHaveLength(32 * 32 * 3);
    expect(facts).toEqual({ width: 361, height: 300, format: 'jpeg', bytes: picture.length });
  });

  it('takes the crop from the manifest, as a share or as the usual formula', async () => {
    expect((await load()).crop).toEqual({ size: 32, cropFraction: 0.5, maxPixels: 1_000_000 });
    const { preprocessing } = stored().manifest;
    const whole = { ...preprocessing, cropFraction: 1 } as Manifest['preprocessing'];
    expect((await load({ preprocessing: whole })).crop.cropFraction).toBe(1);
  });

  it('answers with the likeliest labels, as many as asked for and as likely as asked for', async () => {
    const assets = await load();
    const outputs = { probabilities: floats([3], 0.25, 0.5, 0.125) };
    const facts = { width: 1, height: 1, format: 'png', bytes: 1 };
    const answer = (topK: number, minConfidence: number): unknown =>
      task.postprocess(outputs, { assets, facts, input: { ...INPUT, topK, minConfidence } });
    const [dog, cat, cup] = [
      { code: 'n2', name: 'dog', definition: 'canine', confidence: 0.5 },
      { code: 'n1', name: 'cat', definition: 'feline', confidence: 0.25 },
      { code: 'n3', name: 'cup', definition: null, confidence: 0.125 },
    ];
    expect(answer(1, 0)).toEqual({ labels: [dog], image: facts });
    expect(answer(100, 0)).toEqual({ labels: [dog, cat, cup], image: facts });
    expect(answer(100, 0.25)).toEqual({ labels: [dog, cat], image: facts });
    expect(answer(100, 0.9)).toEqual({ labels: [], image: facts });
  });

  it('refuses a picture that is larger than allowed', async () => {
    const small = createClassifyImageTask({ maxImagePixels: 1_000, maxImageBytes: 100 });
    const assets = await small.loadAssets(stored());
    const made = Promise.resolve(small.preprocess(INPUT, assets));
    expect(await rejection(made)).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
    const base64 = { ...INPUT, image: { base64: picture.toString('base64') } };
    expect(await rejection(Promise.resolve(small.preprocess(base64, assets)))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
  });

  it('tells a golden example by its first label and how likely it is', async () => {
    const assets = await load();
    const outputs = { probabilities: floats([3], 0.25, 0.5, 0.125) };
    const compare = (top: unknown): { difference: number; found: string } =>
      task.compareGolden(outputs, { note: '', input: {}, outputs: { top } }, assets);
    expect(compare([{ code: 'n2', confidence: 0.375 }]).difference).toBe(0.125);
    expect(compare([{ code: 'n1', confidence: 0.5 }])).toEqual({
      difference: Infinity,
      found: 'the first label came as n2 with 0.5000, expected was n1 with 0.5000',
    });
    expect(compare([]).difference).toBe(Infinity);
    expect(compare(undefined).difference).toBe(Infinity);
  });

  it.each<[string, Partial<Manifest>, string, string]>([
    [
      'another kind of preprocessing',
      { preprocessing: { kind: 'features', order: ['a'], usual: [1] } },
      LABELS,
      'kind "image"',
    ],
    ['labels that are in no file', { postprocessing: { labels: ['cat'] } }, LABELS, 'a file of labels'],
    ['a label too few', {}, LABELS.replace('n3\tcup\n', ''), '2 labels for 3 classes'],
    ['labels without their first line', {}, 'n1\tcat', 'first line'],
  ])('refuses a version with %s', async (_, changes, labels, message) => {
    await expect(load(changes, labels)).rejects.toThrow(message);
  });
});

describe('what is asked of a picture', () => {
  const faultsOf = (changes: Partial<ClassifyImageInput>): string[] =>
    findFaults(
      Object.assign(new ClassifyImageInput(), { image: {}, topK: 5, minConfidence: 0, ...changes }),
      'input',
    ).map(({ path: at, message }) => `${at}: ${message}`);

  it.each([[{ topK: 1 }], [{ topK: 100 }], [{ minConfidence: 0 }], [{ minConfidence: 1 }]])('may be %j', (changes) => {
    expect(faultsOf(changes)).toEqual([]);
  });

  it.each([
    [{ topK: 0 }, 'input.topK: Expected 1 to 100.'],
    [{ topK: 101 }, 'input.topK: Expected 1 to 100.'],
    [{ minConfidence: -0.1 }, 'input.minConfidence: Expected 0 to 1.'],
    [{ minConfidence: 1.1 }, 'input.minConfidence: Expected 0 to 1.'],
    [{ minConfidence: NaN }, 'input.minConfidence: Expected 0 to 1.'],
  ])('may not be %j', (changes, fault) => {
    expect(faultsOf(changes)).toEqual([fault]);
  });
});
