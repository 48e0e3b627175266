/**
 * YAML as kubectl prints it: sorted keys and the layout of go.yaml.in/yaml/v2 (behind sigs.k8s.io/yaml). An emitter of
 * our own, since the `yaml` library folds lines and chooses quotes by other rules.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { formatYamlScalar, isSimpleYamlKey } from './yaml-scalar.ts';

/** Renders a value as one YAML document, with a line feed at its end. */
export function formatYaml(value: JsonValue): string {
  if (isFilledObject(value)) return formatMapping(value, 0);
  if (isFilledArray(value)) return formatSequence(value, 0);
  return `${formatLeaf(value, 0, 0)}\n`;
}

function formatMapping(object: JsonObject, indent: number): string {
  const pad = ' '.repeat(indent);
  let text = '';
  for (const key of Object.keys(object).sort(compareYamlKeys)) {
    const head = pad + formatKey(key, indent);
    text += head + formatValue(object[key] ?? null, indent, head.length);
  }
  return text;
}

/** A key with its colon; one that doesn't fit on a line is written as a scalar of its own. */
function formatKey(key: string, indent: number): string {
  const place = { indent: indent + 2, column: indent };
  if (isSimpleYamlKey(key)) return `${formatYamlScalar(key, { ...place, isKey: true })}:`;
  return `? ${formatYamlScalar(key, { ...place, column: indent + 2, isKey: false })}\n${' '.repeat(indent)}:`;
}

function formatValue(value: JsonValue, indent: number, column: number): string {
  if (isFilledObject(value)) return `\n${formatMapping(value, indent + 2)}`;
  if (isFilledArray(value)) return `\n${formatSequence(value, indent)}`;
  return ` ${formatLeaf(value, indent + 2, column + 1)}\n`;
}

function formatSequence(items: readonly JsonValue[], indent: number): string {
  const pad = ' '.repeat(indent);
  const inner = indent + 2;
  let text = '';
  for (const item of items) {
    if (isFilledObject(item)) text += `${pad}- ${formatMapping(item, inner).slice(inner)}`;
    else if (isFilledArray(item)) text += `${pad}- ${formatSequence(item, inner).slice(inner)}`;
    else text += `${pad}- ${formatLeaf(item, inner, inner)}\n`;
  }
  return text;
}

function formatLeaf(value: JsonValue, indent: number, column: number): string {
  if (typeof value === 'string') return formatYamlScalar(value, { indent, column, isKey: false });
  if (typeof value === 'number') return formatGoNumber(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? '[]' : '{}';
}

/** Go writes an exponent with two digits at least. */
function formatGoNumber(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

function isFilledObject(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.keys(value).length > 0;
}

function isFilledArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value) && value.length > 0;
}

/**
 * Orders keys as go-yaml does: letters after everything else, runs of digits by their value (`a2` before `a10`).
 *
 * Source: go.yaml.in/yaml/v2, sorter.go.
 */
function compareYamlKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const l = left[at] ?? '';
    const r = right[at] ?? '';
    if (l === r) continue;
    const lIsLetter = /\p{L}/u.test(l);
    const rIsLetter = /\p{L}/u.test(r);
    if (lIsLetter !== rIsLetter) return rIsLetter ? -1 : 1;
    if (!lIsLetter) {
      const byNumber = compareDigitRuns(left, right, at);
      if (byNumber !== 0) return byNumber;
    }
    return (l.codePointAt(0) ?? 0) - (r.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}

function compareDigitRuns(left: readonly string[], right: readonly string[], at: number): number {
  // A zero amid a number that has begun already stands for a digit, not for a leading zero.
  const prefix = (left[at] === '0' || right[at] === '0') && isInsideNumber(left, at) ? '1' : '0';
  const l = digitsFrom(left, at);
  const r = digitsFrom(right, at);
  const difference = Number(prefix + l) - Number(prefix + r);
  return difference !== 0 ? difference : l.length - r.length;
}

function isInsideNumber(runes: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && /\d/.test(runes[before] ?? ''); before -= 1) {
    if (runes[before] !== '0') return true;
  }
  return false;
}

function digitsFrom(runes: readonly string[], at: number): string {
  let end = at;
  while (/^\d$/.test(runes[end] ?? '')) end += 1;
  return runes.slice(at, end).join('');
}
