/**
 * What a beginner did to a file that is no YAML, or no manifest: a tab, a pasted prompt, a quote that was never closed. A
 * parser only says where it gave up.
 */
import { parseAllDocuments, type YAMLParseError } from 'yaml';
import type { ManifestSlip } from '../../engine/index.ts';

/** A slip and where it stands; lines and columns count from 1. */
export interface PlacedSlip {
  readonly line: number;
  readonly column: number;
  readonly slip: ManifestSlip;
}

/** Characters that look like the one YAML wants. */
const lookalikes: ReadonlyMap<string, string> = new Map([
  ['\u00a0', 'space'],
  ['\u3000', 'space'],
  ['\u2003', 'space'],
  ['\uff1a', ':'],
  ['\ua789', ':'],
  ['\u201c', '"'],
  ['\u201d', '"'],
  ['\u2018', "'"],
  ['\u2019', "'"],
  ['\uff0d', '-'],
  ['\u2013', '-'],
  ['\u2014', '-'],
]);

const lookalike = new RegExp(`[${[...lookalikes.keys()].join('')}]`);

/** The slip behind a file that could not be read as objects; undefined when it is none of those known. */
export function findManifestSlip(text: string): PlacedSlip | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const written = lines.findIndex((line) => !/^\s*(#.*|---.*)?$/.test(line));
  if (written < 0) return { line: 1, column: 1, slip: { kind: 'empty' } };
  const fence = lines.findIndex((line) => line.startsWith('```'));
  if (fence >= 0) return at(fence, 0, { kind: 'code-fence' });
  return findPasted(lines) ?? findBroken(text, lines) ?? findNoObject(text, lines, written);
}

/** A shell's line or what a command printed, which somebody took for a manifest. */
function findPasted(lines: readonly string[]): PlacedSlip | undefined {
  const command = lines.findIndex((line) => /^\s*[$%#] kubectl |^\s*kubectl \S/.test(line));
  if (command >= 0) return at(command, 0, { kind: 'pasted', what: 'command' });
  const output = lines.findIndex(
    (line) =>
      /^[a-z][a-z0-9.]*\/[a-z0-9.-]+ (created|configured|unchanged|exposed|deleted|patched|scaled)\b/.test(
        line,
      ) || /^NAME(SPACE)? {2,}[A-Z]/.test(line),
  );
  return output < 0 ? undefined : at(output, 0, { kind: 'pasted', what: 'output' });
}

function findBroken(text: string, lines: readonly string[]): PlacedSlip | undefined {
  const documents = parseAllDocuments(text, { prettyErrors: true });
  const errors = Array.isArray(documents) ? documents.flatMap((document) => document.errors) : [];
  const [first] = errors;
  if (first === undefined) return undefined;
  return findLookalike(lines) ?? explainError(first, errors, lines);
}

/** Only where a parser gave up: in a text or a comment any character may stand. */
function findLookalike(lines: readonly string[]): PlacedSlip | undefined {
  for (const [index, line] of lines.entries()) {
    const found = lookalike.exec(line.replace(/(^|\s)#.*$/, ''));
    const instead = found === null ? undefined : lookalikes.get(found[0]);
    if (found === null || instead === undefined) continue;
    return at(index, found.index, { kind: 'lookalike', character: found[0], instead });
  }
  return undefined;
}

function explainError(
  error: YAMLParseError,
  errors: readonly YAMLParseError[],
  lines: readonly string[],
): PlacedSlip | undefined {
  const start = error.linePos?.[0] ?? { line: 1, col: 1 };
  const index = start.line - 1;
  const tab = lines.findIndex((line) => /^ *\t/.test(line));
  if (tab >= 0) return at(tab, (lines[tab] ?? '').indexOf('\t'), { kind: 'tab' });
  const isManyLines = errors.some(
    ({ code, linePos }) => code === 'MULTILINE_IMPLICIT_KEY' && linePos?.[0].line === start.line,
  );
  if (error.code === 'BAD_INDENT') return at(index, indentOf(lines[index]), { kind: 'indentation' });
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') {
    if (!isManyLines) return at(index, start.col - 1, { kind: 'colon-in-value' });
    // The value was taken to go on in the next line, which is the one that stands too deep.
    const next = nextWritten(lines, index);
    return at(next, indentOf(lines[next]), { kind: 'indentation' });
  }
  if (error.code === 'MULTILINE_IMPLICIT_KEY') {
    return at(index, start.col - 1, { kind: 'no-colon', text: (lines[index] ?? '').trim() });
  }
  if (error.code === 'MISSING_CHAR' && error.message.startsWith('Missing closing')) {
    const open = lines.findIndex((line) => (line.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1);
    return at(open < 0 ? index : open, 0, { kind: 'open-quote' });
  }
  return undefined;
}

/** What is YAML, but neither an object nor several parted by `---`. */
function findNoObject(text: string, lines: readonly string[], written: number): PlacedSlip | undefined {
  const documents = parseAllDocuments(text);
  const values: readonly unknown[] = Array.isArray(documents)
    ? documents.map((document) => document.toJS({ maxAliasCount: 0 }))
    : [];
  const odd = values.find((value) => value !== null && (typeof value !== 'object' || Array.isArray(value)));
  if (odd === undefined) return undefined;
  if (Array.isArray(odd)) return at(written, 0, { kind: 'list' });
  return at(written, 0, { kind: 'plain-text', text: (lines[written] ?? '').trim() });
}

function nextWritten(lines: readonly string[], after: number): number {
  const next = lines.findIndex((line, index) => index > after && !/^\s*(#.*)?$/.test(line));
  return next < 0 ? after : next;
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length;
}

function at(index: number, offset: number, slip: ManifestSlip): PlacedSlip {
  return { line: index + 1, column: offset + 1, slip };
}
