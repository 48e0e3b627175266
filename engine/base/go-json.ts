/**
 * JSON as Go's encoding/json writes maps: keys sorted by code unit, HTML characters escaped. `JSON.stringify` can't be
 * told so, since JavaScript puts keys that look like numbers first.
 */
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { compareKeys } from './sorted-map.ts';

/** Renders a value with four spaces an indent, with a line feed at its end. */
export function formatJson(value: JsonValue): string {
  return `${render(value, '\n', sortedKeys)}\n`;
}

/** The same, with the keys in the order in which they stand: objects that kubectl holds as Go structs. */
export function formatJsonInOrder(value: JsonValue): string {
  return `${render(value, '\n', Object.keys)}\n`;
}

function sortedKeys(value: JsonObject): readonly string[] {
  return Object.keys(value).sort(compareKeys);
}

/** The same with one space an indent and without a line feed at the end. */
export function formatNarrowJsonInOrder(value: JsonValue): string {
  return render(value, '\n', Object.keys, ' ');
}

/** Renders a value on one line without spaces, as json.Marshal does. */
export function formatCompactJson(value: JsonValue): string {
  return render(value, undefined, sortedKeys);
}

/** The same, with the keys in the order in which they stand. */
export function formatCompactJsonInOrder(value: JsonValue): string {
  return render(value, undefined, Object.keys);
}

/** @param newline what separates items, indented; undefined for one line. */
function render(
  value: JsonValue,
  newline: string | undefined,
  keysOf: (value: JsonObject) => readonly string[],
  indent = '    ',
): string {
  const inner = newline === undefined ? undefined : `${newline}${indent}`;
  if (Array.isArray(value)) {
    return enclose(
      '[]',
      value.map((item) => render(item, inner, keysOf, indent)),
      inner,
      newline,
    );
  }
  if (!isJsonObject(value)) return renderScalar(value);
  const colon = newline === undefined ? ':' : ': ';
  const members = keysOf(value).map(
    (key) => renderScalar(key) + colon + render(value[key] ?? null, inner, keysOf, indent),
  );
  return enclose('{}', members, inner, newline);
}

function enclose(
  brackets: string,
  items: readonly string[],
  inner: string | undefined,
  newline: string | undefined,
): string {
  const [open = '', close = ''] = brackets;
  if (items.length === 0) return brackets;
  if (inner === undefined || newline === undefined) return open + items.join(',') + close;
  return `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`;
}

/** Source: encoding/json, HTMLEscape: the characters that may not stand in a script element. */
function renderScalar(value: JsonValue): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
