import type { AppError } from '../../../src/errors';
import { decodeCursor, encodeCursor, requireKept } from '../../../src/events/cursor';
import { createEvents, TestLog } from '../../support/event-log';

let log: TestLog;
beforeEach(() => {
  log = new TestLog({ keptEvents: 10, droppedAtOnce: 1 });
  log.current.append(createEvents(5));
});
afterEach(() => log[Symbol.dispose]());

it('leads back to its place', () => {
  expect(decodeCursor(log.current, encodeCursor(log.current, 3))).toEqual({ sequence: 3, isSnapshot: false });
});

it('of a snapshot says so, and differs from model to model', () => {
  const [one, two] = ['a', 'b'].map((model) => encodeCursor(log.current, 5, model));
  expect(one).not.toBe(two);
  expect(decodeCursor(log.current, one!)).toEqual({ sequence: 5, isSnapshot: true });
});

it.each([
  ['nothing', () => ''],
  ['any text', () => 'yesterday'],
  ['bytes that are no text', () => Buffer.from([255, 254, 0]).toString('base64url')],
  ['a cursor of another log', () => Buffer.from('00000000-0000-0000-0000-000000000000|3').toString('base64url')],
  ['a place that is yet to come', () => encodeCursor(log.current, 6)],
  ['a negative place', () => encodeCursor(log.current, -1)],
  ['no number', () => Buffer.from(`${log.current.id}|x`).toString('base64url')],
  ['half a number', () => encodeCursor(log.current, 1.5)],
  ['a number past all', () => encodeCursor(log.current, 1e20)],
])('is refused as CURSOR_INVALID where it is %s', (_what, create) => {
  expect(() => decodeCursor(log.current, create())).toThrow(
    expect.objectContaining({ code: 'CURSOR_INVALID' } satisfies Partial<AppError>) as Error,
  );
});

it('expires once an event after it is no longer kept', () => {
  const first = decodeCursor(log.current, encodeCursor(log.current, 1));
  const beforeAll = decodeCursor(log.current, encodeCursor(log.current, 0));
  requireKept(log.current, first);
  requireKept(log.current, beforeAll);
  for (let round = 0; round < 6; round++) log.current.append(createEvents(1));
  expect(log.events[0]?.sequence).toBe(2);
  requireKept(log.current, first);
  expect(() => requireKept(log.current, beforeAll)).toThrow(
    expect.objectContaining({ code: 'CURSOR_EXPIRED' } satisfies Partial<AppError>) as Error,
  );
});
