import { CallerLimits } from '../../../src/guards/caller-limits';

const ANN = { id: 'key:ann', limits: undefined };
const BEN = { id: 'key:ben', limits: { requestsPerSecond: 1, concurrentRequests: 1 } };

function createLimits(defaults: ConstructorParameters<typeof CallerLimits>[0] = {}) {
  let now = 0;
  const limits = new CallerLimits(defaults, () => now);
  return { limits, pass: (ms: number) => (now += ms) };
}

function refusalOf(enter: () => unknown): unknown {
  try {
    enter();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the limits of a caller', () => {
  it('let requests pass at their rate, and say when the next may come', () => {
    const { limits, pass } = createLimits({ requestsPerSecond: 2 });
    limits.enterRequest(ANN);
    expect(limits.standingOf(ANN)).toEqual({ limit: 2, remaining: 1 });
    limits.enterRequest(ANN);
    const refusal = refusalOf(() => limits.enterRequest(ANN));
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', extensions: { retryAfterMs: 500 } });
    pass(500);
    limits.enterRequest(ANN);
    expect(refusalOf(() => limits.enterRequest(ANN))).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('are its own where its key has some, and do not touch its neighbours', () => {
    const { limits } = createLimits({ requestsPerSecond: 100 });
    using _place = limits.enterRequest(BEN);
    expect(refusalOf(() => limits.enterRequest(BEN))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refusalOf(() => limits.enterRequest(ANN))).toBeUndefined();
    expect(limits.of(BEN)).toMatchObject({ requestsPerSecond: 1, concurrentRequests: 1 });
  });

  it('count requests at the same time for as long as each is held, once', () => {
    const { limits } = createLimits({ concurrentRequests: 2 });
    const first = limits.enterRequest(ANN);
    limits.enterRequest(ANN);
    expect(refusalOf(() => limits.enterRequest(ANN))).toMatchObject({ code: 'RATE_LIMITED' });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    limits.enterRequest(ANN);
    expect(refusalOf(() => limits.enterRequest(ANN))).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('let what was computed too much be worked off before the next request', () => {
    const { limits, pass } = createLimits({ inferenceMsPerSecond: 100 });
    limits.enterRequest(ANN);
    limits.charge(ANN, 350);
    const refusal = refusalOf(() => limits.enterRequest(ANN));
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', extensions: { retryAfterMs: 2_510 } });
    pass(2_510);
    expect(refusalOf(() => limits.enterRequest(ANN))).toBeUndefined();
  });

  it('count subscriptions apart from requests', () => {
    const { limits } = createLimits({ subscriptions: 1, concurrentRequests: 1 });
    const subscription = limits.enterSubscription(ANN);
    expect(refusalOf(() => limits.enterSubscription(ANN))).toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS' });
    limits.enterRequest(ANN);
    subscription[Symbol.dispose]();
    expect(refusalOf(() => limits.enterSubscription(ANN))).toBeUndefined();
  });

  it('are none where none are set', () => {
    const { limits } = createLimits();
    for (let request = 0; request < 10_000; request++) limits.enterRequest(ANN);
    expect(limits.standingOf(ANN)).toBeUndefined();
  });

  it('remember no more than 10,000 callers of a million, and forget none who has something under way', () => {
    const { limits } = createLimits({ requestsPerSecond: 1, subscriptions: 1 });
    const held = { id: 'key:held', limits: undefined };
    limits.enterSubscription(held);
    for (let address = 0; address < 1_000_000; address++) {
      using _place = limits.enterRequest({ id: `address:${address}`, limits: undefined });
    }
    expect(limits.callers).toBe(10_000);
    expect(refusalOf(() => limits.enterSubscription(held))).toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS' });
  });
});
