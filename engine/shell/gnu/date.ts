/** `date`: the cluster's time, since nothing in the shell knows the wall clock. Source: coreutils 9.1; always in UTC. */
import { parseArguments } from '../../programs/arguments.ts';
import type { ShellResult } from '../shell-host.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** By what `--iso-8601` and `--rfc-3339` are precise to. */
const isoFormats: ReadonlyMap<string, string> = new Map([
  ['date', '%F'],
  ['hours', '%FT%H%:z'],
  ['minutes', '%FT%H:%M%:z'],
  ['seconds', '%FT%T%:z'],
  ['ns', '%FT%T,%N%:z'],
]);
const isoNames = ['hours', 'minutes', 'date', 'seconds', 'ns'].map((name) => `  - ‘${name}’`).join('\n');
const rfcFormats: ReadonlyMap<string, string> = new Map([
  ['date', '%F'],
  ['seconds', '%F %T%:z'],
  ['ns', '%F %T.%N%:z'],
]);

/** Runs `date`; the clock cannot be set. */
export function runDate(nowMs: number, args: readonly string[]): ShellResult {
  // Its value may be left out, and is written right behind the letter.
  const spelled = args.map((word) =>
    word.replace(
      /^(?:-I|--iso-8601=?)(?=[a-z]*$)([a-z]*)$/,
      (_, precision: string) => `--iso-8601=${precision || 'date'}`,
    ),
  );
  const read = parseArguments(spelled, {
    flags: { u: 'u', utc: 'u', universal: 'u', R: 'R', 'rfc-email': 'R' },
    values: { d: 'd', date: 'd', 'rfc-3339': '3', 'iso-8601': 'I' },
  });
  if (!read.ok) {
    const letter = read.error.option.replace(/^-+/, '');
    const problem =
      read.error.kind === 'needs-value'
        ? `option requires an argument -- '${letter}'`
        : `invalid option -- '${letter}'`;
    return failed(`${problem}\nTry 'date --help' for more information.`);
  }
  const { flags, operands, value } = read.value;
  const [operand, extra] = operands;
  if (extra !== undefined) return failed(`extra operand ‘${extra}’\nTry 'date --help' for more information.`);
  if (operand !== undefined && !operand.startsWith('+')) return failed(`invalid date ‘${operand}’`);
  const wanted = value('d');
  const ms = wanted === undefined ? nowMs : parseDate(wanted, nowMs);
  if (ms === undefined) return failed(`invalid date ‘${wanted}’`);
  const iso = value('I');
  if (iso !== undefined && !isoFormats.has(iso))
    return failed(
      `invalid argument ‘${iso}’ for ‘--iso-8601’\nValid arguments are:\n${isoNames}\nTry 'date --help' for more information.`,
    );
  const format =
    operand?.slice(1) ??
    isoFormats.get(iso ?? '') ??
    rfcFormats.get(value('3') ?? '') ??
    (flags.has('R') ? '%a, %d %b %Y %T %z' : '%a %b %e %T %Z %Y');
  return { exitCode: 0, stdout: `${formatDate(ms, format)}\n`, stderr: '' };
}

function failed(sentence: string): ShellResult {
  return { exitCode: 1, stdout: '', stderr: `date: ${sentence}\n` };
}

/** The moment as `+FORMAT` has it; what is no field stays as it is. */
export function formatDate(ms: number, format: string): string {
  return format.replaceAll(
    /%([-_0^#]?)(\d{0,3})(:?)(.)/g,
    (whole, flag: string, width: string, colon: string, letter: string) => {
      const text = colon === ':' && letter === 'z' ? '+00:00' : fieldOf(new Date(ms), letter);
      const filler = flag === '_' || /[a-zA-Z]/.test(text ?? '') ? ' ' : '0';
      return text === undefined ? whole : changed(text, flag).padStart(Number(width), filler);
    },
  );
}

function changed(text: string, flag: string): string {
  if (flag === '-') return text.replace(/^[ 0]+(?=\d)/, '');
  if (flag === '_') return text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length));
  if (flag === '0') return text.replace(/^ +/, (spaces) => '0'.repeat(spaces.length));
  return flag === '^' || flag === '#' ? text.toUpperCase() : text;
}

function fieldOf(time: Date, letter: string): string | undefined {
  const number = (value: number, width = 2) => String(value).padStart(width, '0');
  const blank = (value: number) => String(value).padStart(2);
  const day = days[time.getUTCDay()] ?? '';
  const month = months[time.getUTCMonth()] ?? '';
  const hour = time.getUTCHours();
  const ofTwelve = hour % 12 === 0 ? 12 : hour % 12;
  const dayOfYear = Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000);
  const fields: Readonly<Record<string, () => string>> = {
    '%': () => '%',
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    B: () => month,
    c: () => formatDate(time.getTime(), '%a %b %e %T %Y'),
    C: () => number(Math.floor(time.getUTCFullYear() / 100)),
    d: () => number(time.getUTCDate()),
    D: () => formatDate(time.getTime(), '%m/%d/%y'),
    e: () => blank(time.getUTCDate()),
    F: () => time.toISOString().slice(0, 10),
    h: () => month.slice(0, 3),
    H: () => number(hour),
    I: () => number(ofTwelve),
    j: () => number(dayOfYear + 1, 3),
    k: () => blank(hour),
    l: () => blank(ofTwelve),
    m: () => number(time.getUTCMonth() + 1),
    M: () => number(time.getUTCMinutes()),
    n: () => '\n',
    N: () => `${number(time.getUTCMilliseconds(), 3)}000000`,
    p: () => (hour < 12 ? 'AM' : 'PM'),
    P: () => (hour < 12 ? 'am' : 'pm'),
    q: () => String(Math.floor(time.getUTCMonth() / 3) + 1),
    r: () => formatDate(time.getTime(), '%I:%M:%S %p'),
    R: () => formatDate(time.getTime(), '%H:%M'),
    s: () => String(Math.floor(time.getTime() / 1_000)),
    S: () => number(time.getUTCSeconds()),
    t: () => '\t',
    T: () => time.toISOString().slice(11, 19),
    u: () => String(time.getUTCDay() === 0 ? 7 : time.getUTCDay()),
    U: () => number(Math.floor((dayOfYear + 7 - time.getUTCDay()) / 7)),
    w: () => String(time.getUTCDay()),
    x: () => formatDate(time.getTime(), '%m/%d/%y'),
    X: () => time.toISOString().slice(11, 19),
    y: () => number(time.getUTCFullYear() % 100),
    Y: () => String(time.getUTCFullYear()),
    z: () => '+0000',
    Z: () => 'UTC',
  };
  return Object.hasOwn(fields, letter) ? fields[letter]?.() : undefined;
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['sec', 1_000],
  ['second', 1_000],
  ['min', 60_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 7 * 86_400_000],
  ['fortnight', 14 * 86_400_000],
]);

/** Of a moment being put together from words. */
interface Moment {
  /** Milliseconds since the epoch. */
  ms: number;
  hasTime: boolean;
  hasDate: boolean;
}

/** One kind of word, and what it does to the moment. */
type Rule = readonly [pattern: RegExp, apply: (moment: Moment, match: RegExpExecArray) => void];

/** What coreutils' parse_datetime takes, as far as people write it: ISO dates, times, and steps from there. */
const rules: readonly Rule[] = [
  [
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?=[T\s]|$)T?/,
    (moment, [, year, month, day]) => setDate(moment, Number(year), Number(month) - 1, Number(day)),
  ],
  [
    /^(\d{1,2})\s+([a-z]{3,9})\s+(\d{4})\b/i,
    (moment, [, day, month, year]) => setDate(moment, Number(year), monthOf(month), Number(day)),
  ],
  [
    /^([a-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})\b/i,
    (moment, [, month, day, year]) => setDate(moment, Number(year), monthOf(month), Number(day)),
  ],
  [
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([ap])m\b)?/i,
    (moment, [, hour, minute, second = '0', fraction = '', half]) =>
      setTime(moment, {
        hour: hourOf(Number(hour), half),
        minute: Number(minute),
        ms: Number(second) * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3)),
      }),
  ],
  [
    /^([+-])(\d{2}):?(\d{2})\b/,
    (moment, [, sign, hours, minutes]) => {
      moment.ms -= (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    },
  ],
  [/^(?:z|utc|gmt)\b/i, () => {}],
  [/^(?:now|today)\b/i, () => {}],
  [/^tomorrow\b/i, (moment) => step(moment, 'day', 1)],
  [/^yesterday\b/i, (moment) => step(moment, 'day', -1)],
  [
    /^(\d{1,2})\s*([ap])m\b/i,
    (moment, [, hour, half]) => setTime(moment, { hour: hourOf(Number(hour), half), minute: 0, ms: 0 }),
  ],
  [
    /^([+-]?)\s*(\d+|next|last|an?)?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?(\s+ago)?\b/i,
    (moment, [, sign, amount = '1', unit = '', ago]) => {
      const count = amount.toLowerCase() === 'last' ? -1 : /^\d+$/.test(amount) ? Number(amount) : 1;
      step(moment, unit.toLowerCase(), count * (sign === '-' ? -1 : 1) * (ago === undefined ? 1 : -1));
    },
  ],
];

function parseDate(text: string, nowMs: number): number | undefined {
  const [, seconds] = /^\s*@(-?\d+(?:\.\d+)?)\s*$/.exec(text) ?? [];
  if (seconds !== undefined) return checked(Number(seconds) * 1_000);
  const moment: Moment = { ms: nowMs, hasTime: false, hasDate: false };
  let rest = text.trim();
  if (rest === '') setTime(moment, { hour: 0, minute: 0, ms: 0 });
  while (rest !== '') {
    let isKnown = false;
    for (const [pattern, apply] of rules) {
      const match = pattern.exec(rest);
      if (match === null) continue;
      apply(moment, match);
      rest = rest.slice(match[0].length).trim();
      isKnown = true;
      break;
    }
    if (!isKnown) return undefined;
  }
  return checked(moment.ms);
}

function checked(ms: number): number | undefined {
  return Number.isNaN(new Date(ms).getTime()) ? undefined : ms;
}

function monthOf(name: string | undefined): number {
  const wanted = (name ?? '').toLowerCase();
  const found = months.findIndex((month) => month.toLowerCase().startsWith(wanted));
  return found < 0 ? Number.NaN : found;
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function setDate(moment: Moment, year: number, month: number, day: number): void {
  const ofDay = moment.hasTime ? moment.ms % 86_400_000 : 0;
  const start = Date.UTC(year, month, day);
  moment.hasDate = true;
  // A day that its month has not is none.
  moment.ms = new Date(start).getUTCDate() === day ? start + ofDay : Number.NaN;
}

function setTime(
  moment: Moment,
  { hour, minute, ms }: { readonly hour: number; readonly minute: number; readonly ms: number },
): void {
  const isTime = hour < 24 && minute < 60 && ms < 61_000;
  moment.hasTime = true;
  moment.ms = isTime
    ? Math.floor(moment.ms / 86_400_000) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + ms
    : Number.NaN;
}

function step(moment: Moment, unit: string, count: number): void {
  const ms = unitMs.get(unit);
  if (ms !== undefined) {
    moment.ms += count * ms;
    return;
  }
  const date = new Date(moment.ms);
  if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + count);
  else date.setUTCFullYear(date.getUTCFullYear() + count);
  moment.ms = date.getTime();
}
