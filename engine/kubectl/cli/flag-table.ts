/**
 * Flags as kubectl reads them: one table per command, parsed as spf13/pflag does (GNU style). It stands for pflag; left
 * out is flag normalisation.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseDurationMs } from './duration.ts';

/** How a flag's value is read. `count` flags may stand without a value, as `-v`. */
export type FlagType =
  | 'bool'
  | 'string'
  | 'int'
  | 'duration'
  | 'stringSlice'
  | 'stringArray'
  | 'stringToString';

/** One flag of a command. */
export interface FlagSpec {
  readonly name: string;
  /** The one-letter form. */
  readonly short?: string;
  readonly type: FlagType;
  /** As kubectl's help prints it; the empty value of the type when absent. */
  readonly initial?: string;
  /** What the flag means when it stands without `=value`; then it never takes the next word. */
  readonly bare?: string;
  readonly usage: string;
  readonly hidden?: boolean;
  /** What to use instead; said when the flag is used. */
  readonly deprecated?: string;
}

/** The values that a command line gave to the flags of a table. Asking for a flag that the table lacks is a bug. */
export class Flags {
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(specs: readonly FlagSpec[], values: ReadonlyMap<string, readonly string[]>) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** Whether the flag of this name is this very one, and not another that hides it. */
  holds(spec: FlagSpec): boolean {
    return this.#specs.get(spec.name) === spec;
  }

  /** Whether the command line named the flag. */
  isSet(name: string): boolean {
    return this.#values.has(name);
  }

  /** What the command line gave, in its order. */
  given(): readonly (readonly [name: string, value: string])[] {
    return [...this.#values].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  }

  string(name: string): string {
    return this.#values.get(name)?.at(-1) ?? this.#specs.get(name)?.initial ?? '';
  }

  bool(name: string): boolean {
    return this.string(name) === 'true';
  }

  int(name: string): number {
    return Number(this.string(name) || '0');
  }

  /** A duration in milliseconds. */
  durationMs(name: string): number {
    return parseDurationMs(this.string(name)) ?? 0;
  }

  /** The values of a slice flag, split at commas as pflag's StringSlice does; of an array flag, whole. */
  strings(name: string): readonly string[] {
    const values = this.#values.get(name) ?? [];
    return this.#specs.get(name)?.type === 'stringArray'
      ? values
      : values.flatMap((value) => value.split(','));
  }
}

/** What a command line came to: flags, plain arguments, and where `--` stood among them. */
export interface ParsedArguments {
  readonly flags: Flags;
  readonly args: readonly string[];
  /** Number of arguments before `--`; undefined when there was none. */
  readonly dashAt: number | undefined;
}

/**
 * Reads a command's words against its table.
 *
 * @returns an error text in pflag's words; `help` when `-h` or `--help` was met.
 */
export function parseArguments(
  words: readonly string[],
  specs: readonly FlagSpec[],
): Result<ParsedArguments, string> {
  const reader = new FlagReader(specs);
  const args: string[] = [];
  let dashAt: number | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      dashAt = args.length;
      args.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      args.push(word);
      continue;
    }
    const taken = word.startsWith('--')
      ? reader.readLong(word, words[index + 1])
      : reader.readShorts(word, words[index + 1]);
    if (!taken.ok) return taken;
    index += taken.value;
  }
  return ok({ flags: new Flags(specs, reader.values), args, dashAt });
}

/** Collects values; each read tells how many further words it consumed. */
class FlagReader {
  readonly values = new Map<string, string[]>();
  readonly #byName: ReadonlyMap<string, FlagSpec>;
  readonly #byShort: ReadonlyMap<string, FlagSpec>;

  constructor(specs: readonly FlagSpec[]) {
    this.#byName = new Map(specs.map((spec) => [spec.name, spec]));
    this.#byShort = new Map(specs.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec]])));
  }

  readLong(word: string, next: string | undefined): Result<number, string> {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (name === '' || name.startsWith('-')) return err(`bad flag syntax: ${word}`);
    const spec = this.#byName.get(name);
    if (spec === undefined) return err(`unknown flag: --${name}`);
    if (equals >= 0) return this.#set(spec, word.slice(equals + 1), 0);
    const bare = bareValue(spec);
    if (bare !== undefined) return this.#set(spec, bare, 0);
    if (next === undefined) return err(`flag needs an argument: --${name}`);
    return this.#set(spec, next, 1);
  }

  readShorts(word: string, next: string | undefined): Result<number, string> {
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      const rest = word.slice(at + 1);
      const spec = this.#byShort.get(letter);
      if (spec === undefined) {
        return err(`unknown shorthand flag: '${letter}' in ${word.slice(0, 1)}${word.slice(at)}`);
      }
      // Source: spf13/pflag, parseSingleShortArg: a bare `=` is the value itself.
      if (rest.startsWith('=') && rest !== '=') return this.#set(spec, rest.slice(1), 0);
      const bare = bareValue(spec);
      if (bare === undefined) {
        if (rest !== '') return this.#set(spec, rest, 0);
        if (next === undefined) return err(`flag needs an argument: '${letter}' in ${word}`);
        return this.#set(spec, next, 1);
      }
      const set = this.#set(spec, bare, 0);
      if (!set.ok) return set;
    }
    return ok(0);
  }

  #set(spec: FlagSpec, value: string, consumed: number): Result<number, string> {
    const problem = problemOf(spec, value);
    if (problem !== undefined) {
      const names = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`;
      return err(`invalid argument ${JSON.stringify(value)} for "${names}" flag: ${problem}`);
    }
    const values = this.values.get(spec.name) ?? [];
    values.push(spec.type === 'bool' ? String(isTrue(value)) : value);
    this.values.set(spec.name, values);
    return ok(consumed);
  }
}

function bareValue(spec: FlagSpec): string | undefined {
  return spec.type === 'bool' ? 'true' : spec.bare;
}

/** Go's strconv.ParseBool. */
const trueWords: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const falseWords: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function isTrue(value: string): boolean {
  return trueWords.includes(value);
}

/** What is wrong with a value, in the words of Go's strconv and time packages. */
function problemOf(spec: FlagSpec, value: string): string | undefined {
  switch (spec.type) {
    case 'bool':
      if (isTrue(value) || falseWords.includes(value)) return undefined;
      return `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    case 'int':
      if (/^[+-]?\d{1,18}$/.test(value)) return undefined;
      return `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`;
    case 'duration':
      return durationProblem(value);
    case 'stringToString':
      return value.includes('=') ? undefined : `${value} must be formatted as key=value`;
    case 'string':
    case 'stringSlice':
    case 'stringArray':
      return undefined;
  }
}

function durationProblem(value: string): string | undefined {
  if (parseDurationMs(value) !== undefined) return undefined;
  if (/^[+-]?\d+(?:\.\d*)?$/.test(value)) return `time: missing unit in duration ${JSON.stringify(value)}`;
  return `time: invalid duration ${JSON.stringify(value)}`;
}
