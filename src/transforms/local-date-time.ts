/** Clock time without a zone. */
export interface LocalDateTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?$/;

/** Reads `2018-07-20T15:00`, seconds and their fraction optional. Throws an Error that says what is wrong. */
export function parseLocalDateTime(text: string): LocalDateTime {
  const match = PATTERN.exec(text);
  if (!match) throw new Error('Expected a clock time without zone, such as 2018-07-20T15:00.');
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month))
    throw new Error('Expected a day that exists in the calendar.');
  if (hour > 23 || minute > 59 || second > 59)
    throw new Error('Expected a clock time from 00:00:00 to 23:59:59; midnight is 00:00 of the next day.');
  return { year, month, day, hour, minute, second };
}

export function formatLocalDateTime({ year, month, day, hour, minute, second }: LocalDateTime): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOf({ year, month, day }: LocalDateTime): number {
  return (utc(year, month, day).getUTCDay() + 6) % 7;
}

function daysIn(year: number, month: number): number {
  return utc(year, month + 1, 0).getUTCDate();
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
function utc(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}
