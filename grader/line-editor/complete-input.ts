/** Tab: the line with what could be added to it, and the choices to be shown when that is not all. */
import stringWidth from 'string-width';
import type { CompletionChoice, LineCompletion } from '../../engine/index.ts';
import type { InputLine } from './input-line.ts';

/** The line after Tab; `choices` are listed when nothing could be added. */
export interface CompletedInput {
  readonly input: InputLine;
  readonly choices: readonly CompletionChoice[];
}

/** As bash does it: the only choice is put in whole, of several what they have in common. */
export function completeInput(input: InputLine, { start, choices }: LineCompletion): CompletedInput {
  const [only, ...others] = choices;
  if (only === undefined) return { input, choices: [] };
  const kept = input.before.slice(0, start);
  if (others.length === 0) {
    const space = only.isWhole && !input.after.startsWith(' ') ? ' ' : '';
    return { input: { ...input, before: `${kept}${only.text}${space}` }, choices: [] };
  }
  const common = choices.map(({ text }) => text).reduce(commonStart);
  if (common.length > input.before.length - start) {
    return { input: { ...input, before: kept + common }, choices: [] };
  }
  return { input, choices };
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

/** More rows push away what is being looked at. */
const mostRows = 40;
/** Longer descriptions leave no room for what they describe. */
const gap = 2;

/** The choices as rows of at most so many columns: with descriptions one a row, otherwise in columns. */
export function listChoices(choices: readonly CompletionChoice[], columns: number): readonly string[] {
  const rows = choices.some(({ description }) => description !== undefined)
    ? described(choices, columns)
    : inColumns(choices, columns);
  return rows.length <= mostRows
    ? rows
    : [...rows.slice(0, mostRows), `… ${rows.length - mostRows} more rows`];
}

function described(choices: readonly CompletionChoice[], columns: number): readonly string[] {
  const wide = Math.max(...choices.map(({ label }) => stringWidth(label)));
  return choices.map(({ label, description = '' }) => {
    const row =
      description === '' ? label : `${label}${' '.repeat(wide - stringWidth(label))}  (${description})`;
    return row.length <= columns ? row : `${row.slice(0, Math.max(0, columns - 2))}…`;
  });
}

/** Downwards first, as bash and ls list. */
function inColumns(choices: readonly CompletionChoice[], columns: number): readonly string[] {
  const wide = Math.max(...choices.map(({ label }) => stringWidth(label))) + gap;
  const across = Math.max(1, Math.floor(columns / wide));
  const height = Math.ceil(choices.length / across);
  return Array.from({ length: height }, (_, row) =>
    choices
      .filter((_choice, at) => at % height === row)
      .map(({ label }) => label + ' '.repeat(wide - stringWidth(label)))
      .join('')
      .trimEnd(),
  );
}
