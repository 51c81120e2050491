import { ask, codesOf, dataOf, type Operation } from '../support/graphql';
import { asBase64, createTransaction, pictureInput, readPicture } from '../support/inputs';
import {
  ANALYZE_SENTIMENT,
  ANALYZE_SENTIMENT_LIST,
  CLASSIFY_IMAGE,
  CLASSIFY_IMAGE_LIST,
  EXPLAIN_FRAUD,
  SCORE_FRAUD,
  SCORE_FRAUD_LIST,
} from '../support/operations';
import { startObservedServer, type ObservedServer } from '../support/server';

let server: ObservedServer;
beforeAll(async () => {
  server = await startObservedServer();
});
afterAll(async () => {
  await server.stop();
});

describe('a list', () => {
  it('answers the neighbours of bad pictures, whose errors stand at their paths', async () => {
    const good = pictureInput('grey.jpg');
    const inputs = [
      good,
      { image: asBase64(readPicture('bad/text.jpg')) },
      good,
      { ...good, topK: 0 },
      { image: { base64: '!' } },
    ];
    const { data, errors, status } = await ask(server, CLASSIFY_IMAGE_LIST, { inputs });
    expect(status).toBe(200);
    expect(data!.classifyImageList!.map((answer) => answer?.labels.length)).toEqual([
      5,
      undefined,
      5,
      undefined,
      undefined,
    ]);
    expect(codesOf({ errors })).toEqual(
      expect.arrayContaining(['UNSUPPORTED_IMAGE', 'BAD_USER_INPUT', 'BAD_USER_INPUT']),
    );
    expect(errors.map(({ path }) => path).sort()).toEqual([1, 3, 4].map((index) => ['classifyImageList', index]));
    const faults = errors.flatMap(({ extensions }) => extensions?.fields ?? []).map(({ path }) => path);
    expect(faults.sort()).toEqual(['inputs.3.topK', 'inputs.4.image.base64']);
  });

  it.each<[string, Operation<Record<string, unknown[] | null>>, unknown, unknown]>([
    ['sentimentList', ANALYZE_SENTIMENT_LIST, { text: 'Fine.' }, { text: ' ' }],
    ['fraudScoreList', SCORE_FRAUD_LIST, createTransaction(), createTransaction({ amount: -1 })],
  ])('%s answers the neighbours of a bad item, whose error stands at its path', async (field, operation, good, bad) => {
    const { data, errors, status } = await ask(server, operation, { inputs: [good, bad, good] });
    expect(status).toBe(200);
    expect(data![field]!.map((answer) => answer !== null)).toEqual([true, false, true]);
    expect(errors).toMatchObject([{ path: [field, 1], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('of which every item is bad answers each with its own error', async () => {
    const { data, errors, status } = await ask(server, ANALYZE_SENTIMENT_LIST, {
      inputs: [{ text: '' }, { text: ' ' }],
    });
    expect({ status, data }).toEqual({ status: 200, data: { sentimentList: [null, null] } });
    expect(errors.map(({ path }) => path)).toEqual([0, 1].map((index) => ['sentimentList', index]));
  });

  it('of 100 items is answered in order, by shared inference calls', async () => {
    const amounts = Array.from({ length: 100 }, (_, index) => 10 * (index + 1));
    const inputs = amounts.map((amount) => createTransaction({ amount }));
    const before = await server.facts();
    const { fraudScoreList } = dataOf(await ask(server, SCORE_FRAUD_LIST, { inputs }));
    const after = await server.facts();
    expect(after.counters.computedRows - before.counters.computedRows).toBe(100);
    expect(after.counters.calls - before.counters.calls).toBeLessThanOrEqual(8);
    for (const index of [0, 42, 99]) {
      const { fraudScore } = dataOf(await ask(server, SCORE_FRAUD, { input: inputs[index] }));
      expect(fraudScoreList![index]!.probability).toBeCloseTo(fraudScore!.probability, 5);
    }
  });
});

describe('one document', () => {
  it('may ask several things, and one that fails leaves the others their answers', async () => {
    const operation: Operation<Record<string, unknown>> = {
      text: `query ($good: SentimentInput!, $bad: SentimentInput!) {
        first: sentiment(input: $good) { label } second: sentiment(input: $bad) { label } models { name }
      }`,
    };
    const { data, errors, status } = await ask(server, operation, { good: { text: 'Fine.' }, bad: { text: '' } });
    expect(status).toBe(200);
    expect(data).toMatchObject({ first: { label: expect.any(String) as string }, second: null, models: [{}, {}, {}] });
    expect(errors.map(({ path }) => path)).toEqual([['second']]);
  });
});

describe('reasons', () => {
  const input = createTransaction({ amount: 900 });

  it('cost an inference call of their own only when they are selected', async () => {
    const callsOf = async (operation: Operation<unknown>): Promise<number> => {
      const before = (await server.facts()).counters;
      expect((await ask(server, operation, { input })).errors).toEqual([]);
      return (await server.facts()).counters.calls - before.calls;
    };
    expect(await callsOf(SCORE_FRAUD)).toBe(1);
    expect(await callsOf(EXPLAIN_FRAUD)).toBe(2);
  });

  it('come strongest first, as many as asked for', async () => {
    const { fraudScore } = dataOf(await ask(server, EXPLAIN_FRAUD, { input, first: 14 }));
    const strengths = fraudScore!.reasons!.map(({ effect }) => Math.abs(effect));
    expect(strengths).toHaveLength(14);
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
    const few = dataOf(await ask(server, EXPLAIN_FRAUD, { input, first: 2 })).fraudScore!;
    expect(few.reasons!.map((reason) => reason.input)).toEqual(
      fraudScore!.reasons!.slice(0, 2).map((reason) => reason.input),
    );
  });

  it.each(['1', '2'])('are those of version %s when it answered', async (version) => {
    const options = { version: { version } };
    const { fraudScore } = dataOf(await ask(server, EXPLAIN_FRAUD, { input, options, first: 14 }));
    const reason = fraudScore!.reasons!.find((each) => each.input === 'amount')!;
    expect(reason.value).toBe(900);
    // What the API itself says of the transaction with the usual amount, on the same version.
    const usual = dataOf(await ask(server, SCORE_FRAUD, { input: { ...input, amount: reason.usual }, options }));
    expect(reason.effect).toBeCloseTo(fraudScore!.probability - usual.fraudScore!.probability, 5);
    expect(fraudScore!.servedBy.version).toBe(version);
  });

  it('that are asked for wrongly leave the score its answer', async () => {
    const { data, errors } = await ask(server, EXPLAIN_FRAUD, { input, first: 0 });
    expect(data!.fraudScore).toMatchObject({ probability: expect.any(Number) as number, reasons: null });
    expect(errors).toMatchObject([{ path: ['fraudScore', 'reasons'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a version', () => {
  const servedBy = async (options: unknown) =>
    dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction(), options })).fraudScore!.servedBy;

  it('answers when it is live, named, or named by its role', async () => {
    const modelName = 'fraud-detector';
    expect(await servedBy(undefined)).toEqual({ modelName, version: '2', role: 'LIVE' });
    expect(await servedBy({ version: { alias: 'LIVE' } })).toEqual({ modelName, version: '2', role: 'LIVE' });
    expect(await servedBy({ version: { version: '1' } })).toEqual({ modelName, version: '1', role: 'PINNED' });
    expect(await servedBy({ model: modelName, version: null })).toEqual({ modelName, version: '2', role: 'LIVE' });
  });
});

describe('a long text', () => {
  it('is read to where the model stops, and says so', async () => {
    const textOf = (words: number): string => 'word '.repeat(words);
    const short = dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text: textOf(20) } })).sentiment!;
    expect(short).toMatchObject({ tokens: 22, truncated: false });
    const long = dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text: textOf(2_000) } })).sentiment!;
    const longer = dataOf(
      await ask(server, ANALYZE_SENTIMENT, { input: { text: `${textOf(1_900)}terrible` } }),
    ).sentiment!;
    expect(long.truncated).toBe(true);
    expect(long.tokens).toBeGreaterThan(22);
    // What stands behind the end of reading changes nothing.
    expect(longer.tokens).toBe(long.tokens);
    expect(longer.score).toBeCloseTo(long.score, 3);
  });
});

describe('timeoutMs', () => {
  it('gives a prediction up that is not ready in time', async () => {
    const input = pictureInput('wide.png');
    const answer = await ask(server, CLASSIFY_IMAGE, { input, options: { timeoutMs: 1 } });
    expect(codesOf(answer)).toEqual(['DEADLINE_EXCEEDED']);
    expect(answer.status).toBe(200);
    expect(answer.errors[0]!.message).toMatch(/not ready within 1 ms.*options\.timeoutMs/);
  });

  it('gives each item of a list up by itself', async () => {
    const inputs = Array.from({ length: 3 }, () => pictureInput('wide.png'));
    const answer = await ask(server, CLASSIFY_IMAGE_LIST, { inputs, options: { timeoutMs: 1 } });
    // An item that would have to wait for its neighbours is refused at once.
    const inTime = expect.stringMatching(/^(DEADLINE_EXCEEDED|OVERLOADED)$/) as string;
    expect(codesOf(answer)).toEqual([inTime, inTime, inTime]);
    expect(answer.data).toEqual({ classifyImageList: [null, null, null] });
  });
});

describe('the numbers of an answer', () => {
  const GATES = {
    text: '{ models { versions { goldenGate { worstDifference } statistics { meanBatchSize p99Ms } } } }',
  };

  it.each<[string, Operation<unknown>, Readonly<Record<string, unknown>>]>([
    ['classifyImage', CLASSIFY_IMAGE, { input: { ...pictureInput('grey.jpg'), topK: 100 } }],
    ['sentiment', ANALYZE_SENTIMENT, { input: { text: 'Fine, more or less.' } }],
    ['fraudScore', EXPLAIN_FRAUD, { input: createTransaction(), first: 14 }],
    ['models', GATES, {}],
  ])('of %s are short: longer ones are shown as text by the playground', async (_field, operation, variables) => {
    const numbers = numbersIn((await ask(server, operation, variables)).data);
    expect(numbers.length).toBeGreaterThan(3);
    expect(numbers.filter((number) => String(number).length > 10)).toEqual([]);
  });
});

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
