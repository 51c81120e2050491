import { Cancellation } from '../../../src/cancellation';
import { ClientLeftError } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { Deadline } from '../../../src/prediction/deadline';
import { createDeferred, rejection } from '../../support/deferred';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('a deadline', () => {
  it('ends after its time, and says how to get more', () => {
    const deadline = new Deadline(new Cancellation(), 250);
    jest.advanceTimersByTime(249);
    expect(deadline.reason).toBeUndefined();
    expect(() => deadline.check()).not.toThrow();
    jest.advanceTimersByTime(1);
    const error = deadline.reason as AppError;
    expect(error).toBeInstanceOf(AppError);
    expect(error.code).toBe('DEADLINE_EXCEEDED');
    expect(error.message).toContain('250 ms');
    expect(error.message).toContain('options.timeoutMs');
    expect(() => deadline.check()).toThrow(error);
  });

  it('ends with its parent, for the reason of its parent', () => {
    const parent = new Cancellation();
    const deadline = new Deadline(parent, 250);
    const reason = new ClientLeftError();
    parent.cancel(reason);
    expect(deadline.reason).toBe(reason);
    jest.advanceTimersByTime(1_000);
    expect(deadline.reason).toBe(reason);
  });

  it('has ended where its parent had ended before', () => {
    const reason = new ClientLeftError();
    const parent = new Cancellation();
    parent.cancel(reason);
    const deadline = new Deadline(parent, 250);
    expect(deadline.reason).toBe(reason);
  });

  it('hands on what work gives or throws before it ends, and forgets the work', async () => {
    const deadline = new Deadline(new Cancellation(), 250);
    const forgotten = jest.spyOn(deadline, 'removeListener');
    expect(await deadline.race(Promise.resolve('done'))).toBe('done');
    await expect(deadline.race(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(forgotten).toHaveBeenCalledTimes(2);
  });

  it('is told of in the place of work that is not done when it ends, whatever becomes of that', async () => {
    const deadline = new Deadline(new Cancellation(), 250);
    const work = createDeferred();
    const raced = rejection(deadline.race(work.promise));
    jest.advanceTimersByTime(250);
    expect(await raced).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    work.reject(new Error('too late'));
    expect(await rejection(deadline.race(createDeferred().promise))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('never ends once it is disposed of, and leaves no timer behind', () => {
    const parent = new Cancellation();
    const deadline = new Deadline(parent, 250);
    deadline[Symbol.dispose]();
    expect(jest.getTimerCount()).toBe(0);
    parent.cancel(new ClientLeftError());
    jest.advanceTimersByTime(1_000);
    expect(deadline.reason).toBeUndefined();
  });
});
