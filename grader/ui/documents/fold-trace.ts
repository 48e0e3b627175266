/**
 * A trace as `formatTrace` prints it has the place of each hop in a column of its own, as wide as the longest place. On a
 * screen of bounded width each place becomes a line above its hops.
 */
import { type Line, line, type Tone } from '../text/styled-text.ts';
import { wrap } from '../text/wrap.ts';

/** The rows of a trace at a width. */
export function foldTrace(lines: readonly string[], width: number): readonly Line[] {
  const column = stepsColumn(lines);
  return lines.flatMap((text) => {
    const indent = text.length - text.trimStart().length;
    if (indent === 0) return row(text, 'heading', 2, width);
    if (/^\s*[✓✗]/.test(text)) return row(text.trim(), text.includes('✗') ? 'bad' : 'good', 2, width);
    if (column === undefined) return row(text.trim(), 'plain', indent, width);
    const place = text.slice(0, column).trim();
    const step = text.slice(column);
    const deeper = step.length - step.trimStart().length;
    return [
      ...(place === '' ? [] : row(place, 'code', 2, width)),
      ...row(step.trim(), step.startsWith('rule') ? 'plain' : 'dim', 4 + deeper, width),
    ];
  });
}

/** Where hops begin: the least indentation among the lines that only carry on with the place above them. */
function stepsColumn(lines: readonly string[]): number | undefined {
  const indents = lines
    .filter((text) => text.trim() !== '' && !/^\s*[✓✗]/.test(text))
    .map((text) => text.length - text.trimStart().length)
    .filter((indent) => indent > 4);
  return indents.length === 0 ? undefined : Math.min(...indents);
}

function row(text: string, tone: Tone, indent: number, width: number): readonly Line[] {
  return wrap([{ text, tone }], width, {
    first: line(' '.repeat(indent)),
    rest: line(' '.repeat(indent + 2)),
  });
}
