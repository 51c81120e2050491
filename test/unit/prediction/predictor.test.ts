import { availableParallelism } from 'node:os';
import { ClientLeftError, RequestContext } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { Admission } from '../../../src/prediction/admission';
import { Dispatcher } from '../../../src/prediction/dispatcher';
import { Predictor, type Predicted, type PredictSettings } from '../../../src/prediction/predictor';
import type { Row, Task } from '../../../src/prediction/task';
import type { ModelVersion } from '../../../src/registry/model-version';
import type { SelectOptions } from '../../../src/registry/registry';
import { stackRows } from '../../../src/tensor';
import { createDeferred, endOfTurn, rejection } from '../../support/deferred';
import { fakeEngine, type FakeEngine, type FakeEngineOptions } from '../../support/fake-engine';
import { doubling, lookup } from '../../support/fake-models';
import { createReadyVersion } from '../../support/ready-version';
import { silentLog } from '../../support/silent-log';
import { floats, integers, valuesOf } from '../../support/tensors';
import { createCaller } from '../../support/caller';

interface Assets {
  readonly unit: string;
}
interface Result {
  readonly answer: string;
}
type Input = number | 'refused';

const row = (value: number): Row => ({ tensors: { x: floats([2], value, value) } });

/** Doubles a number. */
const doubleTask: Task<Input, Assets, string, Result> = {
  name: 'fraud-score',
  loadAssets: () => Promise.resolve({ unit: 'cm' }),
  preprocess(input) {
    if (input === 'refused') throw new AppError('BAD_USER_INPUT', 'Expected a number.', { extensions: { fields: [] } });
    return { row: row(input), facts: 'whole' };
  },
  collate: stackRows,
  postprocess: (outputs, { assets, facts, input }) => ({
    answer: `${input} → ${valuesOf(outputs, 'y')[0] ?? '?'} ${assets.unit}, ${facts}`,
  }),
  readGoldenInput: () => Promise.resolve(0),
  compareGolden: () => ({ difference: 0, found: '' }),
};

/** Passes its input on as an index, of which there are 0, 1 and 2. */
const lookupTask: typeof doubleTask = {
  ...doubleTask,
  preprocess: (input) => ({ row: { tensors: { x: integers([], Number(input)) } }, facts: 'whole' }),
};

const slowly = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Bench {
  readonly predictor: Predictor;
  readonly engine: FakeEngine;
  readonly version: ModelVersion;
  readonly admission: Admission;
  readonly dispatcher: Dispatcher;
  readonly context: RequestContext;
  readonly selected: SelectOptions[];
  readonly predict: (input: Input, settings?: PredictSettings) => Promise<Predicted<Result, Assets>>;
}

async function createBench(
  options: Partial<FakeEngineOptions> & { readonly task?: typeof doubleTask; readonly places?: number } = {},
): Promise<Bench> {
  const { task = doubleTask } = options;
  const engine = fakeEngine({ models: { doubling, lookup }, ...options });
  const version = createReadyVersion({}, { unit: 'cm' } satisfies Assets);
  await engine.load(version.key, task === lookupTask ? 'lookup' : 'doubling');
  const admission = new Admission(10);
  const dispatcher = new Dispatcher({ engine, log: silentLog });
  const selected: SelectOptions[] = [];
  const registry = {
    select(asked: SelectOptions) {
      selected.push(asked);
      return { lease: version.lease(), role: 'pinned' as const };
    },
  };
  const predictor = new Predictor({ registry, dispatcher, admission, defaultTimeoutMs: 10_000 });
  const context = new RequestContext(createCaller());
  return {
    engine,
    version,
    admission,
    dispatcher,
    context,
    selected,
    predictor,
    predict: (input, settings = {}) => predictor.predict(task, { input, settings, context }),
  };
}

describe('a prediction', () => {
  it('goes from the input to the result, and says who answered', async () => {
    const { predict, version } = await createBench();
    const predicted = await predict(3);
    expect(predicted.answer).toBe('3 → 6 cm, whole');
    expect(predicted.servedBy).toEqual({ modelName: version.modelName, version: version.version, role: 'pinned' });
    expect(predicted.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has an id of its own', async () => {
    const { predict } = await createBench();
    const [one, two] = await Promise.all([predict(1), predict(1)]);
    expect(one.id).not.toBe(two.id);
  });

  it('counts as waiting while its input is still being prepared', async () => {
    const preparing = createDeferred();
    const task: typeof doubleTask = {
      ...doubleTask,
      preprocess: async (input) => {
        if (input === 2) await preparing.promise;
        return { row: row(Number(input)), facts: 'whole' };
      },
    };
    const { predict, dispatcher, version, context } = await createBench({ task, costMs: () => 1_000 });
    const waitMs = (): number => dispatcher.turns.waitMs(version, context.caller);
    await predict(1);
    expect(waitMs()).toBe(0);
    const coming = [predict(2), predict(2)];
    await endOfTurn();
    expect(waitMs()).toBeGreaterThanOrEqual(2_000);
    preparing.resolve();
    await Promise.all(coming);
    expect(waitMs()).toBe(0);
  });

  it('is refused where preparing what came before it would take longer than it has', async () => {
    const preparing = createDeferred();
    const task: typeof doubleTask = {
      ...doubleTask,
      preprocess: async (input, _assets, asker) => {
        await asker?.inTurn(() => (input === 1 ? slowly(10) : preparing.promise));
        return { row: row(Number(input)), facts: 'whole' };
      },
    };
    const { predict, version, predictor, context } = await createBench({ task });
    // By how long those before took.
    for (let time = 0; time < 10; time++) await predict(1);
    const first = predict(2, { timeoutMs: 60_000 });
    await endOfTurn();
    expect(predictor.waitMs(version, context.caller)).toBeGreaterThanOrEqual(9 / availableParallelism());
    expect(await rejection(predict(3, { timeoutMs: 1 }))).toMatchObject({ code: 'OVERLOADED' });
    preparing.resolve();
    await first;
  });

  it('waits for its turn in the queue, and not in preprocessing, whatever it waits for', async () => {
    const task: typeof doubleTask = {
      ...doubleTask,
      preprocess: async (input, _assets, asker) => {
        await asker?.inTurn(() => slowly(20));
        return { row: row(Number(input)), facts: 'whole' };
      },
    };
    const { predict } = await createBench({ task });
    const many = Array.from({ length: 4 * availableParallelism() }, () => predict(2));
    const { preprocessMs, queueMs, totalMs } = (await Promise.all(many)).at(-1)!.timing;
    // Behind three others; a timer may be a millisecond early.
    expect(queueMs).toBeGreaterThanOrEqual(3 * 19);
    expect(preprocessMs).toBeGreaterThanOrEqual(19);
    // Nothing is counted twice.
    expect(preprocessMs + queueMs).toBeLessThanOrEqual(totalMs);
  });

  it('tells how long each stage took, which together are no more than the whole', async () => {
    const { predict } = await createBench({ costMs: () => 0.001 });
    const [{ timing }] = await Promise.all([predict(1), predict(2), predict(3)]);
    const { totalMs, preprocessMs, queueMs, inferenceMs, postprocessMs, batchSize } = timing;
    expect(batchSize).toBe(3);
    for (const ms of [preprocessMs, queueMs, inferenceMs, postprocessMs]) expect(ms).toBeGreaterThan(0);
    expect(preprocessMs + queueMs + inferenceMs + postprocessMs).toBeLessThanOrEqual(totalMs);
  });

  it('asks the registry for the version that the client asked for', async () => {
    const { predict, selected } = await createBench();
    await predict(1, { model: 'm', version: { version: '1' }, timeoutMs: 50 });
    expect(selected).toEqual([expect.objectContaining({ task: 'fraud-score', model: 'm', version: { version: '1' } })]);
  });

  it('keeps the version loaded until the answer has been sent', async () => {
    const { predict, version, context } = await createBench();
    await predict(1);
    let isDrained = false;
    const drained = version.drained().then(() => {
      isDrained = true;
    });
    await endOfTurn();
    expect(isDrained).toBe(false);
    context.end();
    await drained;
  });

  it('has a place while it is under way, and gives it back however it ends', async () => {
    const { predict, admission } = await createBench();
    const answered = predict(1);
    expect(admission.inUse).toBe(1);
    await answered;
    expect(admission.inUse).toBe(0);
    await rejection(predict('refused'));
    expect(admission.inUse).toBe(0);
  });

  it('is refused where there is no place, and not counted against the version', async () => {
    const { predict, admission, version } = await createBench();
    admission.close();
    expect(await rejection(predict(1))).toMatchObject({ code: 'OVERLOADED' });
    expect(version.statistics.failures).toBe(0);
  });

  it('is counted, with its latency, where the version keeps its statistics', async () => {
    const { predict, version } = await createBench();
    const { timing } = await predict(1);
    expect(version.statistics).toMatchObject({ predictions: 1, failures: 0, batches: 1 });
    expect(version.statistics.percentileMs(50)).toBeCloseTo(timing.totalMs, 0);
  });

  it('counts as a failure of the version when its model fails', async () => {
    const { predict, version } = await createBench({ task: lookupTask });
    expect(await rejection(predict(7))).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(version.statistics).toMatchObject({ predictions: 0, failures: 1 });
  });

  it('counts as nobody’s failure when the input was refused or the client left', async () => {
    const { predict, version, context } = await createBench();
    expect(await rejection(predict('refused'))).toMatchObject({ code: 'BAD_USER_INPUT' });
    const left = rejection(predict(1));
    context.abort();
    expect(await left).toBeInstanceOf(ClientLeftError);
    expect(version.statistics).toMatchObject({ predictions: 0, failures: 0 });
  });

  it('is not computed for a client that left while its input was preprocessed', async () => {
    const decoded = createDeferred();
    const task: typeof doubleTask = {
      ...doubleTask,
      preprocess: async (input) => {
        await decoded.promise;
        return { row: row(Number(input)), facts: 'whole' };
      },
    };
    const { predict, engine, context, dispatcher, admission } = await createBench({ task });
    const left = rejection(predict(1));
    context.abort();
    decoded.resolve();
    expect(await left).toBeInstanceOf(ClientLeftError);
    await endOfTurn();
    expect(engine.calls).toHaveLength(0);
    expect(dispatcher.counters.enqueued).toBe(0);
    expect(admission.inUse).toBe(0);
  });
});

describe('a prediction whose input takes too long to read', () => {
  const read = createDeferred<never>();
  const slowToRead: typeof doubleTask = { ...doubleTask, preprocess: () => read.promise };

  it('is given up when its time is up, and keeps its place as long as it is worked on', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { predict, admission } = await createBench({ task: slowToRead });
      const late = rejection(predict(1, { timeoutMs: 200 }));
      await endOfTurn();
      expect(admission.inUse).toBe(1);
      jest.advanceTimersByTime(200);
      expect(await late).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(admission.inUse).toBe(1);
      read.reject(new Error('The upload was cut off.'));
      await endOfTurn();
      expect(admission.inUse).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is given up at once when its client leaves', async () => {
    const never: typeof doubleTask = { ...doubleTask, preprocess: () => createDeferred<never>().promise };
    const { predict, context } = await createBench({ task: never });
    const left = rejection(predict(1));
    await endOfTurn();
    context.abort();
    expect(await left).toBeInstanceOf(ClientLeftError);
  });
});

describe('rows that are asked for later', () => {
  it('go to the version that answered, all in one call', async () => {
    const { predict, engine } = await createBench();
    const { source } = await predict(1);
    expect(source.assets).toEqual({ unit: 'cm' });
    const outputs = await source.infer([row(5), row(6)]);
    expect(outputs.map((each) => valuesOf(each, 'y'))).toEqual([
      [10, 10],
      [12, 12],
    ]);
    expect(engine.calls.map(({ rows }) => rows)).toEqual([1, 2]);
  });

  it('have a place of their own, and give it back', async () => {
    const { predict, admission } = await createBench();
    const { source } = await predict(1);
    const outputs = source.infer([row(5)]);
    expect(admission.inUse).toBe(1);
    await outputs;
    expect(admission.inUse).toBe(0);
    admission.close();
    expect(await rejection(source.infer([row(5)]))).toMatchObject({ code: 'OVERLOADED' });
  });

  it('have as long as the client gave the prediction', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { predict, engine } = await createBench({ holdsCalls: true });
      const predicted = predict(1, { timeoutMs: 200 });
      await endOfTurn();
      engine.running[0]!.answer();
      const late = rejection((await predicted).source.infer([row(5)]));
      jest.advanceTimersByTime(200);
      expect(await late).toMatchObject({
        code: 'DEADLINE_EXCEEDED',
        message: expect.stringContaining('200 ms') as string,
      });
    } finally {
      jest.useRealTimers();
    }
  });

  it('are not computed once the client has left', async () => {
    const { predict, engine, context } = await createBench();
    const { source } = await predict(1);
    const left = rejection(source.infer([row(5)]));
    context.abort();
    expect(await left).toBeInstanceOf(ClientLeftError);
    expect(engine.calls).toHaveLength(1);
  });
});
