import { readFileSync } from 'node:fs';
import type { ModelFile } from '../../src/registry/manifest';
import type { ModelStore, VersionFolder } from '../../src/registry/model-store';
import { VersionError } from '../../src/registry/version-error';
import { rejection } from '../support/deferred';
import { createVersionFiles, sha256Of, type VersionFiles } from '../support/version-folder';

/** What the suite needs of an implementation; a new one is made for each test. */
export interface StoreHarness extends Disposable {
  readonly store: ModelStore;
  putModel(file: ModelFile): void;
  /** Puts files into a version, beside those that are there. */
  putFiles(model: string, version: string, files: VersionFiles): void;
  removeFile(model: string, version: string, name: string): void;
  removeVersion(model: string, version: string): void;
}

const MODEL: ModelFile = {
  name: 'm',
  task: 'fraud-score',
  default: false,
  description: 'A model.',
  promotion: 'manual',
  keepLoaded: 3,
};

/** The contract in src/registry/model-store.ts, for every implementation. */
export function describeModelStore(name: string, createHarness: () => StoreHarness): void {
  describe(`${name} as a store of models`, () => {
    let harness: StoreHarness;
    let store: ModelStore;
    beforeEach(() => {
      harness = createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness[Symbol.dispose]());

    async function versionsOf(model: string): Promise<readonly VersionFolder[]> {
      const { models } = await store.list();
      return models.find(({ file }) => file.name === model)?.versions ?? [];
    }

    async function faultOf(model = 'm', version = '1'): Promise<VersionError> {
      const error = await rejection(store.open(model, version));
      expect(error).toBeInstanceOf(VersionError);
      return error as VersionError;
    }

    describe('its list', () => {
      it('is empty where there is nothing', async () => {
        expect(await store.list()).toEqual({ models: [], unreadable: [] });
      });

      it('has all models with all their versions, sound or not', async () => {
        harness.putModel(MODEL);
        harness.putModel({ ...MODEL, name: 'n' });
        harness.putFiles('m', '1', createVersionFiles());
        harness.putFiles('m', '1.10.0-rc.1', { 'model.onnx': Buffer.from('half') });
        const { models, unreadable } = await store.list();
        expect(unreadable).toEqual([]);
        expect(models.map(({ file }) => file).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
          MODEL,
          { ...MODEL, name: 'n' },
        ]);
        expect((await versionsOf('m')).map(({ version }) => version).sort()).toEqual(['1', '1.10.0-rc.1']);
      });

      it('shows by another fingerprint that a file was added, changed or removed, and by the same that none was', async () => {
        harness.putModel(MODEL);
        harness.putFiles('m', '1', createVersionFiles());
        const fingerprints = [(await versionsOf('m'))[0]!.fingerprint];
        expect((await versionsOf('m'))[0]!.fingerprint).toBe(fingerprints[0]);
        for (const change of [
          () => harness.putFiles('m', '1', { 'labels.tsv': Buffer.from('a') }),
          () => harness.putFiles('m', '1', { 'labels.tsv': Buffer.from('bb') }),
          () => harness.removeFile('m', '1', 'labels.tsv'),
        ]) {
          change();
          fingerprints.push((await versionsOf('m'))[0]!.fingerprint);
        }
        expect(new Set(fingerprints.slice(0, 3)).size).toBe(3);
        expect(fingerprints[3]).not.toBe(fingerprints[2]);
      });

      it('forgets what was removed', async () => {
        harness.putModel(MODEL);
        harness.putFiles('m', '1', createVersionFiles());
        harness.removeVersion('m', '1');
        expect(await versionsOf('m')).toEqual([]);
      });
    });

    describe('a sound version', () => {
      const labels = Buffer.from('code\tname\tdefinition\n');
      const files = createVersionFiles({}, { 'labels.tsv': labels });
      beforeEach(() => {
        harness.putModel(MODEL);
        harness.putFiles('m', '1', files);
      });

      it('is opened with its manifest, its examples and its files', async () => {
        const version = await store.open('m', '1');
        expect(version.manifest).toMatchObject({ model: 'm', version: '1' });
        expect(version.examples).toEqual([{ note: 'the only one', input: { amount: 1 }, outputs: { y: [2, 2] } }]);
        expect(await version.readFile('labels.tsv')).toEqual(labels);
      });

      it('gives no file that its manifest does not list, though it is there', async () => {
        harness.putFiles('m', '1', { 'secret.txt': Buffer.from('secret') });
        const { readFile } = await store.open('m', '1');
        for (const name of ['secret.txt', '../../m/model.json', 'manifest.json'])
          expect(await rejection(readFile(name))).toMatchObject({ code: 'MANIFEST_INVALID' });
      });

      it('gives no file that has changed since it was verified', async () => {
        const { readFile, keepModel } = await store.open('m', '1');
        harness.putFiles('m', '1', { 'labels.tsv': Buffer.from('CODE\tname\tdefinition\n') });
        expect(await rejection(readFile('labels.tsv'))).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
        harness.putFiles('m', '1', { 'model.onnx': Buffer.from('graph of VERSION 1') });
        expect(await rejection(keepModel())).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
      });

      it('has its graph kept where it stays, whatever becomes of the version', async () => {
        const kept = await (await store.open('m', '1')).keepModel();
        harness.removeVersion('m', '1');
        expect(readFileSync(kept)).toEqual(files['model.onnx']);
      });

      it('has its graph kept once, however often it is asked for', async () => {
        const version = await store.open('m', '1');
        const one = await version.keepModel();
        const two = await version.keepModel();
        expect(one).toBe(two);
        expect(readFileSync(one)).toEqual(files['model.onnx']);
      });

      it('has its graph let go of when no version uses it any more', async () => {
        const kept = await (await store.open('m', '1')).keepModel();
        await store.keepOnly(new Set([sha256Of(files['model.onnx']!)]));
        expect(readFileSync(kept)).toEqual(files['model.onnx']);
        await store.keepOnly(new Set());
        expect(() => readFileSync(kept)).toThrow('ENOENT');
      });
    });

    describe('a version that is not sound', () => {
      const sound = createVersionFiles();
      beforeEach(() => harness.putModel(MODEL));

      it.each([
        ['no manifest', { 'manifest.json': undefined }, 'FILE_MISSING', 'manifest.json'],
        [
          'a manifest cut short',
          { 'manifest.json': sound['manifest.json']!.subarray(0, 40) },
          'MANIFEST_INVALID',
          'not valid JSON',
        ],
        ['a manifest of another form', { 'manifest.json': Buffer.from('{}') }, 'MANIFEST_INVALID', 'model:'],
        ['the manifest of another version', createVersionFiles({ version: '2' }), 'MANIFEST_INVALID', 'version "2"'],
        ['the manifest of another model', createVersionFiles({ model: 'n' }), 'MANIFEST_INVALID', 'model "n"'],
        ['no graph', { 'model.onnx': undefined }, 'FILE_MISSING', 'model.onnx'],
        ['a graph cut short', { 'model.onnx': sound['model.onnx']!.subarray(0, 5) }, 'CHECKSUM_MISMATCH', '5 bytes'],
        ['a graph of other bytes', { 'model.onnx': Buffer.from('graph of VERSION 1') }, 'CHECKSUM_MISMATCH', 'sha256'],
        ['no golden examples', { 'golden.json': undefined }, 'FILE_MISSING', 'golden.json'],
        [
          'golden examples that are none',
          createVersionFiles({}, { 'golden.json': Buffer.from('{"examples": []}') }),
          'MANIFEST_INVALID',
          'golden.json',
        ],
        [
          'golden examples that are not listed',
          createVersionFiles({ golden: { file: 'other.json', compare: 'top', tolerance: 0.1 } }),
          'MANIFEST_INVALID',
          'other.json',
        ],
      ] as [string, Record<string, Buffer | undefined>, string, string][])(
        'is refused with %s, by a code and in words',
        async (_, changes, code, words) => {
          const files = Object.entries({ ...sound, ...changes }).filter(([, bytes]) => bytes !== undefined);
          harness.putFiles('m', '1', Object.fromEntries(files) as VersionFiles);
          const fault = await faultOf();
          expect(fault.code).toBe(code);
          expect(fault.message).toContain(words);
          // Where the store lies is nobody's business.
          expect(fault.message).not.toContain('/tmp/');
        },
      );

      it('is refused where there is none', async () => {
        expect((await faultOf('m', '7')).code).toBe('FILE_MISSING');
      });
    });
  });
}
