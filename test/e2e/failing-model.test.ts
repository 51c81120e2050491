import {
  brittleProbability,
  createBrittleModelsFolder,
  FIRST_FAILING_AMOUNT,
  NAN_AMOUNT,
  type ModelsFolder,
} from '../support/brittle-model';
import { ask, codesOf, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT, LIST_MODELS, SCORE_FRAUD, SCORE_FRAUD_LIST } from '../support/operations';
import { startObservedServer, type ObservedServer } from '../support/server';
import { until } from '../support/until';

let models: ModelsFolder;
let server: ObservedServer;
beforeAll(async () => {
  models = createBrittleModelsFolder();
  server = await startObservedServer({ settings: { PREDICTQL_MODELS_DIR: models.path } });
});
afterAll(async () => {
  await server.stop();
  models[Symbol.dispose]();
});

const score = (amount: number) => ask(server, SCORE_FRAUD, { input: createTransaction({ amount }) });

describe.each([
  ['a row that makes the whole inference call fail', FIRST_FAILING_AMOUNT],
  ['a row whose answer is not a number', NAN_AMOUNT],
])('%s', (_what, culprit) => {
  it('fails alone among concurrent requests', async () => {
    const amounts = Array.from({ length: 40 }, (_, index) => (index === 17 ? culprit : index + 1));
    const answers = await Promise.all(amounts.map(score));
    for (const [index, answer] of answers.entries()) {
      if (index === 17) continue;
      expect(dataOf(answer).fraudScore!.probability).toBeCloseTo(brittleProbability(amounts[index]!), 5);
    }
    expect(codesOf(answers[17]!)).toEqual(['INTERNAL_SERVER_ERROR']);
    // Nothing is wrong with the request, so HTTP is fine.
    expect(answers[17]!.status).toBe(200);
  });

  it('fails alone among the items of its list, at its path', async () => {
    const inputs = [1, culprit, 3, 4].map((amount) => createTransaction({ amount }));
    const { data, errors, status } = await ask(server, SCORE_FRAUD_LIST, { inputs });
    expect(status).toBe(200);
    expect(data?.fraudScoreList?.map((answer) => answer?.probability ?? null)).toEqual([
      expect.closeTo(0.01, 6),
      null,
      expect.closeTo(0.03, 6),
      expect.closeTo(0.04, 6),
    ]);
    expect(errors.map(({ path }) => path)).toEqual([['fraudScoreList', 1]]);
  });

  it('is told to its client by a request id that finds the cause in the log, once', async () => {
    const { errors } = await score(culprit);
    const { requestId } = errors[0]!.extensions!;
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(errors[0]!.message).not.toMatch(/onnx|gather|indices|brittle/i);
    // The line of the request itself, with its codes and times, holds no cause.
    const entriesOf = () => server.log().filter((entry) => entry['requestId'] === requestId && 'error' in entry);
    await until('the log has arrived', () => entriesOf().length > 0);
    const entries = entriesOf();
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries[0])).toMatch(
      culprit === NAN_AMOUNT ? /not a finite number/ : /out of (data )?bounds/,
    );
  });

  it('counts as a failure of the version', async () => {
    const failures = async () => dataOf(await ask(server, LIST_MODELS)).models[0]!.versions[0]!.statistics.failures;
    const before = await failures();
    await score(culprit);
    expect((await failures()) - before).toBe(1);
  });
});

describe('the server', () => {
  it('loses no engine process and no ticket over it', async () => {
    const before = await server.facts();
    await Promise.all([1, FIRST_FAILING_AMOUNT, 2, NAN_AMOUNT, FIRST_FAILING_AMOUNT + 1].map(score));
    const { engines, admitted, queueLength, counters } = await server.facts();
    expect(engines.map(({ pid }) => pid)).toEqual(before.engines.map(({ pid }) => pid));
    expect({ admitted, queueLength }).toEqual({ admitted: 0, queueLength: 0 });
    expect(counters.answered - before.counters.answered).toBe(2);
    expect(counters.failed - before.counters.failed).toBe(3);
    expect(counters.enqueued).toBe(counters.answered + counters.failed);
  });

  it('says that nothing answers a task for which there is no model', async () => {
    const answer = await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.' } });
    expect(codesOf(answer)).toEqual(['MODEL_NOT_FOUND']);
    expect(answer.errors[0]!.message).toContain('There is none.');
  });
});
