import type { Operation } from './graphql';

export interface PredictionAnswer {
  readonly id: string;
  readonly servedBy: { readonly modelName: string; readonly version: string; readonly role: string };
  readonly timing: {
    readonly totalMs: number;
    readonly preprocessMs: number;
    readonly queueMs: number;
    readonly inferenceMs: number;
    readonly postprocessMs: number;
    readonly batchSize: number;
  };
}
export interface ImageAnswer extends PredictionAnswer {
  readonly labels: readonly { readonly code: string; readonly name: string; readonly confidence: number }[];
  readonly image: { readonly width: number; readonly height: number; readonly format: string; readonly bytes: number };
}
export interface SentimentAnswer extends PredictionAnswer {
  readonly label: 'NEGATIVE' | 'POSITIVE';
  readonly confidence: number;
  readonly score: number;
  readonly tokens: number;
  readonly truncated: boolean;
}
export interface FraudAnswer extends PredictionAnswer {
  readonly probability: number;
  readonly riskLevel: 'LOW' | 'MEDIUM' | 'HIGH';
  readonly flagged: boolean;
  readonly threshold: number;
}
export interface FraudReasonAnswer {
  readonly input: string;
  readonly value: number | null;
  readonly usual: number | null;
  readonly effect: number;
}

const PREDICTION = `
  id servedBy { modelName version role }
  timing { totalMs preprocessMs queueMs inferenceMs postprocessMs batchSize }`;
const IMAGE = `${PREDICTION} labels { code name confidence } image { width height format bytes }`;
const SENTIMENT = `${PREDICTION} label confidence score tokens truncated`;
const FRAUD = `${PREDICTION} probability riskLevel flagged threshold`;

export const CLASSIFY_IMAGE: Operation<{ readonly classifyImage: ImageAnswer | null }> = {
  text: `query ($input: ClassifyImageInput!, $options: PredictOptions) {
    classifyImage(input: $input, options: $options) { ${IMAGE} }
  }`,
};
export const CLASSIFY_IMAGE_LIST: Operation<{ readonly classifyImageList: (ImageAnswer | null)[] | null }> = {
  text: `query ($inputs: [ClassifyImageInput!]!, $options: PredictOptions) {
    classifyImageList(inputs: $inputs, options: $options) { ${IMAGE} }
  }`,
};
export const ANALYZE_SENTIMENT: Operation<{ readonly sentiment: SentimentAnswer | null }> = {
  text: `query ($input: SentimentInput!, $options: PredictOptions) {
    sentiment(input: $input, options: $options) { ${SENTIMENT} }
  }`,
};
export const ANALYZE_SENTIMENT_LIST: Operation<{ readonly sentimentList: (SentimentAnswer | null)[] | null }> = {
  text: `query ($inputs: [SentimentInput!]!, $options: PredictOptions) {
    sentimentList(inputs: $inputs, options: $options) { ${SENTIMENT} }
  }`,
};
export const SCORE_FRAUD: Operation<{ readonly fraudScore: FraudAnswer | null }> = {
  text: `query ($input: FraudScoreInput!, $options: PredictOptions) {
    fraudScore(input: $input, options: $options) { ${FRAUD} }
  }`,
};
export const SCORE_FRAUD_LIST: Operation<{ readonly fraudScoreList: (FraudAnswer | null)[] | null }> = {
  text: `query ($inputs: [FraudScoreInput!]!, $options: PredictOptions) {
    fraudScoreList(inputs: $inputs, options: $options) { ${FRAUD} }
  }`,
};
export const EXPLAIN_FRAUD: Operation<{
  readonly fraudScore: (FraudAnswer & { readonly reasons: readonly FraudReasonAnswer[] | null }) | null;
}> = {
  text: `query ($input: FraudScoreInput!, $options: PredictOptions, $first: Int! = 3) {
    fraudScore(input: $input, options: $options) { ${FRAUD} reasons(first: $first) { input value usual effect } }
  }`,
};

export interface ModelAnswer {
  readonly name: string;
  readonly task: string;
  readonly live: { readonly version: string } | null;
  readonly versions: readonly {
    readonly version: string;
    readonly phase: string;
    readonly isLive: boolean;
    readonly statistics: {
      readonly predictions: number;
      readonly failures: number;
      readonly batches: number;
      readonly meanBatchSize: number | null;
    };
  }[];
}
export const LIST_MODELS: Operation<{ readonly models: readonly ModelAnswer[] }> = {
  text: `query ($task: Task) {
    models(task: $task) {
      name task live { version }
      versions { version phase isLive statistics { predictions failures batches meanBatchSize } }
    }
  }`,
};
export const ASK_VIEWER: Operation<{ readonly viewer: { readonly limits: { readonly maxListItems: number } } }> = {
  text: '{ viewer { name scopes limits { maxBodyBytes maxImagePixels maxTextCharacters maxListItems maxQueryCost } } }',
};
