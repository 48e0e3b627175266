/**
 * From text to JSON as the API server reads it: JSON, or YAML of one document.
 */
import { isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml';
import { type DuplicateKeys, type ParsedJson, parseGoJson } from '../../api/decode/go-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Limits } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isNestedTooDeeply, nestingError } from '../../base/yaml-nesting.ts';

/** What a text holds, and the keys that stand in it twice. */
export interface ParsedBody {
  readonly object: JsonObject;
  readonly duplicates: DuplicateKeys;
  /** What Go's YAML says of keys that stand twice in a map; none where the text is JSON. */
  readonly duplicateLines: readonly string[];
}

interface TextOptions {
  readonly mediaType: string;
  readonly limits: Limits;
}

/** Parses the text of an object; the error is worded as upstream's decoder words it. */
export function parseBodyText(text: string, options: TextOptions): Result<ParsedBody, string> {
  const parsed = parseText(text, options);
  if (!parsed.ok) return err(`couldn't get version/kind; json parse error: ${parsed.error}`);
  const { value, ...found } = parsed.value;
  // Go decodes null into an object without fields.
  if (value === null && text.trim() !== '') return ok({ object: {}, ...found });
  return isJsonObject(value) ? ok({ object: value, ...found }) : err(notAnObject(value));
}

/** Parses text as JSON or, where the media type or the text itself says so, as YAML. */
export function parseText(text: string, options: TextOptions): Result<ParsedText, string> {
  const isYaml = options.mediaType.includes('yaml') || !/^\s*[[{]/.test(text);
  if (isYaml && text !== '') return parseYaml(text, options.limits);
  const parsed = parseGoJson(text);
  return parsed.ok ? ok({ ...parsed.value, duplicateLines: [] }) : parsed;
}

type ParsedText = ParsedJson & Pick<ParsedBody, 'duplicateLines'>;

/** Types of YAML 1.1 that Go hands on as the text that they are. */
const textTags: ReadonlySet<string> = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set']);

function parseYaml(text: string, limits: Limits): Result<ParsedText, string> {
  if (isNestedTooDeeply(text)) return err(`yaml: ${nestingError}`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    uniqueKeys: false,
    logLevel: 'silent',
    version: '1.1',
    merge: true,
    lineCounter: lines,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !textTags.has(tag.tag.split(':').at(-1) ?? '')),
  });
  const [problem] = document.errors;
  if (problem !== undefined) return err(`yaml: ${problem.message.split('\n', 1)[0] ?? ''}`);
  let nodes = 0;
  const duplicateLines: string[] = [];
  visit(document, (_, node) => {
    nodes += 1;
    if (isMap(node)) duplicateLines.push(...duplicatesOf(node, lines));
    return nodes > limits.maxYamlNodes ? visit.BREAK : undefined;
  });
  if (nodes > limits.maxYamlNodes) return err('yaml: document contains excessive aliasing');
  const value = toJson(document.toJS({ maxAliasCount: 100 }));
  return ok({ value, duplicates: new Map(), duplicateLines: inOrderOfLines(duplicateLines) });
}

function duplicatesOf(map: YAMLMap, lines: LineCounter): readonly string[] {
  const known = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isKnown = known.has(key.value);
    known.add(key.value);
    const { line } = lines.linePos(key.range?.[0] ?? 0);
    return isKnown ? [`line ${line}: key ${JSON.stringify(key.value)} already set in map`] : [];
  });
}

function inOrderOfLines(problems: readonly string[]): readonly string[] {
  const lineOf = (problem: string): number => Number(/^line (\d+)/.exec(problem)?.[1]);
  return problems.toSorted((a, b) => lineOf(a) - lineOf(b));
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
