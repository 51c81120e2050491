import { Max, MinLength, ValidateNested } from 'class-validator';
import { RequestContext } from '../../../src/context';
import { AppError, badUserInput, type FieldFault } from '../../../src/errors';
import { Admission } from '../../../src/prediction/admission';
import { Dispatcher } from '../../../src/prediction/dispatcher';
import { PredictOptions, VersionSelectorInput } from '../../../src/prediction/predict-options.input';
import { PredictionField } from '../../../src/prediction/prediction-field';
import { Predictor } from '../../../src/prediction/predictor';
import type { Task } from '../../../src/prediction/task';
import type { SelectOptions } from '../../../src/registry/registry';
import { stackRows } from '../../../src/tensor';
import { rejection } from '../../support/deferred';
import { fakeEngine, type FakeEngine } from '../../support/fake-engine';
import { doubling } from '../../support/fake-models';
import { createReadyVersion } from '../../support/ready-version';
import { silentLog } from '../../support/silent-log';
import { floats, valuesOf } from '../../support/tensors';
import { createCaller } from '../../support/caller';

const SECRET = 'SeCrEt';

class Place {
  @MinLength(10, { message: 'Expected at least 10 characters.' })
  name = 'long enough';
}

class Input {
  @Max(100, { message: 'Expected at most 100.' })
  value = 1;

  @ValidateNested()
  place = new Place();
}

function input(value = 1, name = 'long enough'): Input {
  return Object.assign(new Input(), { value, place: Object.assign(new Place(), { name }) });
}

function options(changes: Partial<PredictOptions>): PredictOptions {
  return Object.assign(new PredictOptions(), changes);
}

/** Doubles a number; finds only when it looks closely that 13 is none. */
const task: Task<Input, undefined, undefined, { readonly answer: number }> = {
  name: 'sentiment',
  loadAssets: () => Promise.resolve(undefined),
  preprocess({ value }) {
    if (value === 13) throw badUserInput([{ path: 'value', message: 'Expected a number other than that.' }]);
    if (value === 14) throw new AppError('UNSUPPORTED_IMAGE', 'That is no picture.');
    return { row: { tensors: { x: floats([2], value, value) } }, facts: undefined };
  },
  collate: stackRows,
  postprocess: (outputs) => ({ answer: valuesOf(outputs, 'y')[0] ?? NaN }),
  readGoldenInput: () => Promise.resolve(input()),
  compareGolden: () => ({ difference: 0, found: '' }),
};

interface Bench {
  readonly field: PredictionField;
  readonly engine: FakeEngine;
  readonly context: RequestContext;
  readonly selected: SelectOptions[];
}

async function createBench(scopes: readonly string[] = ['*']): Promise<Bench> {
  const engine = fakeEngine({ models: { doubling } });
  const version = createReadyVersion();
  await engine.load(version.key, 'doubling');
  const selected: SelectOptions[] = [];
  const predictor = new Predictor({
    registry: {
      select(asked) {
        selected.push(asked);
        return { lease: version.lease(), role: 'live' };
      },
    },
    dispatcher: new Dispatcher({ engine, log: silentLog }),
    admission: new Admission(1_000),
    defaultTimeoutMs: 10_000,
  });
  const context = new RequestContext(createCaller({ scopes }));
  return { field: new PredictionField(predictor), engine, context, selected };
}

function faultsOf(error: Error): readonly FieldFault[] {
  expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
  return (error as AppError).extensions['fields'] as readonly FieldFault[];
}

describe('naming a version', () => {
  it('needs models:read, for one prediction and for a list, before anything else is checked', async () => {
    const { field, context, selected } = await createBench(['predict:sentiment']);
    const named = options({ version: { version: '1' } });
    const refused = { code: 'FORBIDDEN', extensions: { scope: 'models:read' } };
    await expect(field.one(task, { input: input(101), options: named }, context)).rejects.toMatchObject(refused);
    expect(() => field.list(task, { inputs: [], options: named }, context)).toThrow(
      'This needs the scope models:read. You have only predict:sentiment.',
    );
    expect(selected).toEqual([]);
  });

  it('is not what the other options do', async () => {
    const { field, context } = await createBench([]);
    const others = options({ timeoutMs: 1_000, version: null });
    expect(await field.one(task, { input: input(4), options: others }, context)).toMatchObject({ answer: 8 });
  });
});

describe('one prediction', () => {
  it('is made of an input that is right', async () => {
    const { field, context } = await createBench();
    expect(await field.one(task, { input: input(4) }, context)).toMatchObject({ answer: 8 });
  });

  it('is refused with all faults of input and options at once, before anything is computed', async () => {
    const { field, context, selected } = await createBench();
    const wrong = {
      input: input(101, SECRET),
      options: options({
        model: `no name: ${SECRET}`,
        timeoutMs: 0,
        stickyKey: SECRET.repeat(50),
        version: Object.assign(new VersionSelectorInput(), { version: '../../etc' }),
      }),
    };
    const error = await rejection(field.one(task, wrong, context));
    expect(faultsOf(error)).toEqual([
      { path: 'input.value', message: 'Expected at most 100.' },
      { path: 'input.place.name', message: 'Expected at least 10 characters.' },
      { path: 'options.model', message: expect.any(String) as string },
      { path: 'options.version.version', message: expect.any(String) as string },
      { path: 'options.timeoutMs', message: 'Expected 1 to 60000 milliseconds.' },
      { path: 'options.stickyKey', message: 'Expected at most 256 characters.' },
    ]);
    expect(JSON.stringify([error.message, faultsOf(error)])).not.toContain(SECRET);
    expect(selected).toEqual([]);
  });

  it('tells where a fault stands that only the task can find', async () => {
    const { field, context } = await createBench();
    const error = await rejection(field.one(task, { input: input(13) }, context));
    expect(faultsOf(error)).toEqual([{ path: 'input.value', message: 'Expected a number other than that.' }]);
  });

  it('fails with what the task says of an input that is valid and no use', async () => {
    const { field, context } = await createBench();
    expect(await rejection(field.one(task, { input: input(14) }, context))).toMatchObject({
      code: 'UNSUPPORTED_IMAGE',
    });
  });

  it.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['options of which all are null', options({ model: null, version: null, timeoutMs: null, stickyKey: null }), {}],
    [
      'a version',
      options({ version: Object.assign(new VersionSelectorInput(), { version: '2' }) }),
      { version: { version: '2' } },
    ],
    [
      'a role',
      options({ version: Object.assign(new VersionSelectorInput(), { alias: 'previous' }) }),
      { version: { alias: 'previous' } },
    ],
    ['a model', options({ model: 'm' }), { model: 'm' }],
  ])('asks the registry for what the options say: %s', async (_, given, asked) => {
    const { field, context, selected } = await createBench();
    await field.one(task, { input: input(), options: given }, context);
    expect(selected).toEqual([expect.objectContaining({ task: 'sentiment', ...asked })]);
    for (const key of ['model', 'version'] as const) if (!(key in asked)) expect(selected[0]?.[key]).toBeUndefined();
  });

  it.each([
    [1, true],
    [60_000, true],
    [60_001, false],
    [-1, false],
  ])('allows a timeout of %i ms: %p', async (timeoutMs, isAllowed) => {
    const { field, context } = await createBench();
    const made = field.one(task, { input: input(), options: options({ timeoutMs }) }, context);
    if (isAllowed)
      await expect(made.catch((error: unknown) => error)).resolves.not.toMatchObject({ code: 'BAD_USER_INPUT' });
    else expect(faultsOf(await rejection(made)).map(({ path }) => path)).toEqual(['options.timeoutMs']);
  });
});

describe('a list of predictions', () => {
  it('shares an inference call and keeps its order', async () => {
    const { field, context, engine } = await createBench();
    const answers = await Promise.all(field.list(task, { inputs: [input(1), input(2), input(3)] }, context));
    expect(answers.map(({ answer }) => answer)).toEqual([2, 4, 6]);
    expect(engine.calls.map(({ rows }) => rows)).toEqual([3]);
  });

  it('puts what an item fails with in its place, with its path, and answers its neighbours', async () => {
    const { field, context, engine } = await createBench();
    const inputs = [input(1), input(101, SECRET), input(13), input(14), input(5)];
    const [first, invalid, found, refused, last] = await Promise.allSettled(field.list(task, { inputs }, context));
    expect(first).toMatchObject({ status: 'fulfilled', value: { answer: 2 } });
    expect(last).toMatchObject({ status: 'fulfilled', value: { answer: 10 } });
    const reasonOf = (result: PromiseSettledResult<unknown>): Error =>
      (result as PromiseRejectedResult).reason as Error;
    expect(faultsOf(reasonOf(invalid!)).map(({ path }) => path)).toEqual(['inputs.1.value', 'inputs.1.place.name']);
    expect(faultsOf(reasonOf(found!)).map(({ path }) => path)).toEqual(['inputs.2.value']);
    expect(reasonOf(refused!)).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
    expect(engine.calls.map(({ rows }) => rows)).toEqual([2]);
  });

  it.each([
    [0, false],
    [1, true],
    [100, true],
    [101, false],
  ])('may have %i items: %p', async (count, isAllowed) => {
    const { field, context } = await createBench();
    const list = async (): Promise<number> =>
      (await Promise.all(field.list(task, { inputs: Array.from({ length: count }, () => input()) }, context))).length;
    if (isAllowed) expect(await list()).toBe(count);
    else
      expect(faultsOf(await rejection(list()))).toEqual([
        { path: 'inputs', message: `Expected 1 to 100 items; there are ${count}.` },
      ]);
  });

  it('is refused as a whole for its options, together with its length', async () => {
    const { field, context } = await createBench();
    const list = async (): Promise<unknown> =>
      Promise.all(field.list(task, { inputs: [], options: options({ timeoutMs: 0 }) }, context));
    expect(faultsOf(await rejection(list())).map(({ path }) => path)).toEqual(['inputs', 'options.timeoutMs']);
  });
});
