/**
 * Errors of YAML syntax in go-yaml's words, made from those of the `yaml` library. It stands for the messages of
 * go.yaml.in/yaml/v2's scanner and parser that a wrongly indented or unfinished manifest meets.
 */
import type { LineCounter, YAMLParseError } from 'yaml';

/** What an alias without its anchor, or too many of them, comes to. */
export function aliasError(problem: unknown): string {
  const name =
    problem instanceof Error ? /^Unresolved alias .*: (\S+)$/.exec(problem.message)?.[1] : undefined;
  return name === undefined ? 'document contains excessive aliasing' : `unknown anchor '${name}' referenced`;
}

/**
 * The first error of a document. The scanner counts lines from 1 but says nothing of the first, the parser counts from 0.
 *
 * Source: go.yaml.in/yaml/v2, decode.go, parser.fail.
 */
export function goYamlMessage(problem: YAMLParseError, counter: LineCounter, text: string): string {
  const lines = text.split('\n');
  const tabbed = lines.findIndex((line) => /^ *\t/.test(line));
  if (tabbed >= 0) return scannerError(tabbed, tabMessage(lines, tabbed));
  const at = counter.linePos(problem.pos[0]).line - 1;
  const end = text.trimEnd().split('\n').length;
  const { code, message } = problem;
  if (/^Flow (?:sequence|map) in block/.test(message)) {
    const close = message.startsWith('Flow sequence') ? ']' : '}';
    return parserError(
      problem.pos[0] >= text.trimEnd().length ? end : at,
      `did not find expected ',' or '${close}'`,
    );
  }
  switch (code) {
    case 'BAD_SCALAR_START':
      return scannerError(at, 'found character that cannot start any token');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return scannerError(secondColon(lines, at), 'mapping values are not allowed in this context');
    case 'MULTILINE_IMPLICIT_KEY':
      return multilineKey(lines, at);
    case 'MISSING_CHAR':
      if (/quote/.test(message)) return scannerError(end, 'found unexpected end of stream');
      return parserError(at, expectedIn(lines, at));
    case 'UNEXPECTED_TOKEN':
      if (/flow-(?:map|seq)-end/.test(message)) return parserError(at, 'did not find expected node content');
      return parserError(at, expectedIn(lines, at));
    default:
      return parserError(at, 'did not find expected key');
  }
}

/** A tab below a plain value is met while that value is read on, any other where a token should start. */
function tabMessage(lines: readonly string[], tabbed: number): string {
  const above = lines.slice(0, tabbed).findLast((line) => line.trim() !== '') ?? '';
  const value = /(?:^|[:-] +)([^\s:#'"[{|>&*][^#]*)$/.exec(above.trimEnd())?.[1] ?? '';
  const isPlain = value !== '' && !value.endsWith(':');
  return isPlain
    ? 'found a tab character that violates indentation'
    : 'found character that cannot start any token';
}

function scannerError(line: number, message: string): string {
  return line === 0 ? message : `line ${line + 1}: ${message}`;
}

function parserError(line: number, message: string): string {
  return line === 0 ? message : `line ${line}: ${message}`;
}

/** The line whose colon is one too many: the same one, or a later one that was taken for its continuation. */
function secondColon(lines: readonly string[], at: number): number {
  if (/:\s.*:(?:\s|$)/.test(lines[at] ?? '')) return at;
  const next = lines.findIndex((line, index) => index > at && /:(?:\s|$)/.test(line));
  return next < 0 ? at : next;
}

/** A line without a colon where a key was due. */
function multilineKey(lines: readonly string[], at: number): string {
  if (/^\s*-\s/.test(lines[at] ?? '')) return parserError(at, 'did not find expected key');
  if (at === 0) return scannerError(1, 'mapping values are not allowed in this context');
  return scannerError(at + 1, "could not find expected ':'");
}

/** What was due at a wrongly indented line: another item of a list, or another key. */
function expectedIn(lines: readonly string[], at: number): string {
  const indent = indentOf(lines[at]);
  for (let above = at - 1; above >= 0; above -= 1) {
    const line = lines[above] ?? '';
    const start = indentOf(line);
    if (start < 0 || start > indent || (start === indent && !/^\s*-\s/.test(line))) continue;
    // A list that stands as deep as its key ends where anything but an item follows.
    const isList =
      /^\s*-\s/.test(line) &&
      indentOf(lines.slice(0, above).findLast((one) => !/^\s*(?:-\s|$)/.test(one))) !== start;
    return isList ? "did not find expected '-' indicator" : 'did not find expected key';
  }
  return 'did not find expected key';
}

function indentOf(line: string | undefined): number {
  return line === undefined ? -1 : line.search(/\S/);
}
