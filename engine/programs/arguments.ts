/** Command-line options as getopt_long(3) takes them apart; each program words its own errors. */
import { err, ok, type Result } from '../base/result.ts';

/** What a program knows: short options by letter and long ones by name, each with what it is called in the result. */
export interface OptionTable {
  /** Options without value: `-v` as `v`, `--verbose` as `verbose`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Options with a value. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether options after the first operand are operands too (POSIX; `sleep`, `sh`). */
  readonly stopAtOperand?: boolean;
  /** Whether long options may be written with one dash, as Go's flag package allows. */
  readonly singleDashLong?: boolean;
}

/** Options in order, with the operands. */
export interface ParsedArguments {
  readonly flags: ReadonlySet<string>;
  /** Every value of every option, in order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  /** Options with values as they came, for programs that go by the order of different ones. */
  readonly entries: readonly (readonly [name: string, value: string])[];
  /** The last value of an option. */
  value(name: string): string | undefined;
  /** How often a flag was given. */
  count(name: string): number;
}

/** The first option that could not be understood, as it was written (`-x`, `--foo`). */
export interface OptionError {
  readonly kind: 'unknown' | 'needs-value' | 'takes-no-value';
  readonly option: string;
}

/** Takes arguments apart. */
export function parseArguments(
  args: readonly string[],
  table: OptionTable,
): Result<ParsedArguments, OptionError> {
  const counts = new Map<string, number>();
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const entries: (readonly [string, string])[] = [];
  const flagNameOf = lookUpIn(table.flags);
  const valueNameOf = lookUpIn(table.values);
  const addFlag = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const addValue = (name: string, value: string) => {
    values.set(name, [...(values.get(name) ?? []), value]);
    entries.push([name, value]);
  };
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      operands.push(argument);
      if (table.stopAtOperand !== true) continue;
      operands.push(...args.slice(index + 1));
      break;
    }
    const isLong = argument.startsWith('--') || table.singleDashLong === true;
    if (isLong) {
      const [key = '', inline] = splitOnce(argument.replace(/^--?/, ''), '=');
      const flag = flagNameOf(key);
      const valued = valueNameOf(key);
      if (flag !== undefined) {
        if (inline !== undefined && inline !== 'true' && inline !== 'false') {
          return err({ kind: 'takes-no-value', option: argument });
        }
        if (inline !== 'false') addFlag(flag);
      } else if (valued !== undefined) {
        const value = inline ?? args[index + 1];
        if (value === undefined) return err({ kind: 'needs-value', option: argument });
        if (inline === undefined) index += 1;
        addValue(valued, value);
      } else {
        return err({ kind: 'unknown', option: argument.split('=', 1)[0] ?? argument });
      }
      continue;
    }
    for (let letter = 1; letter < argument.length; letter += 1) {
      const key = argument.charAt(letter);
      const flag = flagNameOf(key);
      const valued = valueNameOf(key);
      if (flag !== undefined) {
        addFlag(flag);
        continue;
      }
      if (valued === undefined) return err({ kind: 'unknown', option: `-${key}` });
      const attached = argument.slice(letter + 1);
      const value = attached === '' ? args[index + 1] : attached;
      if (value === undefined) return err({ kind: 'needs-value', option: `-${key}` });
      if (attached === '') index += 1;
      addValue(valued, value);
      break;
    }
  }
  return ok({
    flags: new Set(counts.keys()),
    values,
    operands,
    entries,
    value: (name) => values.get(name)?.at(-1),
    count: (name) => counts.get(name) ?? 0,
  });
}

function lookUpIn(table: Readonly<Record<string, string>>): (key: string) => string | undefined {
  return (key) => (Object.hasOwn(table, key) ? table[key] : undefined);
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
