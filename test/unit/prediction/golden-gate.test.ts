import { createVersionPreparation, largestDifference } from '../../../src/prediction/golden-gate';
import type { AnyTask, Task } from '../../../src/prediction/task';
import type { GoldenExample, Manifest } from '../../../src/registry/manifest';
import type { StoredVersion } from '../../../src/registry/model-store';
import type { VersionPreparation } from '../../../src/registry/version-loader';
import { stackRows } from '../../../src/tensor';
import { endOfTurn, rejection } from '../../support/deferred';
import { fakeEngine, type FakeEngine, type FakeEngineOptions } from '../../support/fake-engine';
import { doubling } from '../../support/fake-models';
import { createManifest } from '../../support/ready-version';
import { floats } from '../../support/tensors';

/** Doubles a number, and takes its place in the alphabet for one. */
const task: Task<string, string, undefined, string> = {
  name: 'fraud-score',
  loadAssets: ({ manifest }) => Promise.resolve(`assets of version ${manifest.version}`),
  labelsOf: () => ['one', 'two'],
  preprocess(letter) {
    const place = letter.charCodeAt(0) - 96;
    if (letter.length !== 1) throw new Error('Expected a letter.');
    return { row: { tensors: { x: floats([2], place, place) } }, facts: undefined };
  },
  collate: stackRows,
  postprocess: () => '',
  readGoldenInput: ({ input }) => Promise.resolve(String(input['letter'])),
  compareGolden: (outputs, example) => largestDifference(outputs, example.outputs),
};

const example = (letter: string, ...y: readonly number[]): GoldenExample => ({
  note: `the letter ${letter}`,
  input: { letter },
  outputs: { y },
});

interface Bench {
  readonly engine: FakeEngine;
  readonly prepare: (...examples: readonly GoldenExample[]) => Promise<Prepared>;
}

/** What is prepared, its functions free to be taken out of it. */
type Prepared = Pick<VersionPreparation, 'assets' | 'labels' | 'warmUp'> & {
  readonly checkGolden: () => ReturnType<VersionPreparation['checkGolden']>;
};

async function createBench(
  changes: Partial<Manifest> = {},
  options: Omit<FakeEngineOptions, 'models'> = {},
  tasks: readonly AnyTask[] = [task],
): Promise<Bench> {
  const engine = fakeEngine({ models: { doubling }, ...options });
  await engine.load('m/1', 'doubling');
  const prepare = createVersionPreparation({ tasks, engine });
  return {
    engine,
    prepare: (...examples) => {
      const stored: StoredVersion = {
        manifest: createManifest(changes),
        examples,
        readFile: () => Promise.reject(new Error('There are no files.')),
        keepModel: () => Promise.reject(new Error('There are no files.')),
      };
      return prepare(stored, 'm/1');
    },
  };
}

describe('the golden gate', () => {
  it('passes a version that reproduces its examples, and tells how nearly', async () => {
    const { prepare } = await createBench({
      golden: { file: 'golden.json', compare: 'probabilities', tolerance: 0.25 },
    });
    const { checkGolden } = await prepare(example('a', 2, 2), example('c', 6.125, 6));
    expect(await checkGolden()).toMatchObject({ examples: 2, passed: 2, worstDifference: 0.125, tolerance: 0.25 });
  });

  it('stops a version that does not, and names the example, both values and the tolerance', async () => {
    const { prepare } = await createBench();
    const { checkGolden } = await prepare(example('a', 2, 2), example('c', 6, 7));
    expect((await rejection(checkGolden())).message).toBe(
      'Golden example "the letter c" is not reproduced: "y" came as 6, expected was 7; the tolerance is 0.001.',
    );
  });

  it('stops a version whose difference the task cannot tell', async () => {
    const unsure: AnyTask = { ...task, compareGolden: () => ({ difference: NaN, found: 'it came as NaN' }) };
    const { prepare } = await createBench({}, {}, [unsure]);
    expect((await rejection((await prepare(example('a', 2, 2))).checkGolden())).message).toContain('it came as NaN');
  });

  it('passes a difference of exactly the tolerance', async () => {
    const { prepare } = await createBench({
      golden: { file: 'golden.json', compare: 'probabilities', tolerance: 0.5 },
    });
    await expect((await prepare(example('a', 2.5, 2))).checkGolden()).resolves.toMatchObject({ worstDifference: 0.5 });
  });

  it('runs each example by itself, so that nobody waits long behind the gate', async () => {
    const { prepare, engine } = await createBench();
    const { checkGolden, warmUp } = await prepare(example('a', 2, 2), example('b', 4, 4), example('c', 6, 6));
    expect(warmUp).toEqual({ x: floats([1, 2], 1, 1) });
    await checkGolden();
    expect(engine.calls.map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  it('waits for its turn while the engine is busy', async () => {
    const { prepare, engine } = await createBench({}, { holdsCalls: true });
    const other = engine.run('m/1', { x: floats([1, 2], 1, 1) });
    const report = (await prepare(example('a', 2, 2))).checkGolden();
    await endOfTurn();
    expect(engine.calls).toHaveLength(1);
    engine.running[0]!.answer();
    await other;
    await endOfTurn();
    engine.running[0]!.answer();
    await expect(report).resolves.toMatchObject({ passed: 1 });
  });

  it('runs its examples again when an engine process was lost, which says nothing of the version', async () => {
    const { prepare, engine } = await createBench({}, { holdsCalls: true });
    const report = (await prepare(example('a', 2, 2))).checkGolden();
    await endOfTurn();
    engine.running[0]!.lose();
    await endOfTurn();
    engine.running[0]!.answer();
    await expect(report).resolves.toMatchObject({ passed: 1 });
  });

  it('stops a version whose examples took one process after the other with them', async () => {
    const { prepare, engine } = await createBench({}, { holdsCalls: true });
    const failure = rejection((await prepare(example('a', 2, 2))).checkGolden());
    await endOfTurn();
    while (engine.running.length > 0) {
      engine.running[0]!.lose();
      await endOfTurn();
    }
    expect((await failure).name).toBe('EngineLostError');
    expect(engine.calls).toHaveLength(2);
  });

  it('hands on what the task made of the files, and its labels', async () => {
    const { prepare } = await createBench();
    expect(await prepare(example('a', 2, 2))).toMatchObject({ assets: 'assets of version 1', labels: ['one', 'two'] });
  });

  it('says which example cannot be read, and why', async () => {
    const { prepare } = await createBench();
    const error = await rejection(prepare(example('a', 2, 2), example('no letter', 1)));
    expect(error.message).toBe('Golden example "the letter no letter" cannot be read: Expected a letter.');
  });

  it('says when the server has no such task', async () => {
    const { prepare } = await createBench({}, {}, []);
    expect((await rejection(prepare(example('a', 2, 2)))).message).toBe('This server has no task "fraud-score".');
  });
});

describe('the largest difference', () => {
  const outputs = { y: floats([3], 0.5, 0.25, 0.25), z: floats([], 1) };

  it('is looked for in all values of all outputs that are named', () => {
    expect(largestDifference(outputs, { y: [0.5, 0.25, 0.25], z: 1 }).difference).toBe(0);
    expect(largestDifference(outputs, { y: [0.5, 0.5, 0.25], z: [0] })).toEqual({
      difference: 1,
      found: '"z" came as 1, expected was 0',
    });
    expect(largestDifference(outputs, { y: [0.5, 0.5, 0.25] }).found).toBe('"y" came as 0.25, expected was 0.5');
  });

  it.each([
    ['fewer values', { y: [0.5, 0.25] }],
    ['more values', { y: [0.5, 0.25, 0.25, 0] }],
    ['an output that there is none of', { w: [1] }],
    ['no values', { y: [] }],
    ['a text', { z: ['one'] }],
    ['nothing at all', {}],
  ])('is without limit where an example expects %s', (_, expected) => {
    expect(largestDifference(outputs, expected).difference).toBe(Infinity);
  });

  it.each([[[NaN, 0.5]], [[0.5, NaN]]])(
    'is without limit where a value is no number, wherever it stands: %p',
    (values) => {
      expect(largestDifference({ y: floats([2], ...values) }, { y: [0.5, 0.5] })).toEqual({
        difference: Infinity,
        found: '"y" came as NaN, expected was 0.5',
      });
    },
  );
});
