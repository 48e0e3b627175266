/** The keys, and what the signs mean. */
import stringWidth from 'string-width';
import type { UiState } from '../state/state.ts';
import { type Line, line } from '../text/styled-text.ts';
import { wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';
import type { KeyName } from '../texts/ui-texts.ts';

/** Keys as they are labelled, in the order of the help. */
const keyLabels: readonly (readonly [KeyName, string])[] = [
  ['next', 'n'],
  ['previous', 'p'],
  ['list', 'l'],
  ['edit', 'e'],
  ['hint', 'h'],
  ['trace', 't'],
  ['shell', 's'],
  ['lesson', 'v Tab'],
  ['reset', 'r'],
  ['scroll', '↑ ↓'],
  ['help', '?'],
  ['quit', 'q'],
];

/** The help at a width. */
export function helpDocument({ language }: UiState, width: number): readonly Line[] {
  const texts = uiTexts[language];
  const labelWidth = Math.max(...keyLabels.map(([, label]) => stringWidth(label))) + 3;
  return [
    line(texts.helpTitle, 'title'),
    [],
    ...keyLabels.flatMap(([name, label]) =>
      wrapText(texts.keysInFull[name], width, 'plain', {
        first: line(`  ${label}`.padEnd(labelWidth + 2), 'code'),
        rest: line(' '.repeat(labelWidth + 2)),
      }),
    ),
    [],
    ...texts.helpSigns.split(/ {3}/).flatMap((sign) => wrapText(`  ${sign}`, width, 'plain')),
    [],
    ...wrapText(texts.helpSave, width, 'plain'),
  ];
}
