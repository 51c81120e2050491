import { withTimeLimit } from '../../../src/server/time-limit';
import { createDeferred } from '../../support/deferred';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('a time limit', () => {
  it('is kept by work that is done before, and leaves no timer behind', async () => {
    const work = createDeferred();
    const isKept = withTimeLimit(work.promise, 1_000);
    jest.advanceTimersByTime(999);
    work.resolve();
    expect(await isKept).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not kept by work that is still under way when it ends', async () => {
    const work = createDeferred();
    const isKept = withTimeLimit(work.promise, 1_000);
    jest.advanceTimersByTime(1_000);
    expect(await isKept).toBe(false);
    // What it throws now is nobody's: Node would end the process if it were not looked after.
    work.reject(new Error('too late'));
    await work.promise.catch(() => undefined);
  });

  it('passes on what the work throws in time', async () => {
    await expect(withTimeLimit(Promise.reject(new Error('broken')), 1_000)).rejects.toThrow('broken');
    expect(jest.getTimerCount()).toBe(0);
  });
});
