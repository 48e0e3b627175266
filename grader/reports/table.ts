/** Plain tables for terminals: columns as wide as their widest cell, in a script of any width. */
import stringWidth from 'string-width';
import { neutralise } from './neutralise.ts';

/** Rows as lines, the first one being the header; two spaces between columns, none at the end. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const safe = rows.map((row) => row.map((cell) => neutralise(cell).replaceAll(/[\n\t]/g, ' ')));
  const widths = (safe[0] ?? []).map((_, column) =>
    Math.max(...safe.map((row) => stringWidth(row[column] ?? ''))),
  );
  return safe.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
}
