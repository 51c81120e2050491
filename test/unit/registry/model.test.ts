import { AppError } from '../../../src/errors';
import { Model } from '../../../src/registry/model';
import { ModelVersion } from '../../../src/registry/model-version';
import { promote, rollBack } from '../../../src/registry/pointers';
import { createReadyVersion } from '../../support/ready-version';

function createModel(...versions: readonly ModelVersion[]): Model {
  const model = new Model({
    name: 'm',
    task: 'fraud-score',
    default: false,
    description: '',
    promotion: 'manual',
    keepLoaded: 3,
  });
  for (const version of versions) model.versions.set(version.version, version);
  return model;
}

const ready = (version: string): ModelVersion => createReadyVersion({ version });

function errorOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('Expected an error.');
}

describe('the version that answers', () => {
  it('is the live one when none is named, or when the live one is', () => {
    const [one, two] = [ready('1'), ready('2')];
    const model = createModel(one, two);
    model.live = one;
    for (const selector of [undefined, { alias: 'live' }] as const) {
      const { lease, role } = model.select(selector);
      expect([lease.version, role]).toEqual([one, 'live']);
    }
  });

  it('is the one that is named, live or not', () => {
    const [one, two] = [ready('1'), ready('2')];
    const model = createModel(one, two);
    model.live = one;
    const { lease, role } = model.select({ version: '2' });
    expect([lease.version, role]).toEqual([two, 'pinned']);
    expect(model.select({ version: '1' }).role).toBe('pinned');
  });

  it('is the one before, by its role', () => {
    const [one, two] = [ready('1'), ready('2')];
    const model = createModel(one, two);
    for (const version of ['1', '2']) model.pointers = promote(model.pointers, version, { byPerson: true });
    model.live = two;
    expect(model.select({ alias: 'previous' }).lease.version).toBe(one);
    model.pointers = rollBack(model.pointers, '1');
    expect(errorOf(() => model.select({ alias: 'previous' })).code).toBe('VERSION_NOT_FOUND');
  });

  it('is told not to be there, with those that are', () => {
    const model = createModel(ready('2'), ready('10'), new ModelVersion('m', '11'));
    const error = errorOf(() => model.select({ version: '7' }));
    expect(error.code).toBe('VERSION_NOT_FOUND');
    expect(error.message).toBe('Model "m" has no version 7. Ready: 10, 2.');
    expect(errorOf(() => createModel().select({ version: '7' })).message).toContain('None is ready.');
  });

  it('is not repeated where it could be no name', () => {
    const secret = 'a secret <text>';
    const { message } = errorOf(() => createModel().select({ version: secret }));
    expect(message).not.toContain('secret');
  });

  it.each(['previous', 'canary', 'shadow'] as const)('is told not to be there by its role: %s', (alias) => {
    const error = errorOf(() => createModel(ready('1')).select({ alias }));
    expect(error.code).toBe('VERSION_NOT_FOUND');
    expect(error.message).toBe(`Model "m" has no ${alias} version now. Ready: 1.`);
  });

  it('is told not to be ready, and why, where nothing is live', () => {
    const loading = new ModelVersion('m', '2');
    loading.move({ phase: 'verifying' });
    const error = errorOf(() => createModel(new ModelVersion('m', '1'), loading).select(undefined));
    expect(error.code).toBe('MODEL_NOT_READY');
    expect(error.message).toBe('Model "m" has no live version. Version 2 is verifying. Try again in a moment.');
    expect(errorOf(() => createModel().select(undefined)).message).toContain('It has no versions.');
  });

  it('is told not to be ready where it is named', () => {
    const error = errorOf(() => createModel(new ModelVersion('m', '1')).select({ version: '1' }));
    expect(error.code).toBe('MODEL_NOT_READY');
    expect(error.message).toBe('Version 1 of "m" is not loaded. Load it first, or name another version.');
  });
});

describe('the versions of a model', () => {
  it('stand newest first, as numbers', () => {
    const model = createModel(...['2', '10', '1.9.0', '1.10.0', '1'].map((name) => new ModelVersion('m', name)));
    expect(model.newestFirst.map(({ version }) => version)).toEqual(['10', '2', '1.10.0', '1.9.0', '1']);
  });
});
