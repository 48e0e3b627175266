/**
 * Columns that fit themselves to their cells: what Go's text/tabwriter does with spaces as padding. A column is a run
 * of neighbouring lines that have a tab-ended cell at the same place, so blocks of different width may follow each other.
 */

/** How cells are padded. */
export interface TabLayout {
  readonly minWidth: number;
  readonly padding: number;
}

/** What `kubectl get` uses. Source: k8s.io/cli-runtime/pkg/printers/tabwriter.go. */
export const tableLayout: TabLayout = { minWidth: 6, padding: 3 };
/** What `kubectl describe` uses. Source: k8s.io/kubectl/pkg/describe, tabbedString. */
export const describeLayout: TabLayout = { minWidth: 0, padding: 2 };

/**
 * Lays out text whose cells are ended by tabs and whose lines are ended by line feeds.
 *
 * @param remembered widths that columns had before and will not fall below, kept up to date; as kubectl's writer keeps
 *   them from one event of a watch to the next.
 */
export function alignTabs(text: string, layout: TabLayout, remembered?: number[]): string {
  const endsWithNewline = text.endsWith('\n');
  const body = endsWithNewline ? text.slice(0, -1) : text;
  if (body === '') return text;
  const lines = body.split('\n').map((line) => line.split('\t'));
  const out: string[] = [];
  formatBlock({ lines, layout, out, widths: [], remembered }, 0, lines.length);
  return out.join('\n') + (endsWithNewline ? '\n' : '');
}

interface Block {
  readonly lines: readonly (readonly string[])[];
  readonly layout: TabLayout;
  readonly out: string[];
  readonly widths: number[];
  readonly remembered: number[] | undefined;
}

function formatBlock(block: Block, from: number, to: number): void {
  const column = block.widths.length;
  let written = from;
  for (let start = from; start < to; ) {
    if (!hasCell(block, start, column)) {
      start += 1;
      continue;
    }
    writeLines(block, written, start);
    let end = start;
    let width = Math.max(block.layout.minWidth, block.remembered?.[column] ?? 0);
    while (end < to && hasCell(block, end, column)) {
      const cell = block.lines[end]?.[column] ?? '';
      width = Math.max(width, widthOf(cell) + block.layout.padding);
      end += 1;
    }
    if (block.remembered !== undefined) block.remembered[column] = width;
    block.widths.push(width);
    formatBlock(block, start, end);
    block.widths.pop();
    written = end;
    start = end;
  }
  writeLines(block, written, to);
}

/** A cell belongs to a column only when a tab ends it; a line's last cell belongs to none. */
function hasCell(block: Block, line: number, column: number): boolean {
  return column < (block.lines[line]?.length ?? 0) - 1;
}

function writeLines(block: Block, from: number, to: number): void {
  for (const cells of block.lines.slice(from, to)) {
    let line = '';
    cells.forEach((cell, index) => {
      const width = block.widths[index];
      line += width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
    });
    block.out.push(line);
  }
}

/** Width in code points, as Go counts runes. */
function widthOf(cell: string): number {
  return [...cell].length;
}
