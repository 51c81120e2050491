import { EventLog } from '../../../src/events/event-log';
import { createEvent, createEvents, TestLog } from '../../support/event-log';

let log: TestLog;
beforeEach(() => (log = new TestLog({ keptEvents: 100, droppedAtOnce: 10 })));
afterEach(() => log[Symbol.dispose]());

describe('an event', () => {
  it('comes back with all that was known of it', () => {
    const event = createEvent({
      kind: 'traffic_changed',
      previousVersion: '0',
      traffic: { role: 'canary', percent: 12.5 },
      reason: 'Wochenlauf „grün" 🚦',
      actor: 'ci',
    });
    const [logged] = log.current.append([event]);
    expect(log.events).toEqual([{ ...event, sequence: logged?.sequence, at: logged?.at }]);
  });

  it('has no more than it was given', () => {
    log.current.append([createEvent()]);
    expect(log.events[0]).toMatchObject({ kind: 'ready', modelName: 'm', version: '1' });
    for (const key of ['previousVersion', 'traffic', 'reason', 'actor'] as const)
      expect(log.events[0]?.[key]).toBeUndefined();
  });

  it('has a higher number than every one before it, over restarts too', () => {
    const [first] = log.current.append([createEvent()]);
    log.current.close();
    const [second] = log.reopen().append([createEvent()]);
    expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Infinity);
    expect(log.current.head).toBe(second?.sequence);
  });
});

describe('a state', () => {
  it('is kept per model, the last one written, over a restart', () => {
    log.current.append([createEvent()], new Map([['m', { live: '1' }]]));
    log.current.append(
      [createEvent()],
      new Map<string, unknown>([
        ['m', { live: '2' }],
        ['n', { live: undefined, history: ['ü'] }],
      ]),
    );
    log.current.close();
    expect([...log.reopen().readStates()]).toEqual([
      ['m', { live: '2' }],
      ['n', { history: ['ü'] }],
    ]);
  });

  it('is not written where its events cannot be', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect(() => log.current.append([createEvent()], new Map([['m', cyclic]]))).toThrow();
    expect(log.events).toEqual([]);
    expect(log.current.head).toBe(0);
    expect(log.current.append([createEvent()])).toHaveLength(1);
  });
});

describe('reading', () => {
  beforeEach(() => {
    log.current.append(createEvents(6));
    log.current.append([createEvent({ modelName: 'other' }), createEvent({ kind: 'promoted' })]);
  });

  it.each([
    ['a limit, from the beginning', { limit: 2 }, [1, 2]],
    ['a limit, from the end, oldest first', { limit: 2, fromEnd: true }, [7, 8]],
    ['after and before', { limit: 10, after: 2, before: 5 }, [3, 4]],
    ['a model', { limit: 10, model: 'other' }, [7]],
    ['kinds', { limit: 10, kinds: ['promoted', 'failed'] as const }, [8]],
    ['no kinds at all', { limit: 10, kinds: [] }, []],
    ['a model and a kind that do not meet', { limit: 10, model: 'other', kinds: ['promoted'] as const }, []],
    ['the kind that is never logged', { limit: 10, kinds: ['current'] as const }, []],
  ])('keeps to %s', (_what, options, expected) => {
    expect(log.current.read(options).map(({ sequence }) => sequence)).toEqual(expected);
  });
});

describe('retention', () => {
  it('keeps at least so many events and drops the oldest some at a time', () => {
    for (let round = 0; round < 25; round++) log.current.append(createEvents(10));
    expect(log.events.length).toBeGreaterThanOrEqual(100);
    expect(log.events.length).toBeLessThan(110);
    expect(log.current.head).toBe(250);
    const oldest = log.events[0]?.sequence ?? 0;
    expect(log.current.keepsAllAfter(oldest - 1)).toBe(true);
    expect(log.current.keepsAllAfter(oldest - 2)).toBe(false);
  });

  it('is remembered over a restart', () => {
    for (let round = 0; round < 12; round++) log.current.append(createEvents(10));
    const oldest = log.events[0]?.sequence ?? 0;
    log.current.close();
    expect(log.reopen().keepsAllAfter(oldest - 2)).toBe(false);
    expect(log.current.keepsAllAfter(oldest - 1)).toBe(true);
  });
});

describe('the data folder', () => {
  it('belongs to one server at a time, and the message says what to do', () => {
    expect(() => EventLog.open(log.path)).toThrow(/Another server uses it.*PREDICTQL_DATA_DIR/);
  });

  it('is made where it is missing', () => {
    const deeper = EventLog.open(`${log.path}/a/b`);
    expect(deeper.append([createEvent()])).toHaveLength(1);
    deeper.close();
  });

  it('that is a file is refused with what to do', () => {
    expect(() => EventLog.open('/dev/null')).toThrow(/data folder cannot be used.*PREDICTQL_DATA_DIR/);
  });

  it('keeps the name of its log, and two folders have two', () => {
    const { id } = log.current;
    log.current.close();
    expect(log.reopen().id).toBe(id);
    using another = new TestLog();
    expect(another.current.id).not.toBe(id);
  });
});
