import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransaction } from './inputs';
import { writeModel, type Graph } from './onnx-writer';

/** Amounts from here on make the whole inference call fail. */
export const FIRST_FAILING_AMOUNT = 100;
/** For this amount the call succeeds with a row that is not a number. */
export const NAN_AMOUNT = 50;

const MODEL = 'brittle-detector';

export interface ModelsFolder extends Disposable {
  readonly path: string;
}

/** What the brittle detector answers for an amount below the first that fails. */
export function brittleProbability(amount: number): number {
  return Math.floor(amount) / FIRST_FAILING_AMOUNT;
}

/**
 * A models folder with one fraud detector that looks its answers up by the amount: beyond the table its run fails,
 * as a real model's does, and not before.
 */
export function createBrittleModelsFolder(): ModelsFolder {
  const folder: ModelsFolder = {
    path: mkdtempSync(path.join(tmpdir(), 'predictql-models-')),
    [Symbol.dispose]: () => rmSync(folder.path, { recursive: true, force: true }),
  };
  mkdirSync(path.join(folder.path, MODEL));
  writeJson(path.join(folder.path, MODEL, 'model.json'), {
    name: MODEL,
    task: 'fraud-score',
    default: true,
    description: 'Looks its answers up, and fails where it has none.',
    promotion: 'manual',
    keepLoaded: 3,
  });
  addVersion(folder, '1');
  return folder;
}

export interface VersionOptions {
  /** What its golden examples expect; left out: what it answers. */
  readonly golden?: number;
}

/** Adds another version with the same graph, as a copying tool would: the manifest comes last. */
export function addVersion(models: ModelsFolder, version: string, { golden }: VersionOptions = {}): void {
  const folder = path.join(models.path, MODEL, version);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'model.onnx'), writeModel(LOOKUP));
  writeJson(path.join(folder, 'golden.json'), {
    examples: [1, 20, 99].map((amount) => ({
      note: `amount ${amount}`,
      input: createTransaction({ amount }),
      outputs: { probability: [golden ?? brittleProbability(amount)] },
    })),
  });
  writeJson(path.join(folder, 'manifest.json'), {
    manifest: 1,
    model: MODEL,
    version,
    task: 'fraud-score',
    createdAt: '2026-11-23T20:00:00Z',
    files: Object.fromEntries(['model.onnx', 'golden.json'].map((name) => [name, describeFile(folder, name)])),
    inputs: LOOKUP.inputs,
    outputs: LOOKUP.outputs,
    preprocessing: { kind: 'features', order: ['amount'], usual: [1] },
    postprocessing: { threshold: 0.9, levels: { MEDIUM: 0.5 } },
    batching: { maxBatchSize: 32 },
    golden: { file: 'golden.json', compare: 'probabilities', tolerance: 0.001 },
    card: {
      summary: 'A table.',
      intendedUse: 'Tests.',
      limits: `Fails from an amount of ${FIRST_FAILING_AMOUNT} on.`,
      license: 'MIT',
      source: 'Made by the test.',
      metrics: [],
    },
  });
}

const LOOKUP: Graph = {
  inputs: [{ name: 'features', type: 'float32', shape: ['batch', 1] }],
  outputs: [{ name: 'probability', type: 'float32', shape: ['batch', 1] }],
  constants: [
    {
      name: 'table',
      shape: [FIRST_FAILING_AMOUNT],
      data: Float32Array.from({ length: FIRST_FAILING_AMOUNT }, (_, amount) =>
        amount === NAN_AMOUNT ? NaN : brittleProbability(amount),
      ),
    },
  ],
  nodes: [
    // 7 is int64 in ONNX.
    { op: 'Cast', inputs: ['features'], outputs: ['index'], attributes: { to: 7 } },
    { op: 'Gather', inputs: ['table', 'index'], outputs: ['probability'] },
  ],
};

function describeFile(folder: string, name: string): { sha256: string; bytes: number } {
  const content = readFileSync(path.join(folder, name));
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, JSON.stringify(content));
}
