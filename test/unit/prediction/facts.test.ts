import { RequestContext } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { Admission } from '../../../src/prediction/admission';
import { Dispatcher } from '../../../src/prediction/dispatcher';
import { Predictor } from '../../../src/prediction/predictor';
import type { Task } from '../../../src/prediction/task';
import { stackRows } from '../../../src/tensor';
import { createCaller } from '../../support/caller';
import { endOfTurn, rejection } from '../../support/deferred';
import { fakeEngine, type FakeEngineOptions } from '../../support/fake-engine';
import { doubling, lookup } from '../../support/fake-models';
import { createReadyVersion } from '../../support/ready-version';
import { recordingObserver, type NamedSpan } from '../../support/recording-observer';
import { silentLog } from '../../support/silent-log';
import { floats, integers, valuesOf } from '../../support/tensors';

/** Doubles the number of characters; text that is empty is refused. */
const lengthTask: Task<string, unknown, undefined, { readonly twice: number }> = {
  name: 'sentiment',
  loadAssets: () => Promise.resolve(undefined),
  preprocess(text) {
    if (text === '') throw new AppError('BAD_USER_INPUT', 'Expected a text.', { extensions: { fields: [] } });
    return { row: { tensors: { x: floats([2], text.length, text.length) }, length: text.length }, facts: undefined };
  },
  collate: stackRows,
  postprocess: (outputs) => ({ twice: valuesOf(outputs, 'y')[0]! }),
  readGoldenInput: () => Promise.resolve(''),
  compareGolden: () => ({ difference: 0, found: '' }),
};

/** Fails every call. */
const failingTask: typeof lengthTask = {
  ...lengthTask,
  preprocess: () => ({ row: { tensors: { x: integers([], 99) } }, facts: undefined }),
};

async function createBench(options: Partial<FakeEngineOptions> = {}, task = lengthTask) {
  const observer = recordingObserver();
  const engine = fakeEngine({ models: { doubling, lookup }, ...options });
  const version = createReadyVersion({ task: 'sentiment' });
  await engine.load(version.key, task === failingTask ? 'lookup' : 'doubling');
  const dispatcher = new Dispatcher({ engine, log: silentLog, observer });
  const admission = new Admission(10);
  const registry = { select: () => ({ lease: version.lease(), role: 'live' as const }) };
  const predictor = new Predictor({ registry, dispatcher, admission, defaultTimeoutMs: 10_000, observer });
  const context = new RequestContext(createCaller({ name: 'ada' }), { observer });
  const predict = (input: string) => predictor.predict(task, { input, settings: {}, context });
  return { observer, engine, version, admission, context, predict };
}

describe('what observers hear of a prediction', () => {
  it('is said once, when it has been answered: by whom, how fast, for which request', async () => {
    const { observer, predict, version, context } = await createBench();
    const { id, timing } = await predict('abc');
    expect(observer.predictions).toEqual([
      {
        ...{ id, requestId: context.id, task: 'sentiment', version, role: 'live', outcome: 'answered' },
        ...{ times: timing, input: 'abc', result: { twice: 6 }, startedAt: expect.any(Number) as number },
        span: expect.objectContaining({ name: 'sentiment', parent: context.span }) as NamedSpan,
      },
    ]);
    expect(context.predictions).toEqual(observer.predictions);
  });

  it('is preceded by each stage that it enters, where it is traced', async () => {
    const { predict, observer } = await createBench();
    await predict('abc');
    const { stages } = observer.predictions[0]!.span as NamedSpan;
    expect(stages).toEqual(['admission', 'preprocess', 'queue', 'inference', 'postprocess']);
  });

  it('names the error it ended with, and the version that it was for', async () => {
    const { observer, predict, version } = await createBench();
    await rejection(predict(''));
    expect(observer.predictions).toMatchObject([
      { outcome: 'BAD_USER_INPUT', version: { version: version.version }, result: undefined },
    ]);
    expect(observer.batches).toEqual([]);
  });

  it('tells a prediction apart whose client left', async () => {
    const { observer, predict, context, engine } = await createBench({ holdsCalls: true });
    const failed = rejection(predict('abc'));
    await endOfTurn();
    context.abort();
    await failed;
    engine.running[0]!.answer();
    expect(observer.predictions.map(({ outcome }) => outcome)).toEqual(['left']);
  });

  it('includes those that were refused a place, which are no failures of the version', async () => {
    const { observer, predict, version, admission } = await createBench();
    admission.close();
    expect(await rejection(predict('abc'))).toMatchObject({ code: 'OVERLOADED', reason: 'stopping' });
    expect(observer.predictions).toMatchObject([{ outcome: 'OVERLOADED', version: { version: version.version } }]);
    expect(version.statistics.failures).toBe(0);
  });
});

describe('what observers hear of an inference call', () => {
  it('is who shared it, how much of it was padding, and where it ran', async () => {
    const { observer, predict, version } = await createBench();
    await Promise.all(['abcd', 'ab', 'abc'].map(predict));
    expect(observer.batches).toHaveLength(1);
    const [batch] = observer.batches;
    expect(batch).toMatchObject({ version, predictions: 3, rows: 3, positions: 12, padding: 3, inferenceMs: 1 });
    expect(batch!.endedAt).toBeGreaterThanOrEqual(batch!.startedAt);
    expect(batch!.spans).toEqual(observer.predictions.map(({ span }) => span));
    expect(batch!.error).toBeUndefined();
  });

  it('is also how it failed', async () => {
    const { observer, predict } = await createBench({}, failingTask);
    await rejection(predict('abc'));
    expect(observer.batches).toMatchObject([{ rows: 1, inferenceMs: 0, error: expect.any(Error) as Error }]);
  });
});

describe('what observers hear of a request', () => {
  it('is said when it ends, with its predictions', async () => {
    const { observer, predict, context } = await createBench();
    await predict('abc');
    expect(observer.requests).toEqual([]);
    context.end();
    context.end();
    expect(observer.requests).toEqual([context]);
    expect(observer.requests[0]).toMatchObject({ caller: { name: 'ada' }, transport: 'http', hasLeft: false });
    expect(context.endedAt).toBeGreaterThan(context.startedAt);
    expect(context.predictions).toHaveLength(1);
  });

  it('says that its client did not wait', () => {
    const observer = recordingObserver();
    const context = new RequestContext(createCaller(), { observer });
    context.abort();
    context.end();
    expect(observer.requests).toMatchObject([{ hasLeft: true }]);
  });
});
