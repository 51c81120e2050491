import fc from 'fast-check';
import { formatLocalDateTime, parseLocalDateTime, weekdayOf } from '../../../src/transforms/local-date-time';

describe('reading a clock time', () => {
  it.each([
    ['2018-07-20T15:00', '2018-07-20T15:00:00'],
    ['2018-07-20T15:00:59', '2018-07-20T15:00:59'],
    ['2018-07-20T15:00:59.123456789', '2018-07-20T15:00:59'],
    ['2020-02-29T00:00', '2020-02-29T00:00:00'],
    ['2000-02-29T23:59:59', '2000-02-29T23:59:59'],
    ['0001-01-01T00:00', '0001-01-01T00:00:00'],
    ['9999-12-31T23:59', '9999-12-31T23:59:59'.replace(':59:59', ':59:00')],
  ])('takes %s', (text, formatted) => {
    expect(formatLocalDateTime(parseLocalDateTime(text))).toBe(formatted);
  });

  it.each([
    ['2018-07-20T15:00Z', 'without zone'],
    ['2018-07-20T15:00:00+02:00', 'without zone'],
    ['2018-07-20 15:00', 'without zone'],
    ['2018-07-20', 'without zone'],
    ['15:00', 'without zone'],
    ['2018-7-20T15:00', 'without zone'],
    ['18-07-20T15:00', 'without zone'],
    ['+12018-07-20T15:00', 'without zone'],
    ['2018-07-20T15', 'without zone'],
    ['2018-07-20T15:00:00.', 'without zone'],
    ['2018-07-20T15:00\n', 'without zone'],
    [' 2018-07-20T15:00', 'without zone'],
    ['２018-07-20T15:00', 'without zone'],
    ['', 'without zone'],
    ['2018-02-29T10:00', 'a day that exists'],
    ['2018-02-31T10:00', 'a day that exists'],
    ['1900-02-29T10:00', 'a day that exists'],
    ['2018-04-31T10:00', 'a day that exists'],
    ['2018-00-10T10:00', 'a day that exists'],
    ['2018-13-10T10:00', 'a day that exists'],
    ['2018-12-00T10:00', 'a day that exists'],
    ['2018-07-20T24:00', '00:00:00 to 23:59:59'],
    ['2018-07-20T23:60', '00:00:00 to 23:59:59'],
    ['2018-07-20T23:59:60', '00:00:00 to 23:59:59'],
  ])('refuses %j and says what was expected', (text, message) => {
    expect(() => parseLocalDateTime(text)).toThrow(message);
  });

  it('agrees with the calendar for every day of four centuries', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1800-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString().slice(0, 19);
          expect(formatLocalDateTime(parseLocalDateTime(text))).toBe(text);
          expect(weekdayOf(parseLocalDateTime(text))).toBe((date.getUTCDay() + 6) % 7);
        },
      ),
    );
  });

  it('does not depend on the zone of the machine', () => {
    // In most zones of Europe this hour did not exist.
    expect(parseLocalDateTime('2018-03-25T02:30')).toMatchObject({ hour: 2, minute: 30 });
  });
});

describe('the day of the week', () => {
  it.each([
    ['2018-07-16T00:00', 0],
    ['2018-07-20T23:59', 4],
    ['2018-07-21T00:00', 5],
    ['2018-07-22T23:59', 6],
    ['0001-01-01T00:00', 0],
  ])('of %s is %i, Monday being 0', (text, weekday) => {
    expect(weekdayOf(parseLocalDateTime(text))).toBe(weekday);
  });
});
