/**
 * What all of `ip` and `bridge` have in common: the options before the object, JSON and colours.
 * Source: iproute2 6.1 (ip/ip.c, lib/utils.c, lib/color.c, lib/json_writer.c), recorded in fixtures/iproute2-show.txt.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** How something is to be shown. */
export interface ShowOptions {
  readonly json: boolean;
  readonly pretty: boolean;
  readonly brief: boolean;
  readonly oneLine: boolean;
  readonly details: boolean;
  /** How often `-s` was given. */
  readonly statistics: number;
  readonly colour: boolean;
  /** Asked for with `-4`, `-6`, `-0` or `-family`; only the first has anything to show for addresses and routes. */
  readonly family: 'inet' | 'inet6' | 'link' | undefined;
}

/** Options by their whole name; a part of it from the given length on will do. Source: the order of tests in ip.c. */
const names: readonly (readonly [name: string, shortest: number])[] = [
  ['loops', 1],
  ['family', 1],
  ['stats', 1],
  ['statistics', 1],
  ['details', 1],
  ['resolve', 1],
  ['oneline', 1],
  ['timestamp', 1],
  ['tshort', 2],
  ['Version', 1],
  ['force', 2],
  ['batch', 1],
  ['brief', 2],
  ['json', 1],
  ['rcvbuf', 2],
  ['help', 2],
  ['netns', 1],
  ['Numeric', 1],
  ['all', 1],
  ['pretty', 1],
  ['human', 1],
  ['human-readable', 1],
  ['iec', 2],
];

const families = new Map<string, ShowOptions['family']>([
  ['4', 'inet'],
  ['6', 'inet6'],
  ['0', 'link'],
]);

/** The options before the object, and what comes after them; the error is what is printed. */
export function readShowOptions(words: readonly string[]): Result<
  {
    readonly options: ShowOptions;
    readonly flags: ReadonlySet<string>;
    readonly netns: string | undefined;
    readonly rest: readonly string[];
  },
  string
> {
  const flags = new Set<string>();
  let family: ShowOptions['family'];
  let netns: string | undefined;
  let statistics = 0;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) break;
    const option = word.startsWith('--') && word.length > 2 ? word.slice(2) : word.slice(1);
    const byDigit = families.get(option);
    if (byDigit !== undefined) {
      family = byDigit;
      continue;
    }
    if (/^c(?:o(?:l(?:o(?:r)?)?)?)?(?:=(?:always|auto|never))?$/.test(option)) {
      if (!/=(?:auto|never)$/.test(option)) flags.add('color');
      continue;
    }
    const name = names.find(
      ([whole, shortest]) => option.length >= shortest && whole.startsWith(option),
    )?.[0];
    if (name === undefined) return err(`Option "${word}" is unknown, try "ip -help".`);
    if (name === 'family' || name === 'netns') {
      at += 1;
      const value = words[at] ?? '';
      if (name === 'netns') netns = value;
      else if (value === 'inet' || value === 'inet6' || value === 'link') family = value;
      else return err(`Error: argument "${value}" is wrong: invalid protocol family`);
    } else if (name === 'stats' || name === 'statistics') statistics += 1;
    else flags.add(name);
  }
  const options: ShowOptions = {
    json: flags.has('json'),
    pretty: flags.has('pretty'),
    brief: flags.has('brief'),
    oneLine: flags.has('oneline'),
    details: flags.has('details'),
    statistics,
    colour: flags.has('color') && !flags.has('json'),
    family,
  };
  return ok({ options, flags, netns, rest: words.slice(at) });
}

/** A list as `-j` prints it, with `-p` over several lines. */
export function formatJson(items: readonly JsonObject[], { pretty }: Pick<ShowOptions, 'pretty'>): string {
  return `${pretty ? prettyJson(items, 1) : JSON.stringify(items)}\n`;
}

/** Objects begin new lines, lists stay on theirs. */
function prettyJson(value: JsonValue, depth: number): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((item) => prettyJson(item, depth + 1)).join(',')} ]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const indent = ' '.repeat(4 * depth);
  const members = Object.entries(value).map(
    ([key, item]) => `${indent}${JSON.stringify(key)}: ${prettyJson(item, depth + 1)}`,
  );
  return `{\n${members.join(',\n')}\n${indent.slice(4)}}`;
}

/** What is told apart by colour. */
export type Coloured = 'link' | 'mac' | 'inet' | 'up' | 'down';

const codes: Readonly<Record<Coloured, number>> = { link: 36, mac: 33, inet: 35, up: 32, down: 31 };

/** A text in its colour, as terminals with a light background have it. */
export function paint(text: string, kind: Coloured | undefined, { colour }: ShowOptions): string {
  return colour && kind !== undefined ? `\u001B[${codes[kind]}m${text}\u001B[0m` : text;
}
