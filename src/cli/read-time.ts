const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a length of time such as `90d`, `12h`, `30m` or `0`. Throws an Error for anything else. */
export function readDuration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (text === '0') return 0;
  if (unitMs === undefined) throw new Error(`Expected a length of time such as 90d, 12h, 30m or 45s, and got ${text}.`);
  return Number(count) * unitMs;
}

/** A moment to come: a length of time from now, or a date such as `2027-01-31` or `2027-01-31T18:00:00Z`. */
export function readMoment(text: string, now = Date.now()): Date {
  const moment = readDate(text) ?? new Date(now + readDuration(text));
  if (moment.getTime() <= now) throw new Error(`Expected a time to come, and ${text} is past.`);
  return moment;
}

/** A moment that has been: a length of time before now, or a date as above. */
export function readPastMoment(text: string, now = Date.now()): Date {
  return readDate(text) ?? new Date(now - readDuration(text));
}

/** Undefined for what is not written as a date. Throws an Error for one that is not in the calendar. */
function readDate(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error(`There is no date ${text}.`);
  return date;
}
