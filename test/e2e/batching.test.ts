import { ask, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, LIST_MODELS, SCORE_FRAUD } from '../support/operations';
import { startObservedServer, type ObservedServer } from '../support/server';

const CONCURRENT = 256;
const MOST_CALLS = 32;

let server: ObservedServer;
beforeAll(async () => {
  server = await startObservedServer();
});
afterAll(async () => {
  await server.stop();
});

describe('256 concurrent single transactions, after warm-up', () => {
  it('share at most 32 inference calls, as each answer and the statistics tell', async () => {
    const amounts = Array.from({ length: CONCURRENT }, (_, index) => index + 1);
    const score = (amount: number) => ask(server, SCORE_FRAUD, { input: createTransaction({ amount }) });
    // The same load once before: connections are open and the code is compiled.
    await Promise.all(amounts.map(score));
    const before = await fraudStatistics();

    const answers = (await Promise.all(amounts.map(score))).map((answer) => dataOf(answer).fraudScore!);

    const calls = answers.reduce((sum, { timing }) => sum + 1 / timing.batchSize, 0);
    expect(calls).toBeLessThanOrEqual(MOST_CALLS);
    const after = await fraudStatistics();
    expect(after.predictions - before.predictions).toBe(CONCURRENT);
    // Each call of n rows shows in n answers as 1/n.
    expect(after.batches - before.batches).toBe(Math.round(calls));
    expect(calls).toBeCloseTo(Math.round(calls), 6);
  });

  it('get each its own answer', async () => {
    const amounts = Array.from({ length: 64 }, (_, index) => 5 * (index + 1));
    const alone: number[] = [];
    for (const amount of amounts) alone.push(await probabilityOf(amount));
    const together = await Promise.all(amounts.map(probabilityOf));
    together.forEach((probability, index) => expect(probability).toBeCloseTo(alone[index]!, 5));
    expect(new Set(alone.map((probability) => probability.toFixed(6))).size).toBeGreaterThan(32);
  });
});

describe('an answer', () => {
  it('names the time of each stage and its own id', async () => {
    const askAgain = () => ask(server, ANALYZE_SENTIMENT, { input: { text: 'It broke after two days.' } });
    const [first, second] = [dataOf(await askAgain()).sentiment!, dataOf(await askAgain()).sentiment!];
    expect(first.id).not.toBe(second.id);
    const { totalMs, preprocessMs, queueMs, inferenceMs, postprocessMs, batchSize } = first.timing;
    expect(batchSize).toBe(1);
    for (const stage of [preprocessMs, queueMs, inferenceMs, postprocessMs]) expect(stage).toBeGreaterThan(0);
    expect(preprocessMs + queueMs + inferenceMs + postprocessMs).toBeLessThanOrEqual(totalMs);
  });

  it('does not depend on the texts that share its batch', async () => {
    const texts = [
      'I would buy it again.',
      'Awful.',
      `${'It goes on and on, and nothing happens in it at all. '.repeat(12)}I left.`,
      'The service was friendly, but the food was cold and the wine was worse.',
    ];
    const scoreOf = async (text: string) =>
      dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text } })).sentiment!.score;
    const alone: number[] = [];
    for (const text of texts) alone.push(await scoreOf(text));
    const crowd = Array.from({ length: 8 }, () => texts).flat();
    const together = await Promise.all(crowd.map(scoreOf));
    together.forEach((score, index) => expect(Math.abs(score - alone[index % texts.length]!)).toBeLessThan(1e-3));
  });
});

describe('admission', () => {
  it('has given back every place once all is answered', async () => {
    const { admitted, queueLength, counters } = await server.facts();
    expect({ admitted, queueLength }).toEqual({ admitted: 0, queueLength: 0 });
    expect(counters.enqueued).toBe(counters.answered);
  });
});

async function probabilityOf(amount: number): Promise<number> {
  return dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction({ amount }) })).fraudScore!.probability;
}

async function fraudStatistics(): Promise<{ predictions: number; batches: number }> {
  const { models } = dataOf(await ask(server, LIST_MODELS, { task: 'FRAUD_SCORE' }));
  return models[0]!.versions.find(({ isLive }) => isLive)!.statistics;
}
