import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../../src/registry/manifest';
import type { StoredVersion } from '../../../src/registry/model-store';
import { SentimentInput } from '../../../src/tasks/sentiment/sentiment.input';
import { sentimentTask } from '../../../src/tasks/sentiment/sentiment.task';
import { findFaults } from '../../../src/validate-input';
import { ROOT } from '../../support/compiled';
import { createManifest } from '../../support/ready-version';
import { floats, integers } from '../../support/tensors';

const tokenizer = readFileSync(path.join(ROOT, 'models/sentiment-analyzer/1/tokenizer.json'));

function stored(changes: Partial<Manifest> = {}): StoredVersion {
  const manifest = createManifest({
    preprocessing: { kind: 'text', tokenizer: 'tokenizer.json', maxTokens: 8 },
    postprocessing: { labels: ['NEGATIVE', 'POSITIVE'] },
    ...changes,
  });
  const keepModel = (): Promise<never> => Promise.reject(new Error('There is no graph.'));
  return { manifest, examples: [], readFile: () => Promise.resolve(tokenizer), keepModel };
}

const faultsOf = (text: string): string[] =>
  findFaults(Object.assign(new SentimentInput(), { text }), 'input').map(
    ({ path: at, message }) => `${at}: ${message}`,
  );

describe('a text', () => {
  it.each([
    ['of one letter', 'a'],
    ['of 10,000 letters', 'a'.repeat(10_000)],
    ['of 10,000 characters that are two code units each', '😀'.repeat(10_000)],
    ['with control characters between its words', 'good\u0000 bad\u200b'],
    ['that is an emoji of several parts', '👩‍👩‍👧'],
    ['from right to left', 'טוב מאוד'],
  ])('is taken %s', (_, text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ['of nothing', '', 'not blank'],
    ['of spaces', ' \t\r\n\u00a0\u3000', 'not blank'],
    ['of control and format characters', '\u0000\u0007\u200b\u2060\ufeff', 'not blank'],
    ['of 10,001 letters', 'a'.repeat(10_001), 'at most 10000'],
    ['of 20,000 variation selectors', `a${'\ufe0f'.repeat(20_000)}`, 'at most 10000'],
    ['with the first half of a pair', 'good \ud83d', 'surrogate'],
    ['with the second half of a pair', '\ude00 good', 'surrogate'],
  ])('is refused %s, without being repeated', (_, text, expected) => {
    const [fault, ...others] = faultsOf(text);
    expect(others).toEqual([]);
    expect(fault).toMatch(/^input\.text: Expected /);
    expect(fault).toContain(expected);
    expect(fault!.length).toBeLessThan(100);
  });
});

describe('the task sentiment', () => {
  it('makes a row of tokens that are all to be read', async () => {
    const assets = await sentimentTask.loadAssets(stored());
    const { row, facts } = await sentimentTask.preprocess({ text: 'Hello, world' }, assets);
    expect(row).toEqual({
      tensors: {
        input_ids: integers([5], 101, 7592, 1010, 2088, 102),
        attention_mask: integers([5], 1, 1, 1, 1, 1),
      },
      length: 5,
    });
    expect(facts).toEqual({ tokens: 5, truncated: false });
  });

  it('says that a text was cut', async () => {
    const assets = await sentimentTask.loadAssets(stored());
    const { row, facts } = await sentimentTask.preprocess({ text: 'one two three four five six seven' }, assets);
    expect(row.length).toBe(8);
    expect(facts).toEqual({ tokens: 8, truncated: true });
  });

  it('fills shorter texts up with what the model is told not to read', async () => {
    const assets = await sentimentTask.loadAssets(stored());
    const rows = await Promise.all(
      ['Hello', 'Hello, world'].map(async (text) => sentimentTask.preprocess({ text }, assets)),
    );
    expect(sentimentTask.collate(rows.map(({ row }) => row.tensors))).toEqual({
      input_ids: integers([2, 5], 101, 7592, 102, 0, 0, 101, 7592, 1010, 2088, 102),
      attention_mask: integers([2, 5], 1, 1, 1, 0, 0, 1, 1, 1, 1, 1),
    });
  });

  it.each([
    [0.25, 0.75, { label: 'POSITIVE', confidence: 0.75, score: 0.5 }],
    [0.75, 0.25, { label: 'NEGATIVE', confidence: 0.75, score: -0.5 }],
    [0.5, 0.5, { label: 'POSITIVE', confidence: 0.5, score: 0 }],
  ])('reads %d and %d as a label, its probability and a score', async (negative, positive, result) => {
    const assets = await sentimentTask.loadAssets(stored());
    const outputs = { probabilities: floats([2], negative, positive) };
    const facts = { tokens: 3, truncated: false };
    expect(sentimentTask.postprocess(outputs, { assets, facts, input: { text: '' } })).toEqual({ ...result, ...facts });
  });

  it.each<[string, Partial<Manifest>, string]>([
    ['another kind of preprocessing', { preprocessing: { kind: 'features', order: ['a'], usual: [1] } }, 'kind "text"'],
    ['other labels', { postprocessing: { labels: ['POSITIVE', 'NEGATIVE'] } }, 'NEGATIVE and POSITIVE, in this order'],
    [
      'a threshold instead of labels',
      { postprocessing: { threshold: 0.5, levels: { MEDIUM: 0.1 } } },
      'NEGATIVE and POSITIVE',
    ],
  ])('refuses a version with %s', async (_, changes, message) => {
    await expect(Promise.resolve().then(() => sentimentTask.loadAssets(stored(changes)))).rejects.toThrow(message);
  });
});
