/** What the shell's screen holds: what was printed, and the line being typed. */
import type { ShellResult } from '../../../engine/index.ts';
import {
  abandon,
  type Edit,
  edit,
  emptyInputLine,
  type InputLine,
  insert,
  submit,
  textOf,
} from './input-line.ts';

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
}

export type ShellAction =
  | { readonly type: 'shell-typed'; readonly text: string }
  | { readonly type: 'shell-edited'; readonly edit: Edit }
  /** Enter: the line goes up the screen. `isRun` tells whether it is run now or waits for more. */
  | { readonly type: 'shell-submitted'; readonly isRun: boolean }
  | { readonly type: 'shell-abandoned' }
  | { readonly type: 'shell-printed'; readonly result: ShellResult }
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
};

/** What stands before the line being typed. */
export function promptOf({ pending }: Pick<ShellState, 'pending'>): string {
  return pending === '' ? '$ ' : '> ';
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
        pieces: add(shell.pieces, { kind: 'typed', text: promptOf(shell) + text }),
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
