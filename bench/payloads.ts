import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './compiled';

export const TASKS = ['classifyImage', 'sentiment', 'fraudScore'] as const;
export type TaskField = (typeof TASKS)[number];

/** What is asked for one task, the same for every measurement. */
export interface Payload {
  /** `classify-image` in the manifests' words. */
  readonly task: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A JPEG of 1280 × 960 and about 200 KB, a text of 20 words, and a whole transaction. */
export function readPayloads(): Readonly<Record<TaskField, Payload>> {
  const image = readFileSync(path.join(__dirname, 'fixtures/photographs.jpg')).toString('base64');
  const text =
    'The room was small and noisy, but the staff made up for everything, and we will certainly come back soon.';
  const transaction = (JSON.parse(readOperation('fraud-score.variables.json')) as Payload['variables'])['transaction'];
  return {
    classifyImage: {
      task: 'classify-image',
      query: readOperation('classify-image.graphql'),
      variables: { image },
    },
    sentiment: { task: 'sentiment', query: readOperation('sentiment.graphql'), variables: { text } },
    fraudScore: { task: 'fraud-score', query: readOperation('fraud-score.graphql'), variables: { transaction } },
  };
}

function readOperation(file: string): string {
  return readFileSync(path.join(ROOT, 'schema/operations', file), 'utf8');
}
