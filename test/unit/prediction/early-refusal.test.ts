import { Admission } from '../../../src/prediction/admission';
import { EarlyRefusal } from '../../../src/prediction/early-refusal';
import type { ModelVersion } from '../../../src/registry/model-version';
import { createCaller } from '../../support/caller';

const LARGE = 270_000;
const caller = createCaller();

/** Of two models that classify pictures, each with its wait. */
function createRefusal(waits: readonly number[]) {
  const versions = waits.map((_, index) => ({ version: String(index) }) as ModelVersion);
  return new EarlyRefusal({
    largeInputs: 'classify-image',
    registry: { liveFor: () => versions },
    predictor: { waitMs: ({ version }) => waits[Number(version)] ?? 0 },
    admission: new Admission(1),
    defaultTimeoutMs: 10_000,
  });
}

const REFUSAL = expect.objectContaining({ code: 'OVERLOADED', extensions: { retryAfterMs: 501 } }) as unknown;

describe('a body that is large enough for a picture', () => {
  it('is not read while the wait is longer than a request has', () => {
    expect(createRefusal([8_834]).ofSize(LARGE, caller)).toEqual(REFUSAL);
    expect(createRefusal([8_333]).ofSize(LARGE, caller)).toBeUndefined();
  });

  it('is read where another model would answer in time, and where none would ever', () => {
    expect(createRefusal([8_834, 10]).ofSize(LARGE, caller)).toBeUndefined();
    expect(createRefusal([]).ofSize(LARGE, caller)).toBeUndefined();
  });

  it('is told from one that is not', () => {
    expect(createRefusal([8_834]).ofSize(5_000, caller)).toBeUndefined();
    // No length was given.
    expect(createRefusal([8_834]).ofSize(NaN, caller)).toBeUndefined();
  });
});

describe('predictions that are known before their request is worked on', () => {
  it('are refused where none of them could be answered in time', () => {
    const refusal = createRefusal([8_834]);
    expect(refusal.ofTasks(['sentiment'], caller)).toEqual(REFUSAL);
    expect(createRefusal([8_333]).ofTasks(['sentiment'], caller)).toBeUndefined();
    expect(refusal.ofTasks([], caller)).toBeUndefined();
  });
});
