/** The formats of printf(1) and the escapes that it shares with `echo -e`. Source: POSIX, printf. */

/** Longest field that a format may ask for. */
const maxWidth = 4096;

/** A format filled in, again and again while arguments are left. */
export function formatPrintf(format: string, args: readonly string[]): string {
  let output = '';
  let rest = [...args];
  for (let round = 0; round < 10_000; round += 1) {
    const before = rest.length;
    const filled = fillOnce(format, rest);
    output += filled.text;
    rest = filled.rest;
    if (rest.length === 0 || rest.length === before) break;
  }
  return output;
}

/** Replaces backslash escapes; `\c` ends the text. */
export function unescapeText(text: string): { readonly text: string; readonly ends: boolean } {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character !== '\\' || index + 1 >= text.length) {
      result += character;
      continue;
    }
    index += 1;
    const next = text.charAt(index);
    if (next === 'c') return { text: result, ends: true };
    const octal = /^0?[0-7]{1,3}/.exec(text.slice(index));
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(text.slice(index));
    if (hex !== null) {
      result += String.fromCharCode(Number.parseInt(hex[1] ?? '0', 16));
      index += hex[0].length - 1;
    } else if (octal !== null) {
      result += String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff);
      index += octal[0].length - 1;
    } else {
      result += escapes.get(next) ?? `\\${next}`;
    }
  }
  return { text: result, ends: false };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['e', '\u001b'],
  ['\\', '\\'],
  ['"', '"'],
]);

function fillOnce(
  format: string,
  args: readonly string[],
): { readonly text: string; readonly rest: string[] } {
  let position = 0;
  const next = () => {
    position += 1;
    return args[position - 1];
  };
  const pieces = format.split(/(%%|%[-+ 0#]*(?:\d+|\*)?(?:\.\d+)?[a-zA-Z])/);
  let text = '';
  for (const piece of pieces) {
    if (piece === '%%') {
      text += '%';
      continue;
    }
    const match = /^%([-+ 0#]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z])$/.exec(piece);
    if (match === null) {
      text += unescapeText(piece).text;
      continue;
    }
    const [, flags = '', widthText, precision, conversion = ''] = match;
    const width = Math.min(Number(widthText === '*' ? next() : (widthText ?? 0)) || 0, maxWidth);
    text += pad(convert(conversion, next() ?? '', precision, flags), width, flags);
  }
  return { text, rest: args.slice(position) };
}

function convert(conversion: string, argument: string, precision: string | undefined, flags: string): string {
  const number =
    argument.startsWith("'") || argument.startsWith('"') ? argument.charCodeAt(1) : Number(argument) || 0;
  const digits = precision === undefined ? undefined : Math.min(Number(precision), 100);
  switch (conversion) {
    case 's':
      return digits === undefined ? argument : argument.slice(0, digits);
    case 'b':
      return unescapeText(argument).text;
    case 'c':
      return argument.slice(0, 1);
    case 'd':
    case 'i':
    case 'u':
      return (flags.includes('+') && number >= 0 ? '+' : '') + String(Math.trunc(number));
    case 'x':
      return Math.trunc(number).toString(16);
    case 'X':
      return Math.trunc(number).toString(16).toUpperCase();
    case 'o':
      return Math.trunc(number).toString(8);
    case 'f':
      return number.toFixed(digits ?? 6);
    case 'e':
      return number.toExponential(digits ?? 6);
    default:
      return argument;
  }
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
