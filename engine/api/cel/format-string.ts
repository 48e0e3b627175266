/** The `format` function of texts: %s, %d, %f, %e, %b, %x, %X and %o. Source: cel-go/ext/formatting.go. */
import { CelError, type CelValue, isList, isMap, isSpecial } from './values.ts';

/** A text with its clauses filled in. @throws CelError for a clause that cannot be. */
export function formatString(template: string, args: readonly CelValue[]): string {
  let next = 0;
  const result = template.replaceAll(
    /%(?:%|(?:\.(\d{1,3}))?([a-zA-Z]))/g,
    (clause, precision: string, verb: string) => {
      if (clause === '%%') return '%';
      if (next >= args.length) throw new CelError(`index ${next} out of range`);
      const value = args[next] ?? null;
      next += 1;
      return formatClause(verb, value, precision === undefined ? 6 : Number(precision));
    },
  );
  if (next < args.length)
    throw new CelError(`too many arguments supplied to string.format (expected ${next}, got ${args.length})`);
  return result;
}

function formatClause(verb: string, value: CelValue, precision: number): string {
  switch (verb) {
    case 's':
      return displayValue(value);
    case 'd':
      if (typeof value === 'bigint' || typeof value === 'number') return String(value);
      break;
    case 'f':
      if (typeof value === 'bigint' || typeof value === 'number')
        return Number(value).toFixed(Math.min(precision, 100));
      break;
    case 'e':
      if (typeof value === 'bigint' || typeof value === 'number') {
        return Number(value)
          .toExponential(Math.min(precision, 100))
          .replace(/e([+-])(\d)$/, 'e$10$2');
      }
      break;
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (typeof value === 'bigint') return value.toString(2);
      break;
    case 'o':
      if (typeof value === 'bigint') return value.toString(8);
      break;
    case 'x':
    case 'X': {
      const digits = hexadecimal(value);
      if (digits !== undefined) return verb === 'X' ? digits.toUpperCase() : digits;
      break;
    }
    default:
      throw new CelError(
        `could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`,
      );
  }
  throw new CelError('error during formatting: no such overload');
}

function hexadecimal(value: CelValue): string | undefined {
  if (typeof value === 'bigint') return value.toString(16);
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : undefined;
}

/** A value as %s prints it. */
function displayValue(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (isList(value)) return `[${value.map(displayValue).join(', ')}]`;
  if (isMap(value)) {
    const entries = [...value].map(([key, inner]) => `${String(key)}: ${displayValue(inner)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  if (!isSpecial(value)) return String(value);
  switch (value.special) {
    case 'uint':
      return String(value.value);
    case 'duration':
      return `${Number(value.nanoseconds) / 1e9}s`;
    case 'timestamp':
      return new Date(Number(value.nanoseconds / 1_000_000n)).toISOString().replace('.000Z', 'Z');
    case 'type':
      return value.name;
    default:
      return value.special;
  }
}
