import { Cancellation } from '../../src/cancellation';

const reason = new Error('nobody waits');

describe('a cancellation', () => {
  it('tells everybody once, for the first reason', () => {
    const cancellation = new Cancellation();
    const heard: Error[] = [];
    cancellation.addListener((why) => heard.push(why));
    cancellation.addListener((why) => heard.push(why));
    expect(cancellation.reason).toBeUndefined();
    cancellation.cancel(reason);
    cancellation.cancel(new Error('again'));
    expect(heard).toEqual([reason, reason]);
    expect(cancellation.reason).toBe(reason);
  });

  it('tells nobody who has stopped listening, not even in the midst of telling', () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    const second = (): void => void heard.push('second');
    cancellation.addListener(() => {
      heard.push('first');
      cancellation.removeListener(second);
    });
    cancellation.addListener(second);
    cancellation.cancel(reason);
    expect(heard).toEqual(['first']);
  });

  it('is a signal for those who need one, whenever they ask for it', () => {
    const before = new Cancellation();
    const { signal } = before;
    expect(before.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    before.cancel(reason);
    expect(signal.reason).toBe(reason);

    const after = new Cancellation();
    after.cancel(reason);
    expect(after.signal.reason).toBe(reason);
  });
});
