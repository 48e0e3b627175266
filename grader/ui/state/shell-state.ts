/** What the shell's screen holds: what was printed, and the line being typed. */
import type { ShellPlace, ShellResult } from '../../../engine/index.ts';
import { formatPrompt } from '../../line-editor/format-prompt.ts';
import {
  abandon,
  type Edit,
  edit,
  emptyInputLine,
  type InputLine,
  insert,
  promptFor,
  submit,
  textOf,
} from '../../line-editor/input-line.ts';

/** A piece of what was printed. `typed` is a line of the learner's with its prompt, `note` a word of the UI's own. */
export interface ShellPiece {
  readonly kind: 'typed' | 'stdout' | 'stderr' | 'note';
  readonly text: string;
}

export interface ShellState {
  readonly pieces: readonly ShellPiece[];
  readonly input: InputLine;
  /** The lines before this one of a command that is not finished yet, each with its newline. */
  readonly pending: string;
  readonly isRunning: boolean;
  /** Where the next line is run; unknown until the shell is open. */
  readonly place: ShellPlace | undefined;
}

export type ShellAction =
  | { readonly type: 'shell-typed'; readonly text: string }
  | { readonly type: 'shell-edited'; readonly edit: Edit }
  /** Enter: the line goes up the screen. `isRun` tells whether it is run now or waits for more. */
  | { readonly type: 'shell-submitted'; readonly isRun: boolean }
  | { readonly type: 'shell-abandoned' }
  /** Tab: the line with what could be added, and rows that list the choices. */
  | { readonly type: 'shell-completed'; readonly input: InputLine; readonly rows: readonly string[] }
  /** Output of a line that goes on. */
  | { readonly type: 'shell-streamed'; readonly kind: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'shell-printed'; readonly result: ShellResult }
  | { readonly type: 'shell-placed'; readonly place: ShellPlace }
  | { readonly type: 'shell-history'; readonly lines: readonly string[] }
  | { readonly type: 'shell-noted'; readonly text: string }
  | { readonly type: 'shell-cleared' };

/** As many pieces, and as many characters of one piece, are kept: a screen that only grows would slow down. */
const mostPieces = 400;
const longestPiece = 200_000;

export const emptyShell: ShellState = {
  pieces: [],
  input: emptyInputLine,
  pending: '',
  isRunning: false,
  place: undefined,
};

/** What stands before the line being typed. */
export function promptOf({ pending, place, input }: ShellState): string {
  const own = pending !== '' ? '> ' : place === undefined ? '$ ' : formatPrompt(place);
  return promptFor(input, own);
}

/** The shell's screen after an action. */
export function reduceShell(shell: ShellState, action: ShellAction): ShellState {
  switch (action.type) {
    case 'shell-typed':
      return { ...shell, input: insert(shell.input, action.text) };
    case 'shell-edited':
      return { ...shell, input: edit(shell.input, action.edit) };
    case 'shell-submitted': {
      const text = textOf(shell.input);
      return {
        ...shell,
        pieces: add(shell.pieces, {
          kind: 'typed',
          text: promptOf({ ...shell, input: emptyInputLine }) + text,
        }),
        input: submit(shell.input),
        pending: action.isRun ? '' : `${shell.pending}${text}\n`,
        isRunning: action.isRun,
      };
    }
    case 'shell-abandoned':
      return {
        ...shell,
        pieces: add(shell.pieces, { kind: 'typed', text: `${promptOf(shell)}${textOf(shell.input)}^C` }),
        input: abandon(shell.input),
        pending: '',
      };
    case 'shell-completed': {
      const { input, rows } = action;
      if (rows.length === 0) return { ...shell, input };
      const typed = { kind: 'typed', text: promptOf(shell) + textOf(shell.input) } as const;
      return { ...shell, input, pieces: add(shell.pieces, typed, { kind: 'stdout', text: rows.join('\n') }) };
    }
    case 'shell-streamed':
      return { ...shell, pieces: stream(shell.pieces, action.kind, action.text) };
    case 'shell-placed':
      return { ...shell, place: action.place };
    case 'shell-history':
      return { ...shell, input: abandon({ ...shell.input, history: action.lines }) };
    case 'shell-printed': {
      const { stdout, stderr } = action.result;
      const printed = add(shell.pieces, { kind: 'stdout', text: stdout }, { kind: 'stderr', text: stderr });
      return { ...shell, pieces: printed, isRunning: false };
    }
    case 'shell-noted':
      return { ...shell, pieces: add(shell.pieces, { kind: 'note', text: action.text }) };
    case 'shell-cleared':
      return { ...shell, pieces: [] };
  }
}

function add(pieces: readonly ShellPiece[], ...more: readonly ShellPiece[]): readonly ShellPiece[] {
  const printed = more
    .filter(({ text }) => text !== '')
    .map(({ kind, text }) => ({ kind, text: text.slice(-longestPiece) }));
  return [...pieces, ...printed].slice(-mostPieces);
}

/** Adds to the piece that is being printed; a backspace takes its last character away, as a terminal's cursor would. */
function stream(
  pieces: readonly ShellPiece[],
  kind: 'stdout' | 'stderr',
  text: string,
): readonly ShellPiece[] {
  if (text === '') return pieces;
  const last = pieces.at(-1);
  const isSame = last?.kind === kind;
  const shown: string[] = [];
  for (const character of (isSame ? last.text : '') + text.replaceAll('\r\n', '\n')) {
    if (character !== '\b') shown.push(character);
    else if (shown.at(-1) !== '\n') shown.pop();
  }
  // What erases writes a space over the character and goes back again.
  const piece = { kind, text: shown.join('').slice(-longestPiece) };
  return [...(isSame ? pieces.slice(0, -1) : pieces), piece].slice(-mostPieces);
}
