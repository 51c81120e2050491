import { statSync } from 'node:fs';
import path from 'node:path';
import type { LoggedPrediction } from '../../../src/observability/prediction-log/prediction-row';
import { toOrderedJson } from '../../../src/observability/prediction-log/prediction-row';
import { PredictionStore, readPredictions } from '../../../src/observability/prediction-log/prediction-store';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';

const MB = 2 ** 20;

let folder: TemporaryFolder;
let file: string;
beforeEach(() => {
  folder = createTemporaryFolder();
  file = path.join(folder.path, 'data/predictions.db');
});
afterEach(() => folder[Symbol.dispose]());

function prediction(number: number, changes: Partial<LoggedPrediction> = {}): LoggedPrediction {
  return {
    ...{ id: String(number), requestId: 'r', at: number, task: 'sentiment', model: 'm', version: '1', role: 'live' },
    ...{ outcome: 'answered', inputSha256: null, input: null, output: '{"label":"POSITIVE"}', batchSize: 1 },
    ...{ totalMs: 3, preprocessMs: 1, queueMs: 0.5, inferenceMs: 1, postprocessMs: 0.5, ...changes },
  };
}

const read = (): LoggedPrediction[] => [...readPredictions(file, {})].flat();

/** A megabyte at a time, as a batch may be at most. */
function appendMegabytes(store: PredictionStore, from: number, to: number): void {
  for (let megabyte = from; megabyte < to; megabyte++)
    store.append(
      Array.from({ length: 100 }, (_, row) => prediction(100 * megabyte + row, { input: 'x'.repeat(MB / 100) })),
    );
}

it('stays within its size however much is written, and keeps the newest', () => {
  const store = new PredictionStore({ file, maxBytes: 12 * MB });
  for (let megabyte = 0; megabyte < 40; megabyte += 5) {
    appendMegabytes(store, megabyte, megabyte + 5);
    expect(statSync(file).size).toBeLessThanOrEqual(12 * MB);
    expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(8 * MB);
  }
  const ids = read().map(({ id }) => Number(id));
  expect(ids.at(-1)).toBe(3_999);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => 4_000 - ids.length + index));
  expect(ids.length).toBeGreaterThan(400);
  store.close();
});

it('shrinks to a limit that was lowered', () => {
  const large = new PredictionStore({ file, maxBytes: 40 * MB });
  appendMegabytes(large, 0, 20);
  large.close();
  const small = new PredictionStore({ file, maxBytes: 10 * MB });
  appendMegabytes(small, 20, 21);
  small.close();
  expect(statSync(file).size).toBeLessThanOrEqual(10 * MB);
  expect(read().at(-1)?.id).toBe('2099');
});

it('lets a slow reader see what was there when it began, while more is written and dropped', () => {
  const store = new PredictionStore({ file, maxBytes: 12 * MB });
  const batch = (from: number): LoggedPrediction[] =>
    Array.from({ length: 500 }, (_, index) => prediction(from + index));
  for (let from = 0; from < 3_000; from += 500) store.append(batch(from));
  const pages = readPredictions(file, {});
  expect(pages.next().value).toHaveLength(100);
  appendMegabytes(store, 100, 130);
  expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(8 * MB);
  expect([...pages].flat().every(({ id }) => Number(id) < 3_000)).toBe(true);
  store.close();
});

it('begins anew when its file was deleted under it', () => {
  const store = new PredictionStore({ file, maxBytes: 12 * MB });
  store.append([prediction(1)]);
  folder[Symbol.dispose]();
  store.append([prediction(2)]);
  expect(read().map(({ id }) => id)).toEqual(['2']);
  store.close();
});

it('writes the same JSON in whatever order keys come', () => {
  expect(toOrderedJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
});
