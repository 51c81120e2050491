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

describe('a body that is large enough for a picture', () => {
  it('is not read while the wait is longer than a request has', () => {
    expect(() => createRefusal([10_500]).checkSize(LARGE, caller)).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', extensions: { retryAfterMs: 500 } }),
    );
    expect(() => createRefusal([9_999]).checkSize(LARGE, caller)).not.toThrow();
  });

  it('is read where another model would answer in time, and where none would ever', () => {
    expect(() => createRefusal([10_500, 10]).checkSize(LARGE, caller)).not.toThrow();
    expect(() => createRefusal([]).checkSize(LARGE, caller)).not.toThrow();
  });

  it('is told from one that is not', () => {
    expect(() => createRefusal([10_500]).checkSize(5_000, caller)).not.toThrow();
    // No length was given.
    expect(() => createRefusal([10_500]).checkSize(NaN, caller)).not.toThrow();
  });
});

describe('predictions that are known before their request is worked on', () => {
  it('are refused where none of them could be answered in time', () => {
    const refusal = createRefusal([10_500]);
    expect(() => refusal.checkTasks(['sentiment'], caller)).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', extensions: { retryAfterMs: 500 } }),
    );
    expect(() => createRefusal([9_999]).checkTasks(['sentiment'], caller)).not.toThrow();
  });
});
