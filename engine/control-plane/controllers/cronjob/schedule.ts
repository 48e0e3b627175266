/**
 * When a CronJob's schedule is due. What can be read at all the API server has checked; what cannot is never due.
 * Source: github.com/robfig/cron/v3 (SpecSchedule.Next, ConstantDelaySchedule).
 */

/** A moment of virtual time in milliseconds to the next one that is due; undefined when there is none within five years. */
export type Schedule = (afterMs: number) => number | undefined;

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both kinds of days are restricted: then one of them is enough. */
  readonly isEitherDay: boolean;
}

const monthNames = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);
const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const dayMs = 86_400_000;
const longestSearchDays = 5 * 366;

/** Reads a schedule in a time zone; undefined when either is none. */
export function parseSchedule(text: string, timeZone: string): Schedule | undefined {
  if (!isTimeZone(timeZone)) return undefined;
  if (text.startsWith('@every ')) return everyInterval(text.slice('@every '.length));
  const fields = parseFields(descriptors.get(text) ?? text);
  return fields === undefined ? undefined : (afterMs) => nextDue(fields, timeZone, afterMs);
}

/** Whether a time zone is known. */
export function isTimeZone(name: string): boolean {
  return name === 'UTC' || zoneFormat(name) !== undefined;
}

function everyInterval(text: string): Schedule {
  const parts = [...text.matchAll(/([0-9]{1,10}(?:\.[0-9]{1,10})?)(ms|s|m|h)/g)];
  const sum = parts.reduce((ms, [, count, unit]) => ms + Number(count) * (unitMs.get(unit ?? '') ?? 0), 0);
  const delayMs = Math.max(1000, Math.floor(sum / 1000) * 1000);
  return (afterMs) => Math.floor(afterMs / 1000) * 1000 + delayMs;
}

function parseFields(text: string): Fields | undefined {
  const words = text.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = words;
  if (words.length !== 5) return undefined;
  const isOpen = (word: string) => /^[*?]/.test(word);
  return {
    minutes: parseField(minute, 0, 59, []),
    hours: parseField(hour, 0, 23, []),
    days: parseField(day, 1, 31, []),
    months: parseField(month, 1, 12, monthNames),
    weekdays: parseField(weekday, 0, 6, dayNames),
    isEitherDay: !isOpen(day) && !isOpen(weekday),
  };
}

function parseField(text: string, min: number, max: number, names: readonly string[]): ReadonlySet<number> {
  const values = new Set<number>();
  const read = (word: string) => {
    const named = names.indexOf(word.toLowerCase());
    return named >= 0 && word !== '' ? named : Number(word);
  };
  for (const range of text.split(',')) {
    const [span = '', stepText] = range.split('/');
    const [low = '', high] = span.split('-');
    const isAll = low === '*' || low === '?';
    const first = isAll ? min : read(low);
    const last = isAll || (stepText !== undefined && high === undefined) ? max : read(high ?? low);
    const step = Math.max(1, Number(stepText ?? 1) || 1);
    for (let value = Math.max(min, first); value <= Math.min(max, last); value += step) values.add(value);
  }
  return values;
}

function nextDue(fields: Fields, timeZone: string, afterMs: number): number | undefined {
  // What the clock on the wall shows, counted as if it were UTC.
  const wallMs = Math.floor(afterMs / 60_000) * 60_000 + offsetMs(timeZone, afterMs);
  const firstDay = Math.floor(wallMs / dayMs);
  for (let day = firstDay; day < firstDay + longestSearchDays; day += 1) {
    if (!isDayDue(fields, new Date(day * dayMs))) continue;
    for (const hour of [...fields.hours].sort(byValue)) {
      for (const minute of [...fields.minutes].sort(byValue)) {
        const dueMs = fromWall(timeZone, day * dayMs + hour * 3_600_000 + minute * 60_000);
        if (dueMs !== undefined && dueMs > afterMs) return dueMs;
      }
    }
  }
  return undefined;
}

function isDayDue(fields: Fields, date: Date): boolean {
  if (!fields.months.has(date.getUTCMonth() + 1)) return false;
  const byDate = fields.days.has(date.getUTCDate());
  const byWeekday = fields.weekdays.has(date.getUTCDay());
  return fields.isEitherDay ? byDate || byWeekday : byDate && byWeekday;
}

/** The moment at which clocks show a time; undefined when they skip it. */
function fromWall(timeZone: string, wallMs: number): number | undefined {
  const guess = wallMs - offsetMs(timeZone, wallMs);
  const dueMs = wallMs - offsetMs(timeZone, guess);
  return dueMs + offsetMs(timeZone, dueMs) === wallMs ? dueMs : undefined;
}

function offsetMs(timeZone: string, atMs: number): number {
  if (timeZone === 'UTC') return 0;
  const parts = zoneFormat(timeZone)?.formatToParts(new Date(atMs)) ?? [];
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(
    read('year'),
    read('month') - 1,
    read('day'),
    read('hour') % 24,
    read('minute'),
    read('second'),
  );
  return wall - Math.floor(atMs / 1000) * 1000;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

function byValue(a: number, b: number): number {
  return a - b;
}
