import { setMaxListeners } from 'node:events';
import type { AppError } from '../../../src/errors';
import { EventFeed, type EventFeedOptions, type FollowOptions } from '../../../src/events/event-feed';
import type { LoggedEvent } from '../../../src/events/model-version-event';
import { endOfTurn } from '../../support/deferred';
import { createEvent, createEvents, TestLog } from '../../support/event-log';
import { createRecordingLog, silentLog } from '../../support/silent-log';
import { until } from '../../support/until';

let log: TestLog;
let controller: AbortController;
beforeEach(() => {
  log = new TestLog();
  controller = new AbortController();
  setMaxListeners(0, controller.signal);
});
afterEach(() => {
  controller.abort();
  log[Symbol.dispose]();
});

const createFeed = (options: Partial<EventFeedOptions> = {}): EventFeed =>
  new EventFeed({ log: log.current, appLog: silentLog, ...options });

const nothing = { apply: () => undefined };

/** Reads in the background; what it has is in `got`. */
function follow(feed: EventFeed, options: Partial<FollowOptions> = {}) {
  const got: LoggedEvent[] = [];
  const stream = feed.follow({ after: 0, signal: controller.signal, ...options });
  const done = (async () => {
    for await (const event of stream) got.push(event);
  })();
  return { done, numbers: () => got.map(({ sequence }) => sequence), reasons: () => got.map(({ reason }) => reason) };
}

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a commit', () => {
  it('makes the change true after it is written and before anybody is told', async () => {
    const feed = createFeed();
    const order: string[] = [];
    const stream = feed.follow({ after: 0, signal: controller.signal });
    const told = stream.next().then(() => order.push(`told, ${log.current.head} written`));
    await endOfTurn();
    feed.commit([createEvent()], { apply: () => order.push(`applied, ${log.current.head} written`) });
    order.push('returned');
    await told;
    expect(order).toEqual(['applied, 1 written', 'returned', 'told, 1 written']);
  });

  it('that cannot be written changes nothing and says why', () => {
    const feed = createFeed();
    log.isFull = true;
    const apply = jest.fn();
    expect(() => feed.commit([createEvent()], { apply })).toThrow(
      expect.objectContaining({
        code: 'INTERNAL_SERVER_ERROR',
        message: expect.stringContaining('nothing was changed') as string,
      } satisfies Partial<AppError>) as Error,
    );
    expect(apply).not.toHaveBeenCalled();
    log.isFull = false;
    expect(log.events).toEqual([]);
    expect(feed.waiting).toBe(0);
  });

  it('returns its own events, not those that had waited', () => {
    const feed = createFeed();
    log.isFull = true;
    feed.commitInAnyCase([createEvent({ reason: 'waited' })], nothing);
    log.isFull = false;
    expect(feed.commit([createEvent({ reason: 'own' })], nothing).map(({ reason }) => reason)).toEqual(['own']);
  });
});

describe('facts that stand whether or not they can be written', () => {
  it('are true at once, and their events come later, in order and before any newer one', async () => {
    const feed = createFeed();
    const { reasons } = follow(feed);
    log.isFull = true;
    const apply = jest.fn();
    feed.commitInAnyCase([createEvent({ reason: 'first' })], { apply, states: new Map([['m', 1]]) });
    feed.commitInAnyCase([createEvent({ reason: 'second' })], { apply, states: new Map([['m', 2]]) });
    expect(apply).toHaveBeenCalledTimes(2);
    expect(feed.waiting).toBe(2);
    await endOfTurn();
    expect(reasons()).toEqual([]);

    log.isFull = false;
    feed.commit([createEvent({ reason: 'third' })], nothing);
    await until('three events have come', () => reasons().length === 3);
    expect(reasons()).toEqual(['first', 'second', 'third']);
    expect(log.events.map(({ reason }) => reason)).toEqual(['first', 'second', 'third']);
    expect(log.current.readStates().get('m')).toBe(2);
    expect(feed.waiting).toBe(0);
  });

  it('are written by themselves once they can be, and what keeps them is logged', async () => {
    const { log: appLog, entries } = createRecordingLog();
    const feed = createFeed({ appLog, retryMs: 1 });
    log.isFull = true;
    feed.commitInAnyCase([createEvent()], nothing);
    expect(entries).toContainEqual(expect.objectContaining({ msg: 'events not written yet', waiting: 1 }));
    await until('three attempts are logged', () => entries.length >= 3);
    log.isFull = false;
    await until('nothing waits to be written', () => feed.waiting === 0);
    expect(log.events).toHaveLength(1);
  });

  it('are written by the last attempt when the feed is closed', () => {
    const feed = createFeed();
    log.isFull = true;
    feed.commitInAnyCase([createEvent()], nothing);
    log.isFull = false;
    feed.close();
    log.reopen();
    expect(log.events).toHaveLength(1);
  });

  it('do no harm after the feed was closed', () => {
    const feed = createFeed();
    feed.close();
    const apply = jest.fn();
    feed.commitInAnyCase([createEvent()], { apply });
    expect(apply).toHaveBeenCalledTimes(1);
    log.reopen();
    expect(log.events).toEqual([]);
  });
});

describe('a follower', () => {
  it('gets past and present without a gap or a double, from wherever it starts', async () => {
    log.current.append(createEvents(1_250));
    const feed = createFeed();
    const followers = [0, 1, 199, 200, 201, 1_249, 1_250].map((after) => ({ after, ...follow(feed, { after }) }));
    // Every burst meets the followers at another point of their replay.
    for (let round = 0; round < 50; round++) {
      feed.commit(createEvents(1 + (round % 7) * 40), nothing);
      if (round % 3 === 0) await endOfTurn();
    }
    const { head } = log.current;
    for (const { after, numbers: got } of followers) {
      await until('the follower is at the head', () => got().at(-1) === head);
      expect(got()).toEqual(numbers(after + 1, head));
    }
  });

  it('gets what it filters for, and passes over the rest', async () => {
    const feed = createFeed();
    const { reasons } = follow(feed, { model: 'n', kinds: ['promoted'] });
    feed.commit([createEvent({ kind: 'promoted' }), createEvent({ modelName: 'n' })], nothing);
    feed.commit([createEvent({ modelName: 'n', kind: 'promoted', reason: 'this' })], nothing);
    await until('the event has come', () => reasons().length > 0);
    expect(reasons()).toEqual(['this']);
  });

  it('ends when its signal does, waiting or not', async () => {
    const feed = createFeed();
    const waiting = follow(feed);
    await endOfTurn();
    expect(feed.followerCount).toBe(1);
    controller.abort();
    await waiting.done;
    expect(feed.followerCount).toBe(0);
    await follow(feed).done;
  });

  it('ends when its signal does while it waits for its turn', async () => {
    const feed = createFeed();
    const { done } = follow(feed);
    controller.abort();
    await done;
    expect(feed.followerCount).toBe(0);
  });

  it('is told in its turn: others have the event loop in between, and who committed goes first', async () => {
    const feed = createFeed();
    let told = 0;
    for (let count = 0; count < 100; count++)
      void (async () => {
        for await (const _event of feed.follow({ after: 0, signal: controller.signal })) {
          told++;
          const end = performance.now() + 1;
          while (performance.now() < end);
        }
      })();
    await endOfTurn();
    feed.commit(createEvents(1), nothing);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(told).toBe(0);
    await endOfTurn();
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(50);
    await until('all are told', () => told === 100);
  });

  it('leaves the event loop to others while it reads past much that it does not want', async () => {
    log.current.append(createEvents(20_000));
    const feed = createFeed();
    const { numbers: got } = follow(feed, { kinds: ['promoted'] });
    const last = feed.commit([createEvent({ kind: 'promoted' })], nothing)[0]!.sequence;
    let turns = 0;
    for (; got().length === 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(got()).toEqual([last]);
    expect(turns).toBeGreaterThan(3);
  });

  it('that falls too far behind is told once and dropped, and others go on', async () => {
    const feed = createFeed({ maxBehind: 10 });
    const onTooSlow = jest.fn();
    const slow = feed.follow({ after: 0, signal: controller.signal, onTooSlow });
    const first = slow.next();
    await endOfTurn();
    const quick = follow(feed);
    feed.commit(createEvents(1), nothing);
    expect((await first).value?.sequence).toBe(1);
    for (let count = 0; count < 30; count++) {
      feed.commit(createEvents(1), nothing);
      await endOfTurn();
    }
    expect(onTooSlow).toHaveBeenCalledTimes(1);
    expect((await slow.next()).done).toBe(true);
    await until('the quick one has all', () => quick.numbers().length === 31);
    expect(feed.followerCount).toBe(1);
  });

  it('may begin further behind than others may fall', async () => {
    log.current.append(createEvents(100));
    const feed = createFeed({ maxBehind: 10 });
    const onTooSlow = jest.fn();
    const stream = feed.follow({ after: 0, signal: controller.signal, onTooSlow });
    await stream.next();
    feed.commit(createEvents(5), nothing);
    expect(onTooSlow).not.toHaveBeenCalled();
    feed.commit(createEvents(10), nothing);
    expect(onTooSlow).toHaveBeenCalledTimes(1);
  });
});
