/**
 * `-o kyaml`: YAML in braces and quotes, in which neither indentation nor the look of a word has a meaning.
 * Source: KEP-5295 and sigs.k8s.io/yaml v1.6.0, kyaml.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** In which order keys are written: those of maps sorted, those of Go's structs as they stand. */
type KeyOrder = 'sorted' | 'as-given';

/** Renders a value as one document: `---`, the value, a line feed. */
export function formatKyaml(value: JsonValue, order: KeyOrder = 'sorted'): string {
  return `---\n${render(value, 0, order)}\n`;
}

function render(value: JsonValue, indent: number, order: KeyOrder): string {
  if (Array.isArray(value)) return renderSequence(value, indent, order);
  if (isJsonObject(value)) return renderMapping(value, indent, order);
  return typeof value === 'string' ? renderText(value, indent + 1) : String(value);
}

function renderMapping(object: JsonObject, indent: number, order: KeyOrder): string {
  const keys = Object.keys(object);
  if (keys.length === 0) return '{}';
  if (order === 'sorted') keys.sort(compareKeys);
  const inner = pad(indent + 1);
  const lines = keys.map(
    (key) => `${inner}${renderKey(key)}: ${render(object[key] ?? null, indent + 1, order)},\n`,
  );
  return `{\n${lines.join('')}${pad(indent)}}`;
}

/** Brackets cuddle a list that has only lists and mappings in it. */
function renderSequence(items: readonly JsonValue[], indent: number, order: KeyOrder): string {
  if (items.length === 0) return '[]';
  const isCuddled = items.every((item) => Array.isArray(item) || isJsonObject(item));
  if (isCuddled) return `[${items.map((item) => render(item, indent, order)).join(', ')}]`;
  const inner = pad(indent + 1);
  return `[\n${items.map((item) => `${inner}${render(item, indent + 1, order)},\n`).join('')}${pad(indent)}]`;
}

function renderKey(key: string): string {
  return needsQuotes(key) ? `"${escapeText(key, { '\n': '\\n', '\t': '\\t' })}"` : key;
}

/** A text of several lines is folded: each of its lines ends in a backslash and begins with a blank of its own. */
function renderText(text: string, indent: number): string {
  const escapes = { '\n': '\\n', '\t': '\t' };
  if (!text.includes('\n')) return `"${escapeText(text, escapes)}"`;
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const started = [...lines.map((line) => `${line}\n`), ...(last === '' ? [] : [last])];
  const body = started.map((line) => {
    // White space at the start would be taken for the indentation.
    const guard = /^[\t\v\f\r \u0085\u00a0]/.test(line) ? '\\' : ' ';
    return `${pad(indent)}${guard}${escapeText(line, escapes)}\\\n`;
  });
  return `"\\\n${body.join('')}${pad(indent)}"`;
}

/** Escapes of double-quoted YAML by the character that they stand for. */
const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\v', '\\v'],
  ['\0', '\\0'],
  ['\u001b', '\\e'],
  ['\u0085', '\\N'],
  ['\u00a0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
]);

function escapeText(text: string, own: { readonly '\n': string; readonly '\t': string }): string {
  return [...text]
    .map((character) => {
      if (character === '\n' || character === '\t') return own[character];
      return namedEscapes.get(character) ?? (isPrintable(character) ? character : escapeByCode(character));
    })
    .join('');
}

/** Source: Go's unicode.IsPrint. */
function isPrintable(character: string): boolean {
  return character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

function escapeByCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Whether a key could be read as something else than a text. */
function needsQuotes(key: string): boolean {
  return !/^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u.test(key) || isAmbiguous(key);
}

/** Words that YAML 1.1 or 1.2 takes for null, a truth value, a number or a time. */
function isAmbiguous(key: string): boolean {
  if (/^(?:null|true|false|yes|no|y|n|t|f|on|off)$/i.test(key)) return true;
  const digits = key.replaceAll('_', '');
  return (
    /^(?:0x[\da-f]+|0b[01]+|0o?[0-7]+|\d+)$/i.test(digits) ||
    /^(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|infinity|nan)$/i.test(digits) ||
    /^\d{4}-\d{1,2}-\d{1,2}$/.test(key)
  );
}

function pad(level: number): string {
  return '  '.repeat(level);
}
