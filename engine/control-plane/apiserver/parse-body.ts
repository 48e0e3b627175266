/**
 * From text to JSON as the API server reads it: JSON, or YAML of one document.
 */
import { parseDocument, visit } from 'yaml';
import { type DuplicateKeys, type ParsedJson, parseGoJson } from '../../api/decode/go-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Limits } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isNestedTooDeeply, nestingError } from '../../base/yaml-nesting.ts';

/** What a text holds, and the keys that stand in it twice. */
export interface ParsedBody {
  readonly object: JsonObject;
  readonly duplicates: DuplicateKeys;
}

interface TextOptions {
  readonly mediaType: string;
  readonly limits: Limits;
}

/** Parses the text of an object; the error is worded as upstream's decoder words it. */
export function parseBodyText(text: string, options: TextOptions): Result<ParsedBody, string> {
  const parsed = parseText(text, options);
  if (!parsed.ok) return err(`couldn't get version/kind; json parse error: ${parsed.error}`);
  const { value, duplicates } = parsed.value;
  // Go decodes null into an object without fields.
  if (value === null && text.trim() !== '') return ok({ object: {}, duplicates });
  return isJsonObject(value) ? ok({ object: value, duplicates }) : err(notAnObject(value));
}

/** Parses text as JSON or, where the media type or the text itself says so, as YAML. */
export function parseText(text: string, options: TextOptions): Result<ParsedJson, string> {
  const isYaml = options.mediaType.includes('yaml') || !/^\s*[[{]/.test(text);
  return isYaml && text !== '' ? parseYaml(text, options.limits) : parseGoJson(text);
}

function parseYaml(text: string, limits: Limits): Result<ParsedJson, string> {
  if (isNestedTooDeeply(text)) return err(`yaml: ${nestingError}`);
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent', schema: 'core' });
  const [problem] = document.errors;
  if (problem !== undefined) return err(`yaml: ${problem.message.split('\n', 1)[0] ?? ''}`);
  let nodes = 0;
  visit(document, () => {
    nodes += 1;
    return nodes > limits.maxYamlNodes ? visit.BREAK : undefined;
  });
  if (nodes > limits.maxYamlNodes) return err('yaml: document contains excessive aliasing');
  return ok({ value: toJson(document.toJS({ maxAliasCount: 100 })), duplicates: new Map() });
}

function notAnObject(value: JsonValue): string {
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
}

/** Keeps what JSON knows; a map's keys become own properties, `__proto__` too. */
function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
