import { AppError } from '../../../src/errors';
import { Admission } from '../../../src/prediction/admission';
import { createDeferred, endOfTurn } from '../../support/deferred';

const AT_ONCE = { estimatedWaitMs: 0, timeoutMs: 1_000 };

function refusalOf(enter: () => unknown): AppError {
  try {
    enter();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('Expected a refusal.');
}

describe('admission', () => {
  it('lets in as many as there are places, and the next when one has gone', () => {
    const admission = new Admission(2);
    const first = admission.enter(AT_ONCE);
    admission.enter(AT_ONCE);
    expect(admission.inUse).toBe(2);
    expect(refusalOf(() => admission.enter(AT_ONCE)).code).toBe('OVERLOADED');
    first[Symbol.dispose]();
    expect(admission.inUse).toBe(1);
    admission.enter(AT_ONCE);
    expect(admission.inUse).toBe(2);
  });

  it('counts a place once, however often it is given back', () => {
    const admission = new Admission(2);
    admission.enter(AT_ONCE);
    const place = admission.enter(AT_ONCE);
    place[Symbol.dispose]();
    place[Symbol.dispose]();
    expect(admission.inUse).toBe(1);
  });

  it('counts a place for as long as work goes on that outlives its prediction, however it ends', async () => {
    const admission = new Admission(2);
    const place = admission.enter(AT_ONCE);
    const [first, second] = [createDeferred(), createDeferred()];
    place.keepFor(first.promise);
    place.keepFor(second.promise);
    place[Symbol.dispose]();
    first.resolve();
    await endOfTurn();
    expect(admission.inUse).toBe(1);
    second.reject(new Error('It was cut off.'));
    await endOfTurn();
    expect(admission.inUse).toBe(0);
  });

  it('refuses who would not be answered in time, and says when to try again', () => {
    const admission = new Admission(10);
    const error = refusalOf(() => admission.enter({ estimatedWaitMs: 1_500.2, timeoutMs: 1_000 }));
    expect(error.code).toBe('OVERLOADED');
    expect(error.message).toContain('about 1501 ms, too long for the 1000 that');
    // 1,000 / 1.2 would do.
    expect(error.extensions).toEqual({ retryAfterMs: 667 });
    expect(admission.inUse).toBe(0);
  });

  it('lets in who would be answered in time, also if the wait is a little longer than it seems', () => {
    const admission = new Admission(10);
    admission.enter({ estimatedWaitMs: 1_000, timeoutMs: 1_200 });
    expect(admission.inUse).toBe(1);
    expect(refusalOf(() => admission.enter({ estimatedWaitMs: 1_001, timeoutMs: 1_200 })).code).toBe('OVERLOADED');
  });

  it('never tells a client to come back at once', () => {
    const full = new Admission(1);
    full.enter(AT_ONCE);
    expect(refusalOf(() => full.enter(AT_ONCE)).extensions).toEqual({ retryAfterMs: 100 });
    expect(refusalOf(() => full.enter({ estimatedWaitMs: 250.5, timeoutMs: 1_000 })).extensions).toEqual({
      retryAfterMs: 251,
    });
  });

  it('lets nobody in once it is closed, and keeps the places of those inside', () => {
    const admission = new Admission(10);
    const place = admission.enter(AT_ONCE);
    admission.close();
    const error = refusalOf(() => admission.enter(AT_ONCE));
    expect(error.code).toBe('OVERLOADED');
    expect(error.message).toContain('stopping');
    expect(admission.inUse).toBe(1);
    place[Symbol.dispose]();
    expect(admission.inUse).toBe(0);
  });
});
