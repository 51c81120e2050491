import { ask, dataOf } from '../support/graphql';
import { readFixture } from '../support/inputs';
import { listVersionsOnDisk, type VersionOnDisk } from '../support/models';
import { ANALYZE_SENTIMENT, SCORE_FRAUD } from '../support/operations';
import { startServer, type TestServer } from '../support/server';

/** What onnxruntime in Python answers on the same files. */
const PYTHON = readFixture('sentiment') as {
  readonly texts: readonly {
    readonly text: string;
    readonly tokens: number;
    readonly probabilities: Readonly<Record<string, readonly [number, number]>>;
  }[];
};

const TOLERANCE = 1e-3;

const versions = listVersionsOnDisk();
const versionsOf = (task: string): (readonly [string, VersionOnDisk])[] =>
  versions.filter((version) => version.task === task).map((each) => [each.version, each]);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

describe.each(versionsOf('sentiment'))('sentiment-analyzer %s', (version, { examples, tolerance }) => {
  const options = { version: { version } };
  const scoreOf = async (text: string): Promise<{ score: number; tokens: number }> =>
    dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text }, options })).sentiment!;

  it('answers every golden text within the tolerance of its manifest', async () => {
    for (const { input, outputs } of examples) {
      const [negative, positive] = outputs['probabilities'] as [number, number];
      const { score } = await scoreOf(String(input['text']));
      // Both probabilities sum to 1, so their difference moves twice as far as either.
      expect(Math.abs(score - (positive - negative)) / 2).toBeLessThanOrEqual(tolerance);
    }
  });

  it('answers texts as Python does on the same file, token for token', async () => {
    for (const expected of PYTHON.texts) {
      const [negative, positive] = expected.probabilities[version]!;
      const { score, tokens } = await scoreOf(expected.text);
      expect(tokens).toBe(expected.tokens);
      expect(Math.abs(score - (positive - negative)) / 2).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it('tells label and confidence that fit the score', async () => {
    for (const { text } of PYTHON.texts.slice(0, 3)) {
      const { sentiment } = dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text }, options }));
      const { label, confidence, score } = sentiment!;
      expect(label).toBe(score >= 0 ? 'POSITIVE' : 'NEGATIVE');
      expect(confidence).toBeCloseTo((1 + Math.abs(score)) / 2, 5);
    }
  });
});

describe.each(versionsOf('fraud-score'))('fraud-detector %s', (version, { examples }) => {
  it.each(examples.map(({ note, ...example }) => [note, example] as const))(
    'answers the golden transaction "%s"',
    async (_note, { input, outputs }) => {
      const [expected] = outputs['probability'] as [number];
      const { fraudScore } = dataOf(await ask(server, SCORE_FRAUD, { input, options: { version: { version } } }));
      const { probability, threshold, flagged, riskLevel } = fraudScore!;
      expect(Math.abs(probability - expected)).toBeLessThanOrEqual(TOLERANCE);
      expect(flagged).toBe(probability >= threshold);
      expect(riskLevel === 'HIGH').toBe(flagged);
    },
  );
});
