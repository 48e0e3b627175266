/** The line being typed in the shell, and the lines typed before: what readline does, as far as one line needs it. */
import { graphemes } from '../text/styled-text.ts';

/** The text on both sides of the cursor, and where in the history it came from. */
export interface InputLine {
  readonly before: string;
  readonly after: string;
  /** Lines typed before, the oldest first. */
  readonly history: readonly string[];
  /** Position in the history; its length stands for the line being typed. */
  readonly at: number;
  /** What was being typed when going back in the history began. */
  readonly draft: string;
}

/** Keys that change the line, by what they do. */
export type Edit =
  | 'left'
  | 'right'
  | 'start'
  | 'end'
  | 'erase'
  | 'erase-word'
  | 'erase-before'
  | 'erase-after'
  | 'older'
  | 'newer';

/** As many lines are remembered. */
const longestHistory = 500;

export const emptyInputLine: InputLine = { before: '', after: '', history: [], at: 0, draft: '' };

/** The whole text. */
export function textOf({ before, after }: InputLine): string {
  return before + after;
}

/** Text typed at the cursor. */
export function insert(input: InputLine, text: string): InputLine {
  return { ...input, before: input.before + text };
}

/** An empty line again, with this one remembered unless it is empty or the same as the last. */
export function submit(input: InputLine): InputLine {
  const text = textOf(input);
  const isNew = text.trim() !== '' && text !== input.history.at(-1);
  const history = isNew ? [...input.history, text].slice(-longestHistory) : input.history;
  return { ...emptyInputLine, history, at: history.length };
}

/** The line dropped, nothing remembered. */
export function abandon({ history }: InputLine): InputLine {
  return { ...emptyInputLine, history, at: history.length };
}

/** The line after one editing key. */
export function edit(input: InputLine, change: Edit): InputLine {
  const { before, after } = input;
  switch (change) {
    case 'left': {
      const last = graphemes(before).at(-1) ?? '';
      return { ...input, before: before.slice(0, before.length - last.length), after: last + after };
    }
    case 'right': {
      const [first = ''] = graphemes(after);
      return { ...input, before: before + first, after: after.slice(first.length) };
    }
    case 'start':
      return { ...input, before: '', after: before + after };
    case 'end':
      return { ...input, before: before + after, after: '' };
    case 'erase': {
      const last = graphemes(before).at(-1) ?? '';
      return { ...input, before: before.slice(0, before.length - last.length) };
    }
    case 'erase-word':
      return { ...input, before: before.trimEnd().replace(/\S+$/, '') };
    case 'erase-before':
      return { ...input, before: '' };
    case 'erase-after':
      return { ...input, after: '' };
    case 'older':
      return recall(input, input.at - 1);
    case 'newer':
      return recall(input, input.at + 1);
  }
}

function recall(input: InputLine, at: number): InputLine {
  if (at < 0 || at > input.history.length) return input;
  const draft = input.at === input.history.length ? textOf(input) : input.draft;
  return { ...input, at, draft, before: input.history[at] ?? draft, after: '' };
}
