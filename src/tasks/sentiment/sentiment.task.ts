import { largestDifference } from '../../prediction/golden-gate';
import type { Task } from '../../prediction/task';
import { named, stackRows } from '../../tensor';
import { createTokenizer, type EncodeText } from '../../transforms/tokenizer';
import { roundProbability } from '../../transforms/round';

export interface SentimentTaskInput {
  readonly text: string;
}

export interface SentimentResult {
  readonly label: 'NEGATIVE' | 'POSITIVE';
  readonly confidence: number;
  readonly score: number;
  readonly tokens: number;
  readonly truncated: boolean;
}

interface SentimentFacts {
  readonly tokens: number;
  readonly truncated: boolean;
}

/** Whether a text speaks well or ill of its subject: text → tokens → probabilities of NEGATIVE and POSITIVE. */
export const sentimentTask: Task<SentimentTaskInput, EncodeText, SentimentFacts, SentimentResult> = {
  name: 'sentiment',

  async loadAssets({ manifest: { preprocessing, postprocessing }, readFile }) {
    if (preprocessing.kind !== 'text') throw new Error('The task sentiment needs preprocessing of the kind "text".');
    if (!('labels' in postprocessing) || String(postprocessing.labels) !== 'NEGATIVE,POSITIVE')
      throw new Error('The task sentiment needs the labels NEGATIVE and POSITIVE, in this order.');
    const json = JSON.parse((await readFile(preprocessing.tokenizer)).toString()) as object;
    return createTokenizer(json, preprocessing.maxTokens);
  },

  labelsOf: () => ['NEGATIVE', 'POSITIVE'],

  preprocess({ text }, encode) {
    const { ids, truncated } = encode(text);
    const dims = [ids.length];
    return {
      row: {
        tensors: {
          input_ids: { type: 'int64', dims, data: BigInt64Array.from(ids, BigInt) },
          attention_mask: { type: 'int64', dims, data: new BigInt64Array(ids.length).fill(1n) },
        },
        length: ids.length,
      },
      facts: { tokens: ids.length, truncated },
    };
  },

  // Shorter texts are filled up with zeros, in the mask too: the model does not see them.
  collate: stackRows,

  postprocess(outputs, { facts }) {
    const [negative = NaN, positive = NaN] = named(outputs, 'probabilities').data as Float32Array;
    const isPositive = positive >= negative;
    return {
      label: isPositive ? 'POSITIVE' : 'NEGATIVE',
      confidence: roundProbability(isPositive ? positive : negative),
      score: roundProbability(positive - negative),
      ...facts,
    };
  },

  readGoldenInput: ({ input }) => Promise.resolve({ text: String(input['text']) }),

  compareGolden: (outputs, example) => largestDifference(outputs, example.outputs),
};
