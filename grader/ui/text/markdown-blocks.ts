/**
 * Markdown's blocks, as far as tasks and lessons use them: headings, paragraphs, nested lists, fenced code, quotes, tables
 * and rules. HTML is left as it stands.
 */

/** One block of a text. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  /** `mark` is the bullet, or the number as written; `depth` counts from 0. */
  | { readonly kind: 'item'; readonly mark: string; readonly depth: number; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'quote'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'rule' };

/** A block with whether an empty line stood before it. */
export interface PlacedBlock {
  readonly block: Block;
  readonly isApart: boolean;
}

/** The blocks of a text in order. */
export function parseBlocks(markdown: string): readonly PlacedBlock[] {
  const rows = markdown.replaceAll('\r\n', '\n').split('\n');
  const placed: PlacedBlock[] = [];
  let isApart = false;
  let at = 0;
  while (at < rows.length) {
    if (rows[at]?.trim() === '') {
      isApart = true;
      at++;
      continue;
    }
    const { block, next } = readBlock(rows, at);
    placed.push({ block, isApart });
    isApart = false;
    at = next;
  }
  return placed;
}

interface Read {
  readonly block: Block;
  /** The row after the block. */
  readonly next: number;
}

function readBlock(rows: readonly string[], at: number): Read {
  const row = rows[at] ?? '';
  const fence = /^\s*(`{3,}|~{3,})/.exec(row)?.[1];
  if (fence !== undefined) return readCode(rows, at, fence);
  const heading = /^(#{1,6})\s+(.*)$/.exec(row);
  if (heading !== null) {
    const [, hashes = '', text = ''] = heading;
    return { block: { kind: 'heading', level: hashes.length, text: text.trim() }, next: at + 1 };
  }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(row)) return { block: { kind: 'rule' }, next: at + 1 };
  if (row.startsWith('|')) return readTable(rows, at);
  if (row.startsWith('>')) {
    const { texts, next } = readRun(rows, at, (candidate) => candidate.startsWith('>'));
    return {
      block: { kind: 'quote', text: texts.map((text) => text.replace(/^>\s?/, '')).join(' ') },
      next,
    };
  }
  const item = listItem(row);
  if (item !== undefined) {
    const { texts, next } = readRun(rows, at + 1, isContinuation);
    return { block: { ...item, text: [item.text, ...texts].join(' ') }, next };
  }
  const { texts, next } = readRun(rows, at + 1, isContinuation);
  return { block: { kind: 'paragraph', text: [row.trim(), ...texts].join(' ') }, next };
}

function readCode(rows: readonly string[], at: number, fence: string): Read {
  const indent = (rows[at] ?? '').indexOf(fence);
  const end = rows.findIndex((row, number) => number > at && row.trim().startsWith(fence));
  const close = end < 0 ? rows.length : end;
  const lines = rows.slice(at + 1, close).map((row) => row.slice(Math.min(indent, leadingSpaces(row))));
  return { block: { kind: 'code', lines }, next: close + 1 };
}

function readTable(rows: readonly string[], at: number): Read {
  const { texts, next } = readRun(rows, at, (row) => row.startsWith('|'));
  const cells = texts
    .map((row) => row.replace(/^\||\|$/g, '').split(/(?<!\\)\|/))
    .filter((row) => !row.every((cell) => /^\s*:?-+:?\s*$/.test(cell)))
    .map((row) => row.map((cell) => cell.trim().replaceAll('\\|', '|')));
  return { block: { kind: 'table', rows: cells }, next };
}

function listItem(row: string): Extract<Block, { kind: 'item' }> | undefined {
  const found = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(row);
  if (found === null) return undefined;
  const [, indent = '', mark = '', text = ''] = found;
  return {
    kind: 'item',
    mark: /\d/.test(mark) ? mark : '•',
    depth: Math.floor(indent.length / 2),
    text: text.trim(),
  };
}

/** A row that goes on with the paragraph or list item above it. */
function isContinuation(row: string): boolean {
  return row.trim() !== '' && !/^(#{1,6}\s|\||>|\s*(`{3,}|~{3,}))/.test(row) && listItem(row) === undefined;
}

function readRun(
  rows: readonly string[],
  at: number,
  belongs: (row: string) => boolean,
): { readonly texts: readonly string[]; readonly next: number } {
  let next = at;
  while (next < rows.length && belongs(rows[next] ?? '')) next++;
  return { texts: rows.slice(at, next).map((row) => row.trim()), next };
}

function leadingSpaces(row: string): number {
  return row.length - row.trimStart().length;
}
