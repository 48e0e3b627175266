/**
 * How go-yaml writes one string: plain, single-quoted, double-quoted or literal, folded past column 80. It stands for
 * the scalar part of go.yaml.in/yaml/v2's emitter.
 */

/** Where a scalar stands. */
export interface ScalarPlace {
  /** Column at which a continued line begins. */
  readonly indent: number;
  /** Column at which the scalar itself begins. */
  readonly column: number;
  /** Keys are never folded and never literal. */
  readonly isKey: boolean;
}

/** Past this column a space becomes a line break. Source: yaml/v2, emitterc.go, best_width. */
const foldColumn = 80;
/** Longer keys are written with `? `. Source: yaml/v2, yaml_emitter_check_simple_key. */
const longestSimpleKey = 128;

/** Whether a key stands on one line with its value, without `? `. */
export function isSimpleYamlKey(key: string): boolean {
  return !/[\n\r]/.test(key) && new TextEncoder().encode(key).length <= longestSimpleKey;
}

/** Renders a string in the style that go-yaml chooses for it. */
export function formatYamlScalar(value: string, place: ScalarPlace): string {
  const traits = traitsOf(value);
  if (value.includes('\n')) {
    return traits.canBeLiteral && !place.isKey
      ? formatLiteral(value, place.indent)
      : formatDouble(value, place);
  }
  if (isTypedWhenPlain(value)) return formatDouble(value, place);
  if (traits.canBePlain) return fold(value, place, false);
  if (traits.canBeSingle)
    return `'${fold(value.replaceAll("'", "''"), { ...place, column: place.column + 1 }, true)}'`;
  return formatDouble(value, place);
}

/** Whether YAML 1.1 would read the plain word as something other than a string. */
function isTypedWhenPlain(value: string): boolean {
  return typedWords.has(value) || isNumberWord(value) || isBase60(value) || isTimestamp(value);
}

const typedWords: ReadonlySet<string> = new Set([
  ...'y Y yes Yes YES true True TRUE on On ON n N no No NO false False FALSE off Off OFF'.split(' '),
  ...'~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF'.split(' '),
  '',
]);

function isNumberWord(value: string): boolean {
  if (/^\.\d[\d_]*(?:[eE][+-]?\d+)?$/.test(value)) return true;
  if (!/^[-+\d]/.test(value)) return false;
  const plain = value.replaceAll('_', '');
  return (
    /^[-+]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|\d+)$/.test(plain) ||
    /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)
  );
}

/** Numbers to base 60 (`12:30`), which YAML 1.1 readers know and go-yaml quotes for their sake. */
function isBase60(value: string): boolean {
  return /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(value);
}

function isTimestamp(value: string): boolean {
  const match =
    /^\d{4}-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)?$/.exec(
      value,
    );
  if (match === null) return false;
  const [month = 0, day = 0] = match.slice(1, 3).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

interface Traits {
  readonly canBePlain: boolean;
  readonly canBeSingle: boolean;
  readonly canBeLiteral: boolean;
}

function traitsOf(value: string): Traits {
  if (value === '') return { canBePlain: true, canBeSingle: true, canBeLiteral: false };
  const isSpecial = [...value].some((rune) => !isPrintable(rune)) || / [\n\u2028\u2029]/.test(value);
  const hasSpaceAfterBreak = /[\n\u2028\u2029] /.test(value);
  const hasOuterSpace = /^[ \n]|[ \n]$/.test(value);
  return {
    canBePlain:
      !isSpecial && !hasSpaceAfterBreak && !hasOuterSpace && !value.includes('\n') && !hasIndicator(value),
    canBeSingle: !isSpecial && !hasSpaceAfterBreak,
    canBeLiteral: !isSpecial && !value.endsWith(' '),
  };
}

/** Whether a character would begin something other than a scalar where it stands. */
function hasIndicator(value: string): boolean {
  return /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:\s|$))|:(?:\s|$)|\s#/.test(value);
}

function isPrintable(rune: string): boolean {
  const code = rune.codePointAt(0) ?? 0;
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  return (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
}

function fold(text: string, place: ScalarPlace, isQuoted: boolean): string {
  if (place.isKey) return text;
  const runes = [...text];
  let out = '';
  let column = place.column;
  runes.forEach((rune, at) => {
    const isInner = !isQuoted || (at > 0 && at < runes.length - 1);
    const isLone = rune === ' ' && runes[at - 1] !== ' ' && runes[at + 1] !== ' ';
    if (isLone && isInner && column > foldColumn) {
      out += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
      return;
    }
    out += rune;
    column += 1;
  });
  return out;
}

function formatLiteral(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? '2' : '';
  const body = value.endsWith('\n') ? value.slice(0, -1) : value;
  let chomp = '-';
  if (value.endsWith('\n')) chomp = body === '' || body.endsWith('\n') ? '+' : '';
  const pad = ' '.repeat(indent);
  const lines = body.split('\n').map((line) => (line === '' ? '' : pad + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

function formatDouble(value: string, place: ScalarPlace): string {
  const runes = [...value];
  let out = '"';
  let column = place.column + 1;
  let wasSpace = false;
  runes.forEach((rune, at) => {
    if (rune === ' ' && !wasSpace && !place.isKey && column > foldColumn && at > 0 && at < runes.length - 1) {
      out += `\n${' '.repeat(place.indent)}${runes[at + 1] === ' ' ? '\\' : ''}`;
      column = place.indent;
      wasSpace = true;
      return;
    }
    const written = escapeRune(rune);
    out += written;
    column += written.length;
    wasSpace = rune === ' ';
  });
  return `${out}"`;
}

function escapeRune(rune: string): string {
  const named = namedEscapes.get(rune);
  if (named !== undefined) return `\\${named}`;
  if (isPrintable(rune)) return rune;
  const code = rune.codePointAt(0) ?? 0;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
