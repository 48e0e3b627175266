/**
 * Schedules of CronJobs, five fields or a word: whether they can be read, and the words when not.
 * Source: github.com/robfig/cron/v3 (ParseStandard). Left out: the time zone before a schedule, which is refused anyway,
 * and the words about durations that Go cannot parse.
 */

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fieldBounds: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Why a schedule cannot be read; undefined when it can. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  if (schedule.startsWith('@')) return descriptorProblem(schedule);
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== fieldBounds.length) {
    return `expected exactly ${fieldBounds.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, bounds] of fieldBounds.entries()) {
    for (const range of (fields[index] ?? '').split(',')) {
      const problem = range === '' ? undefined : rangeProblem(range, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function descriptorProblem(descriptor: string): string | undefined {
  if (descriptors.includes(descriptor)) return undefined;
  if (!descriptor.startsWith('@every ')) return `unrecognized descriptor: ${descriptor}`;
  const duration = descriptor.slice('@every '.length);
  if (/^[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
  return `failed to parse duration ${descriptor}: time: invalid duration ${JSON.stringify(duration)}`;
}

function rangeProblem(range: string, bounds: Bounds): string | undefined {
  const [span = '', ...steps] = range.split('/');
  const [low = '', high, ...more] = span.split('-');
  const isAll = low === '*' || low === '?';
  const start = isAll ? bounds.min : parseNumber(low, bounds.names);
  if (typeof start === 'string') return start;
  if (!isAll && more.length > 0) return `too many hyphens: ${range}`;
  const last = isAll ? bounds.max : high === undefined ? start : parseNumber(high, bounds.names);
  if (typeof last === 'string') return last;
  if (steps.length > 1) return `too many slashes: ${range}`;
  const [stepText] = steps;
  const step = stepText === undefined ? 1 : parseNumber(stepText, []);
  if (typeof step === 'string') return step;
  const end = stepText !== undefined && high === undefined ? bounds.max : last;
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${range}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

/** A number or the name of one, or why it is none. */
function parseNumber(written: string, names: readonly string[]): number | string {
  const named = names.indexOf(written.toLowerCase());
  // Months are counted from one, days of the week from zero.
  if (named >= 0) return names === months ? named + 1 : named;
  if (!/^[-+]?[0-9]+$/.test(written)) {
    return `failed to parse int from ${written}: strconv.Atoi: parsing ${JSON.stringify(written)}: invalid syntax`;
  }
  const value = Number(written);
  return value < 0 ? `negative number (${value}) not allowed: ${written}` : value;
}
