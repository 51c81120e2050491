import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { createTokenizer, type EncodeText } from '../../../src/transforms/tokenizer';
import { ROOT } from '../../support/compiled';

interface Vector {
  readonly id: string;
  readonly text: string;
  /** Where the vector is of two texts at once, which no task here takes. */
  readonly text_pair?: string;
  readonly ids: readonly number[];
}

const tokenizerJson = readJson('models/sentiment-analyzer/1/tokenizer.json') as object;
// Published by the makers of the tokenizer; the file names its source and licence.
const { cases } = readJson('test/fixtures/tokenizer/bert-base-uncased-30-vectors.json') as {
  readonly cases: readonly Vector[];
};
const [CLS, SEP] = [101, 102];

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

describe('the tokenizer of the shipped model', () => {
  const encode = createTokenizer(tokenizerJson, 512);

  it.each(cases.filter(({ text_pair }) => text_pair === undefined))(
    'gives the published tokens of $id',
    ({ text, ids }) => {
      expect(encode(text)).toEqual({ ids, truncated: false });
    },
  );

  it('is held against all published vectors but the one that is of a pair of texts', () => {
    expect(cases).toHaveLength(30);
    expect(cases.filter(({ text_pair }) => text_pair !== undefined).map(({ id }) => id)).toEqual(['TEXT_PAIR']);
  });
});

describe('a text that is too long', () => {
  const whole = createTokenizer(tokenizerJson, 1_000_000);
  const idsOf = (encode: EncodeText, text: string): readonly number[] => encode(text).ids;

  it('is cut to what the model reads, keeps its end mark, and says so', () => {
    const encode = createTokenizer(tokenizerJson, 5);
    const { ids, truncated } = encode('one two three four five');
    expect(truncated).toBe(true);
    expect(ids).toHaveLength(5);
    expect(ids[0]).toBe(CLS);
    expect(ids.at(-1)).toBe(SEP);
    expect(ids.slice(1, -1)).toEqual(idsOf(whole, 'one two three').slice(1, -1));
  });

  it('is not called cut where it has exactly as many tokens as the model reads', () => {
    const encode = createTokenizer(tokenizerJson, 5);
    expect(encode('one two three')).toEqual({ ids: idsOf(whole, 'one two three'), truncated: false });
  });

  it.each([
    ['of one word', 'a'.repeat(10_000)],
    ['of words longer than most', 'incomprehensibilities '.repeat(400)],
    ['of white space with a word at each end', `good${' '.repeat(5_000)}bad`],
    ['of words that are longer than any the model knows', `${'qzxj'.repeat(26).slice(0, 101)} `.repeat(50)],
    ['without spaces', '好'.repeat(2_000)],
    ['of line ends', 'good\n'.repeat(2_000)],
  ])('gives the same tokens as the whole would, %s', (_, text) => {
    const all = idsOf(whole, text);
    const { ids, truncated } = createTokenizer(tokenizerJson, 32)(text);
    expect(truncated).toBe(all.length > 32);
    expect(ids).toEqual(all.length > 32 ? [...all.slice(0, 31), SEP] : all);
  });

  it('gives the same tokens as the whole would, whatever is written', () => {
    const encode = createTokenizer(tokenizerJson, 16);
    const word = fc.oneof(fc.lorem({ maxCount: 1 }), fc.string({ unit: 'grapheme', maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 60 }), (words) => {
        const text = words.join(' ');
        const all = idsOf(whole, text);
        expect(encode(text)).toEqual(
          all.length > 16 ? { ids: [...all.slice(0, 15), SEP], truncated: true } : { ids: all, truncated: false },
        );
      }),
    );
  });
});
