/**
 * Manifests as kubectl reads them: YAML 1.1 or JSON, several documents in a file. It stands for apimachinery's
 * YAMLOrJSONDecoder over go.yaml.in/yaml/v2; errors of syntax are told in that library's words.
 */
import { LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { defaultLimits } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { isNestedTooDeeply, nestingError } from '../../base/yaml-nesting.ts';
import { aliasError, goYamlMessage } from './go-yaml-errors.ts';

/** Splits a file into the texts of its documents, at lines that begin with `---`. */
export function splitDocuments(text: string): readonly string[] {
  const parts: string[] = [];
  let lines: string[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    if (line.startsWith('---')) {
      parts.push(lines.join('\n'));
      lines = [];
      const rest = line.slice(3);
      if (rest.trim() !== '' && !rest.trim().startsWith('#')) lines.push(rest);
      continue;
    }
    lines.push(line);
  }
  parts.push(lines.join('\n'));
  return parts;
}

/**
 * Reads one document. Undefined for an empty one.
 *
 * @returns an error in the words that stand behind `error parsing FILE: `.
 */
export function parseManifest(text: string): Result<JsonObject | undefined, string> {
  if (text.trim() === '') return ok(undefined);
  if (isNestedTooDeeply(text)) return err(`error converting YAML to JSON: yaml: ${nestingError}`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    customTags: (tags) => [...tags.filter((tag) => !isForeignTag(tag)), binaryText, octal],
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    strict: false,
  });
  const problem = document.errors[0];
  if (problem !== undefined) {
    return err(`error converting YAML to JSON: yaml: ${goYamlMessage(problem, lines, text)}`);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (problem) {
    return err(`error converting YAML to JSON: yaml: ${aliasError(problem)}`);
  }
  const budget = { left: defaultLimits.maxYamlNodes };
  const json = toJson(value, budget);
  if (budget.left < 0)
    return err('error converting YAML to JSON: yaml: document contains excessive aliasing');
  if (json === null) return ok(undefined);
  if (!isJsonObject(json)) return err(notAnObject(json));
  return ok(json);
}

function notAnObject(json: JsonValue): string {
  const type = Array.isArray(json) ? 'array' : typeof json;
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
}

/** Plain JSON of what the parser gave: dates back to text, keys to strings. */
function toJson(value: unknown, budget: { left: number }): JsonValue {
  budget.left -= 1;
  if (budget.left < 0) return null;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.map((item) => toJson(item, budget));
  if (typeof value === 'object') {
    // Go sorts keys when it writes JSON, and the server names the first field of several that are wrong.
    const entries = Object.entries(value).sort(([a], [b]) => compareKeys(a, b));
    return Object.fromEntries(entries.map(([key, inner]) => [key, toJson(inner, budget)]));
  }
  return null;
}

/** Numbers to base 60 and times are texts to go-yaml, or become so in JSON. */
function isForeignTag(tag: string | { readonly tag: string; readonly format?: string }): boolean {
  if (typeof tag === 'string') return false;
  return tag.format === 'TIME' || /:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag);
}

/** `!!binary`: the text that the base64 stands for. */
const binaryText: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) =>
    new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (char) => char.charCodeAt(0))),
};

/** `0o17`, which Go's strconv reads, too. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => {
    const value = Number.parseInt(text.replaceAll(/[-+_]|0o/g, ''), 8);
    return text.startsWith('-') ? -value : value;
  },
};
