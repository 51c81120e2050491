import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeModel, type Graph } from './onnx-writer';
import { changeManifest, putFile, readJson, type Json } from './version-folders';

/** A way in which a version's folder can be wrong. */
export interface Damage {
  readonly what: string;
  readonly make: (folder: string) => void;
  /** The phase that finds it. */
  readonly during: 'VERIFYING' | 'LOADING' | 'WARMING';
  readonly code: string;
  /** What an engineer must read to know what to mend. */
  readonly says: RegExp;
}

const manifest = (change: (manifest: Json) => unknown) => (folder: string) => changeManifest(folder, change);
const file = (name: string, content: string | Uint8Array) => (folder: string) => putFile(folder, name, content);
const inPlaceOf = (name: string, put: (file: string) => void) => (folder: string) => {
  rmSync(path.join(folder, name));
  put(path.join(folder, name));
};
const golden = (change: (golden: { examples: Json[] }) => unknown) => (folder: string) => {
  const content = readJson(path.join(folder, 'golden.json')) as unknown as { examples: Json[] };
  putFile(folder, 'golden.json', JSON.stringify(change(content)));
};

const FEATURES = 15;
const INPUTS: Graph['inputs'] = [{ name: 'features', type: 'float32', shape: ['batch', FEATURES] }];
const OUTPUTS: Graph['outputs'] = [{ name: 'probability', type: 'float32', shape: ['batch', 1] }];

/** features · weights, with nodes before it whose last output `extra` is added. */
function linear({ weight = 0.01, nodes = [], constants = [] }: { weight?: number } & Partial<Graph>): Graph {
  return {
    inputs: INPUTS,
    outputs: OUTPUTS,
    constants: [{ name: 'weights', shape: [FEATURES, 1], data: new Float32Array(FEATURES).fill(weight) }, ...constants],
    nodes: [
      ...nodes,
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: [nodes.length === 0 ? 'probability' : 'sum'] },
      ...(nodes.length === 0 ? [] : [{ op: 'Add', inputs: ['sum', 'extra'], outputs: ['probability'] }]),
    ],
  };
}

/** Nothing but zeros, `size` times `size` of them, made while the graph is loaded. */
const zeros = (size: number) => ({
  constants: [{ name: 'shape', shape: [2], data: BigInt64Array.of(BigInt(size), BigInt(size)) }],
  make: { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['zeros'] },
});

function takingMemory(size: number): Graph {
  const { constants, make } = zeros(size);
  return linear({
    constants,
    nodes: [make, { op: 'ReduceMax', inputs: ['zeros'], outputs: ['extra'], attributes: { keepdims: 0 } }],
  });
}

/** Squares a large matrix again and again before the first request can come. */
function takingTime(size: number, rounds: number): Graph {
  const { constants, make } = zeros(size);
  const names = Array.from({ length: rounds }, (_, index) => `power${index}`);
  return linear({
    constants,
    nodes: [
      make,
      ...names.map((name, index) => ({
        op: 'MatMul',
        inputs: [names[index - 1] ?? 'zeros', 'zeros'],
        outputs: [name],
      })),
      { op: 'ReduceMax', inputs: [names.at(-1)!], outputs: ['extra'], attributes: { keepdims: 0 } },
    ],
  });
}

/** The operator set is the last number of the file. */
function withOpset(model: Buffer, opset: number): Buffer {
  const changed = Buffer.from(model);
  changed[changed.length - 1] = opset;
  return changed;
}

/** What a server that allows 3 seconds and 700 MB to load must refuse, each for its own reason. */
export const DAMAGES: readonly Damage[] = [
  {
    what: 'no manifest',
    make: inPlaceOf('manifest.json', () => undefined),
    during: 'VERIFYING',
    code: 'FILE_MISSING',
    says: /manifest\.json is missing/,
  },
  {
    what: 'an empty manifest',
    make: (folder) => truncateSync(path.join(folder, 'manifest.json')),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /manifest\.json is not valid JSON/,
  },
  {
    what: 'a manifest cut in the middle',
    make: (folder) => truncateSync(path.join(folder, 'manifest.json'), 200),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /manifest\.json is not valid JSON/,
  },
  {
    what: 'a manifest that is a list',
    make: manifest(() => []),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /the file: .*expected object/,
  },
  {
    what: 'an unknown key',
    make: manifest((all) => ({ ...all, colour: 'red' })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /colour/,
  },
  {
    what: 'an unknown key further inside',
    make: manifest((all) => ({ ...all, batching: { maxBatchSize: 8, delayMs: 5 } })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /batching: .*delayMs/,
  },
  {
    what: 'a missing key',
    make: manifest(({ card: _card, ...all }) => all),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /card: /,
  },
  {
    what: 'ten thousand unknown keys',
    make: manifest((all) => ({
      ...all,
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 1])),
    })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /^.{1,1100}$/s,
  },
  {
    what: 'a manifest of a format to come',
    make: manifest((all) => ({ ...all, manifest: 2 })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /manifest: .*expected 1/,
  },
  {
    what: 'a manifest of 17 MB',
    make: (folder) => writeFileSync(path.join(folder, 'manifest.json'), Buffer.alloc(17 * 2 ** 20, ' ')),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /has 17825792 bytes; expected were at most/,
  },
  {
    what: 'a manifest of another model',
    make: manifest((all) => ({ ...all, model: 'sentiment-analyzer' })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /says model "sentiment-analyzer" but lies in the folder of "fraud-detector"/,
  },
  {
    what: 'a manifest of another version',
    make: manifest((all) => ({ ...all, version: '99' })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /says version "99" but lies in the folder/,
  },
  {
    what: 'a task there is none of',
    make: manifest((all) => ({ ...all, task: 'tarot' })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /task: .*fraud-score/,
  },
  {
    what: 'the task of another model',
    make: manifest((all) => ({ ...all, task: 'sentiment' })),
    during: 'VERIFYING',
    code: 'TASK_MISMATCH',
    says: /task "sentiment"; its model answers "fraud-score"/,
  },
  {
    what: 'preprocessing of another task',
    make: manifest((all) => ({ ...all, preprocessing: { kind: 'text', tokenizer: 'golden.json', maxTokens: 9 } })),
    during: 'VERIFYING',
    code: 'TASK_MISMATCH',
    says: /needs preprocessing of the kind "features"/,
  },
  {
    what: 'fewer usual values than features',
    make: manifest((all) => ({ ...all, preprocessing: { ...(all['preprocessing'] as Json), usual: [1] } })),
    during: 'VERIFYING',
    code: 'TASK_MISMATCH',
    says: /1 usual values for 15 features/,
  },
  {
    what: 'a feature there is none of',
    make: manifest((all) => ({
      ...all,
      preprocessing: { kind: 'features', order: ['amount', 'horoscope'], usual: [1, 2] },
    })),
    during: 'VERIFYING',
    code: 'TASK_MISMATCH',
    says: /horoscope/,
  },
  {
    what: 'a path out of the folder',
    make: manifest((all) => ({ ...all, golden: { ...(all['golden'] as Json), file: '../../../../etc/passwd' } })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /golden\.file: expected a path inside the version's folder/,
  },
  {
    what: 'an absolute path',
    make: manifest((all) => ({
      ...all,
      files: { ...(all['files'] as Json), '/etc/passwd': { sha256: 'a'.repeat(64), bytes: 1 } },
    })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /files.*etc\/passwd/,
  },
  {
    what: 'no entry for model.onnx',
    make: manifest((all) => ({ ...all, files: { 'golden.json': (all['files'] as Json)['golden.json'] } })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /files: expected an entry for model\.onnx/,
  },
  {
    what: 'golden examples that are not listed',
    make: manifest((all) => ({ ...all, files: { 'model.onnx': (all['files'] as Json)['model.onnx'] } })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /golden\.json is not listed under "files"/,
  },
  {
    what: 'no model.onnx',
    make: inPlaceOf('model.onnx', () => undefined),
    during: 'VERIFYING',
    code: 'FILE_MISSING',
    says: /model\.onnx is missing/,
  },
  {
    what: 'a model.onnx cut short',
    make: (folder) => truncateSync(path.join(folder, 'model.onnx'), 100),
    during: 'VERIFYING',
    code: 'CHECKSUM_MISMATCH',
    says: /model\.onnx has 100 bytes; the manifest says \d+/,
  },
  {
    what: 'one bit turned over',
    make(folder) {
      const bytes = readFileSync(path.join(folder, 'model.onnx'));
      bytes[1000]! ^= 1;
      writeFileSync(path.join(folder, 'model.onnx'), bytes);
    },
    during: 'VERIFYING',
    code: 'CHECKSUM_MISMATCH',
    says: /model\.onnx has the sha256 [0-9a-f]{64}; the manifest says/,
  },
  {
    what: 'a folder in place of model.onnx',
    make: inPlaceOf('model.onnx', (place) => mkdirSync(place)),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /model\.onnx is a folder/,
  },
  {
    what: 'a folder in place of the manifest',
    make: inPlaceOf('manifest.json', (place) => mkdirSync(place)),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /manifest\.json is a folder/,
  },
  {
    what: 'a link that leads to itself',
    make: inPlaceOf('model.onnx', (place) => symlinkSync('model.onnx', place)),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /model\.onnx is a link that leads to itself/,
  },
  {
    what: 'a link that leads nowhere',
    make: inPlaceOf('model.onnx', (place) => symlinkSync('/nowhere/model.onnx', place)),
    during: 'VERIFYING',
    code: 'FILE_MISSING',
    says: /model\.onnx is missing/,
  },
  {
    what: 'a named pipe in place of the manifest',
    make: inPlaceOf('manifest.json', (place) => execFileSync('mkfifo', [place])),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /manifest\.json is no regular file/,
  },
  {
    what: 'a graph that may not be read',
    make: (folder) => chmodSync(path.join(folder, 'model.onnx'), 0),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /model\.onnx may not be read: give the server the right to/,
  },
  {
    what: 'a folder that may not be read',
    make: (folder) => chmodSync(folder, 0),
    during: 'VERIFYING',
    code: 'UNREADABLE',
    says: /manifest\.json may not be read/,
  },
  {
    what: 'golden examples that are no JSON',
    make: file('golden.json', 'examples: none'),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /golden\.json is not valid JSON/,
  },
  {
    what: 'no golden example',
    make: golden(() => ({ examples: [] })),
    during: 'VERIFYING',
    code: 'MANIFEST_INVALID',
    says: /golden\.json does not fit its schema\. examples/,
  },
  {
    what: 'a golden example that is no transaction',
    make: golden(({ examples }) => ({
      examples: [{ ...examples[0], note: 'the odd one', input: { amount: 'much' } }],
    })),
    during: 'VERIFYING',
    code: 'TASK_MISMATCH',
    says: /Golden example "the odd one" cannot be read/,
  },
  { what: 'an empty graph', make: file('model.onnx', ''), during: 'LOADING', code: 'LOAD_FAILED', says: /./ },
  {
    what: 'a graph that is a text',
    make: file('model.onnx', 'This is not the model you are looking for.'),
    during: 'LOADING',
    code: 'LOAD_FAILED',
    says: /protobuf|parse/i,
  },
  {
    what: 'a graph that was exported cut short',
    make: (folder) => putFile(folder, 'model.onnx', readFileSync(path.join(folder, 'model.onnx')).subarray(0, 9_000)),
    during: 'LOADING',
    code: 'LOAD_FAILED',
    says: /protobuf|parse/i,
  },
  {
    what: 'an operator set there is none of',
    make: file('model.onnx', withOpset(writeModel(linear({})), 120)),
    during: 'LOADING',
    code: 'LOAD_FAILED',
    says: /opset 120/i,
  },
  {
    what: 'an operator there is none of',
    make: file(
      'model.onnx',
      writeModel({
        inputs: INPUTS,
        outputs: OUTPUTS,
        nodes: [{ op: 'Divinate', inputs: ['features'], outputs: ['probability'] }],
      }),
    ),
    during: 'LOADING',
    code: 'LOAD_FAILED',
    says: /Divinate/,
  },
  {
    what: 'inputs other than the manifest says',
    make: manifest((all) => ({ ...all, inputs: [{ name: 'features', type: 'float32', shape: ['batch', 14] }] })),
    during: 'LOADING',
    code: 'SIGNATURE_MISMATCH',
    says: /inputs of model\.onnx are features: float32\[\?, 15\]; the manifest says features: float32\[\?, 14\]/,
  },
  {
    what: 'outputs other than the manifest says',
    make: manifest((all) => ({ ...all, outputs: [{ name: 'score', type: 'float32', shape: ['batch', 1] }] })),
    during: 'LOADING',
    code: 'SIGNATURE_MISMATCH',
    says: /outputs of model\.onnx are probability.*the manifest says score/,
  },
  {
    what: 'weights that are not numbers',
    make: file('model.onnx', writeModel(linear({ weight: NaN }))),
    during: 'WARMING',
    code: 'GOLDEN_MISMATCH',
    says: /Golden example ".+" is not reproduced: "probability" came as NaN/,
  },
  {
    what: 'weights of another model',
    make: file('model.onnx', writeModel(linear({ weight: 0.5 }))),
    during: 'WARMING',
    code: 'GOLDEN_MISMATCH',
    says: /"probability" came as [\d.]+, expected was [\d.]+; the tolerance is/,
  },
  {
    what: 'a golden example that is off',
    make: golden(({ examples }) => ({
      examples: examples.map((each, index) =>
        index === 3 ? { ...each, note: 'the third', outputs: { probability: [0.5] } } : each,
      ),
    })),
    during: 'WARMING',
    code: 'GOLDEN_MISMATCH',
    says: /Golden example "the third" is not reproduced: "probability" came as [\d.e-]+, expected was 0\.5/,
  },
  {
    what: 'a golden example of an output there is none of',
    make: golden(({ examples }) => ({ examples: [{ ...examples[0], outputs: { odds: [0.5] } }] })),
    during: 'WARMING',
    code: 'GOLDEN_MISMATCH',
    says: /"odds" has 0 values instead of 1/,
  },
  {
    what: 'a graph that takes too long to load',
    make: file('model.onnx', writeModel(takingTime(4_000, 60))),
    during: 'LOADING',
    code: 'LOAD_TOO_SLOW',
    says: /Loading it took longer than the \d+ ms.*PREDICTQL_ENGINE_LOAD_TIMEOUT_MS/,
  },
  {
    what: 'a graph that takes too much memory',
    make: file('model.onnx', writeModel(takingMemory(20_000))),
    during: 'WARMING',
    code: 'LOAD_TOO_LARGE',
    says: /took its engine process to \d+ MB of memory; allowed are \d+.*PREDICTQL_ENGINE_MEMORY_MB/,
  },
];
