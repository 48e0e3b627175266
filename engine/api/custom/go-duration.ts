/**
 * Durations as Go's time.ParseDuration reads them and Duration.String prints them: `1h30m`, `1.5s`.
 */

const unitNanoseconds: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const limit = 9_223_372_036_854_775_807n;

/** The nanoseconds of a duration; undefined when the text is none or they do not fit 64 bits. */
export function parseGoDuration(text: string): bigint | undefined {
  const match = /^([+-]?)(.*)$/s.exec(text);
  const [, sign = '', rest = ''] = match ?? [];
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  let total = 0n;
  const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;
  while (part.lastIndex < rest.length) {
    const found = part.exec(rest);
    const [, whole = '', fraction = '', unit = ''] = found ?? [];
    const nanoseconds = unitNanoseconds.get(unit);
    if (found === null || nanoseconds === undefined || `${whole}${fraction}` === '') return undefined;
    const digits = fraction.slice(0, 18);
    total += BigInt(whole || '0') * nanoseconds;
    total += (BigInt(digits || '0') * nanoseconds) / 10n ** BigInt(digits.length);
    if (total > limit + 1n) return undefined;
  }
  if (sign === '-') return -total;
  return total > limit ? undefined : total;
}

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `200ms`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  return minutes < 60n
    ? `${sign}${minutes}m${seconds}`
    : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
