/**
 * Manifests as kubectl reads them: YAML 1.1 or JSON, several documents in a file. It stands for apimachinery's
 * YAMLOrJSONDecoder over go.yaml.in/yaml/v2; errors of syntax are told in that library's words.
 */
import { LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { defaultLimits } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';

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
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    // go-yaml knows no `!!set`, `!!binary` objects and the like once it has become JSON; a plain schema suffices.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    strict: false,
    resolveKnownTags: false,
  });
  const problem = document.errors[0];
  if (problem !== undefined) {
    return err(`error converting YAML to JSON: yaml: ${goYamlMessage(problem, lines, text)}`);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return err('error converting YAML to JSON: yaml: document contains excessive aliasing');
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
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner, budget)]));
  }
  return null;
}

/** The parser's error in go-yaml's words, with its way of counting lines. */
function goYamlMessage(problem: YAMLParseError, lines: LineCounter, text: string): string {
  const line = lines.linePos(problem.pos[0]).line;
  const tabbed = tabbedLine(text);
  if (tabbed !== undefined) return `line ${tabbed}: found character that cannot start any token`;
  switch (problem.code) {
    case 'TAB_AS_INDENT':
      return `line ${line}: found character that cannot start any token`;
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return `line ${line}: mapping values are not allowed in this context`;
    case 'MISSING_CHAR':
      return problem.message.includes('quote')
        ? `line ${line}: found unexpected end of stream`
        : `line ${line}: did not find expected key`;
    case 'BAD_INDENT':
    case 'UNEXPECTED_TOKEN':
      return `line ${line}: did not find expected key`;
    case 'BAD_ALIAS':
      return `unknown anchor '${/[^ *]+$/.exec(problem.message)?.[0] ?? ''}' referenced`;
    default:
      return `line ${line}: did not find expected node content`;
  }
}

/** The first line that a tab indents, where none may. */
function tabbedLine(text: string): number | undefined {
  const index = text.split('\n').findIndex((line) => /^ *\t/.test(line));
  return index < 0 ? undefined : index + 1;
}
