/** Values in Go's own syntax (`%#v`), as jsonpath's errors and custom columns show them. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** `map[string]interface {}{"a":1}`: Go's `%#v` of decoded JSON. */
export function formatGoValue(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatGoValue).join(', ')}}`;
  if (!isJsonObject(value)) return '';
  const members = Object.keys(value)
    .sort(compareKeys)
    .map((key) => `${JSON.stringify(key)}:${formatGoValue(value[key] ?? null)}`);
  return `map[string]interface {}{${members.join(', ')}}`;
}

/** `map[a:1 b:[x y]]`: Go's `%v` of decoded JSON. */
export function formatGoPlain(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatGoPlain).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.keys(value)
    .sort(compareKeys)
    .map((key) => `${key}:${formatGoPlain(value[key] ?? null)}`);
  return `map[${members.join(' ')}]`;
}
