/** Markdown as rows of a terminal. */
import stringWidth from 'string-width';
import { neutralise } from '../../reports/neutralise.ts';
import { type Block, parseBlocks } from './markdown-blocks.ts';
import { parseInline } from './markdown-inline.ts';
import { cut, type Line, line } from './styled-text.ts';
import { wrap } from './wrap.ts';

/** The rows of a text at a width. */
export function renderMarkdown(markdown: string, width: number): readonly Line[] {
  return parseBlocks(neutralise(markdown)).flatMap(({ block, isApart }, number) => [
    ...(isApart && number > 0 ? [[]] : []),
    ...renderBlock(block, width),
  ]);
}

function renderBlock(block: Block, width: number): readonly Line[] {
  switch (block.kind) {
    case 'heading':
      return wrap(parseInline(block.text, block.level === 1 ? 'title' : 'heading'), width);
    case 'paragraph':
      return wrap(parseInline(block.text), width);
    case 'item': {
      const before = `${'  '.repeat(block.depth)}${block.mark} `;
      return wrap(parseInline(block.text), width, {
        first: line(before, 'dim'),
        rest: line(' '.repeat(stringWidth(before))),
      });
    }
    case 'code':
      return renderCode(block.lines, width);
    case 'quote':
      return wrap(parseInline(block.text), width, { first: line('│ ', 'dim'), rest: line('│ ', 'dim') });
    case 'table':
      return renderTable(block.rows, width);
    case 'rule':
      return [line('─'.repeat(width), 'dim')];
  }
}

/** A drawing that is wrapped is no drawing any more; a command that is cut can't be typed. */
function renderCode(lines: readonly string[], width: number): readonly Line[] {
  const rows = lines.map((text) => line(text.replaceAll('\t', '    '), 'code'));
  const isDrawing = lines.some((text) => /[\u2500-\u257f]/.test(text));
  return isDrawing ? rows.map((row) => cut(row, width)) : rows.flatMap((row) => wrap(row, width));
}

/** Columns as wide as their cells while there is room; otherwise each row becomes `header: cell` lines. */
function renderTable(rows: readonly (readonly string[])[], width: number): readonly Line[] {
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(plain(row[column] ?? '')))),
  );
  const total = widths.reduce((sum, cell) => sum + cell + 2, -2);
  if (total > width) {
    return body.flatMap((row) =>
      row.flatMap((cell, column) =>
        wrap([...line(`${header[column] ?? ''}: `, 'strong'), ...parseInline(cell)], width, {
          first: line(column === 0 ? '• ' : '  ', 'dim'),
          rest: line('    '),
        }),
      ),
    );
  }
  const rule: Line = line(widths.map((cell) => '─'.repeat(cell)).join('  '), 'dim');
  const [first = [], ...others] = rows.map((row, number) =>
    widths.flatMap((cell, column) => {
      const text = row[column] ?? '';
      const padding = ' '.repeat(cell - stringWidth(plain(text)) + (column === widths.length - 1 ? 0 : 2));
      return [...parseInline(text, number === 0 ? 'strong' : 'plain'), ...line(padding)];
    }),
  );
  return [first, rule, ...others];
}

function plain(text: string): string {
  return parseInline(text)
    .map((span) => span.text)
    .join('');
}
