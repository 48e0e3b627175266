/** The shell's screen: what was printed, then the line being typed, and where the cursor stands in it. */
import stringWidth from 'string-width';
import { neutralise } from '../../reports/neutralise.ts';
import { promptOf, type ShellPiece } from '../state/shell-state.ts';
import type { UiState } from '../state/state.ts';
import { type Line, line, type Tone, widthOf } from '../text/styled-text.ts';
import { wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';

/** Rows, and the cursor's place among them while a line can be typed. */
export interface ShellDocument {
  readonly rows: readonly Line[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

const tones: Readonly<Record<ShellPiece['kind'], Tone>> = {
  typed: 'strong',
  stdout: 'plain',
  stderr: 'bad',
  note: 'dim',
};

/** The shell's rows at a width. */
export function shellDocument({ shell, language }: UiState, width: number): ShellDocument {
  const printed = shell.pieces.flatMap(({ kind, text }) =>
    (kind === 'note' ? wrapText : hardWrap)(neutralise(text.replace(/\n$/, '')), width, tones[kind]),
  );
  if (shell.isRunning) {
    // A line that shows something needs no word that it runs.
    const isSilent = shell.pieces.at(-1)?.kind === 'typed';
    return {
      rows: [...printed, ...(isSilent ? wrapText(uiTexts[language].shellRunning, width, 'dim') : [])],
      cursor: undefined,
    };
  }
  const prompt = promptOf(shell);
  const typed = hardWrap(neutralise(`${prompt}${shell.input.before}${shell.input.after}`), width, 'plain');
  const before = hardWrap(neutralise(`${prompt}${shell.input.before}`), width, 'plain');
  const column = widthOf(before.at(-1) ?? []);
  // A full row leaves the cursor at the beginning of the next one.
  const isFull = column >= width;
  const cursor = isFull
    ? { row: printed.length + before.length, column: 0 }
    : { row: printed.length + before.length - 1, column };
  return { rows: [...printed, ...typed, ...(isFull && typed.length === before.length ? [[]] : [])], cursor };
}

/** As terminals wrap: at the last column, whatever stands there, so that columns of a table stay recognizable. */
function hardWrap(text: string, width: number, tone: Tone): readonly Line[] {
  return text.split('\n').flatMap((row) => {
    const rows: string[] = [''];
    let used = 0;
    for (const { segment } of new Intl.Segmenter().segment(expandTabs(row))) {
      const wide = stringWidth(segment);
      if (used + wide > width) {
        rows.push('');
        used = 0;
      }
      rows.push(`${rows.pop() ?? ''}${segment}`);
      used += wide;
    }
    return rows.map((part) => line(part, tone));
  });
}

/** Source: the default tab stops of terminals, every eight columns. */
function expandTabs(text: string): string {
  return text
    .split('\t')
    .reduce((before, part) => `${before}${' '.repeat(8 - (stringWidth(before) % 8))}${part}`);
}
