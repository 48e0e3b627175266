/** The line being typed in the shell, and the lines typed before: what readline does, as far as one line needs it. */
import { graphemes } from '../ui/text/styled-text.ts';

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
  /** The search through the history that is going on. */
  readonly search: HistorySearch | undefined;
}

/** Ctrl-R: what is looked for. */
export interface HistorySearch {
  readonly query: string;
  readonly isFound: boolean;
}

/** Keys that change the line, by what they do. */
export type Edit =
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'start'
  | 'end'
  | 'erase'
  | 'erase-next'
  | 'erase-word'
  | 'erase-before'
  | 'erase-after'
  | 'older'
  | 'newer'
  | 'search'
  | 'cancel-search';

/** As many lines are remembered. */
const longestHistory = 500;

export const emptyInputLine: InputLine = {
  before: '',
  after: '',
  history: [],
  at: 0,
  draft: '',
  search: undefined,
};

/** The whole text. */
export function textOf({ before, after }: InputLine): string {
  return before + after;
}

/** Text typed at the cursor, or added to what is searched for. */
export function insert(input: InputLine, text: string): InputLine {
  if (input.search !== undefined) return searchFrom(input, input.search.query + text, input.at);
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
  const { search } = input;
  if (search === undefined) return editPlain(input, change);
  switch (change) {
    case 'search':
      return searchFrom(input, search.query, input.at - 1);
    case 'erase':
      return searchFrom(input, graphemes(search.query).slice(0, -1).join(''), input.history.length - 1);
    case 'cancel-search':
      return { ...input, search: undefined, at: input.history.length, before: input.draft, after: '' };
    default:
      // Any other key takes what was found.
      return editPlain({ ...input, search: undefined }, change);
  }
}

function editPlain(input: InputLine, change: Edit): InputLine {
  const { before, after } = input;
  switch (change) {
    case 'left':
      return moveLeft(input, (graphemes(before).at(-1) ?? '').length);
    case 'right':
      return moveRight(input, (graphemes(after)[0] ?? '').length);
    case 'word-left':
      return moveLeft(input, before.length - withoutLastWord(before).length);
    case 'word-right':
      return moveRight(input, (/^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(after)?.[0] ?? '').length);
    case 'start':
      return moveLeft(input, before.length);
    case 'end':
      return moveRight(input, after.length);
    case 'erase': {
      const last = graphemes(before).at(-1) ?? '';
      return { ...input, before: before.slice(0, before.length - last.length) };
    }
    case 'erase-next':
      return { ...input, after: after.slice((graphemes(after)[0] ?? '').length) };
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
    case 'search':
      return { ...input, draft: textOf(input), search: { query: '', isFound: true } };
    case 'cancel-search':
      return input;
  }
}

function moveLeft(input: InputLine, by: number): InputLine {
  const cut = input.before.length - by;
  return { ...input, before: input.before.slice(0, cut), after: input.before.slice(cut) + input.after };
}

function moveRight(input: InputLine, by: number): InputLine {
  return { ...input, before: input.before + input.after.slice(0, by), after: input.after.slice(by) };
}

/** Source: readline(3), backward-word: words are letters and digits. */
function withoutLastWord(text: string): string {
  return text.replace(/[^\p{L}\p{N}]*$/u, '').replace(/[\p{L}\p{N}]*$/u, '');
}

/** The newest line at or before a position that holds the query; the one found before stays where there is none. */
function searchFrom(input: InputLine, query: string, from: number): InputLine {
  for (let at = Math.min(from, input.history.length - 1); at >= 0; at -= 1) {
    const found = input.history[at];
    if (query === '' || found?.includes(query) !== true) continue;
    const cursor = found.lastIndexOf(query);
    return {
      ...input,
      at,
      before: found.slice(0, cursor),
      after: found.slice(cursor),
      search: { query, isFound: true },
    };
  }
  return { ...input, search: { query, isFound: query === '' } };
}

function recall(input: InputLine, at: number): InputLine {
  if (at < 0 || at > input.history.length) return input;
  const draft = input.at === input.history.length ? textOf(input) : input.draft;
  return { ...input, at, draft, before: input.history[at] ?? draft, after: '' };
}

/** What stands before the line: while the history is searched, what is looked for. Source: readline(3), Ctrl-R. */
export function promptFor({ search }: InputLine, prompt: string): string {
  if (search === undefined) return prompt;
  return `(${search.isFound ? '' : 'failed '}reverse-i-search)\`${search.query}': `;
}
