/** Everything the screen shows, as data: what a key changes, {@link reduce} changes here and nowhere else. */
import type { Language } from '../../../engine/index.ts';
import type { ExerciseResult } from '../../exercise/result.ts';
import type { AnswerState, ExerciseEntry, Hint } from '../../session.ts';
import { emptyShell, reduceShell, type ShellAction, type ShellState } from './shell-state.ts';

/** What fills the screen, or its right side. */
export type View = 'task' | 'lesson' | 'trace' | 'list' | 'shell' | 'help';

/** The first row shown: a number of rows from the top, or a place that is found when the rows are known. */
export type Top = number | 'hints' | 'results' | 'end';

/** A file of the answer with its path as the person would type it. */
export interface PageFile extends AnswerState {
  readonly shownAs: string;
}

/** The exercise that is open, with its texts as read from the workbook and its files as they are on disk. */
export interface Page {
  /** Its position in {@link UiState.entries}. */
  readonly index: number;
  readonly chapter: string;
  readonly task: string;
  readonly lesson: string;
  /** Told once the exercise has passed. */
  readonly debrief: string;
  readonly files: readonly PageFile[];
  readonly hints: readonly Hint[];
  /** The last outcome in this session. */
  readonly result: ExerciseResult | undefined;
}

/** One line for the person, gone with the next key. */
export interface Message {
  readonly tone: 'plain' | 'bad';
  readonly text: string;
}

export interface UiState {
  readonly language: Language;
  readonly entries: readonly ExerciseEntry[];
  readonly page: Page;
  readonly view: View;
  readonly top: Top;
  /** The line chosen in the list. */
  readonly listAt: number;
  readonly isGrading: boolean;
  readonly message: Message | undefined;
  /** Whether `y` would reset the answer now. */
  readonly isAsking: boolean;
  /** Of the open exercise. */
  readonly shell: ShellState;
}

export type Action =
  /** Another exercise is open. */
  | { readonly type: 'opened'; readonly page: Page; readonly entries: readonly ExerciseEntry[] }
  /** Something about the open exercise is other than before; what is not named stays. */
  | { readonly type: 'refreshed'; readonly page: Partial<Page>; readonly entries: readonly ExerciseEntry[] }
  | { readonly type: 'grading-began' }
  /** The outcome for the exercise at `index`; `isNews` when it is of a change, which moves the screen to it. */
  | {
      readonly type: 'graded';
      readonly index: number;
      readonly result: ExerciseResult;
      readonly entries: readonly ExerciseEntry[];
      readonly isNews: boolean;
    }
  | { readonly type: 'viewed'; readonly view: View }
  | { readonly type: 'scrolled'; readonly top: Top }
  | { readonly type: 'list-moved'; readonly to: number }
  | { readonly type: 'told'; readonly message: Message }
  | { readonly type: 'reset-asked' }
  /** Any key: what was told or asked is over. */
  | { readonly type: 'key-pressed' }
  | ShellAction;

/** The entry of the open exercise; the workbook holds at least one. */
export function openEntry({ entries, page }: UiState): ExerciseEntry | undefined {
  return entries[page.index];
}

/** The state before the first exercise is opened. */
export function firstState(language: Language, entries: readonly ExerciseEntry[]): UiState {
  return {
    language,
    entries,
    page: {
      index: 0,
      chapter: '',
      task: '',
      lesson: '',
      debrief: '',
      files: [],
      hints: [],
      result: undefined,
    },
    view: 'task',
    top: 0,
    listAt: 0,
    isGrading: false,
    message: undefined,
    isAsking: false,
    shell: emptyShell,
  };
}

/** The state after an action. */
export function reduce(state: UiState, action: Action): UiState {
  switch (action.type) {
    case 'opened':
      return {
        ...state,
        page: action.page,
        entries: action.entries,
        view: 'task',
        top: 0,
        isGrading: false,
        // The history of what was typed serves the next exercise too.
        shell: { ...emptyShell, input: state.shell.input },
      };
    case 'refreshed':
      return { ...state, page: { ...state.page, ...action.page }, entries: action.entries };
    case 'grading-began':
      return { ...state, isGrading: true };
    case 'graded':
      return reduceGraded(state, action);
    case 'viewed':
      return {
        ...state,
        view: action.view,
        top: action.view === 'shell' ? 'end' : 0,
        listAt: state.page.index,
      };
    case 'scrolled':
      return { ...state, top: action.top };
    case 'list-moved':
      return { ...state, listAt: Math.min(Math.max(0, action.to), Math.max(0, state.entries.length - 1)) };
    case 'told':
      return { ...state, message: joined(state.message, action.message) };
    case 'reset-asked':
      return { ...state, isAsking: true };
    case 'key-pressed':
      return { ...state, message: undefined, isAsking: false };
    default:
      return { ...state, shell: reduceShell(state.shell, action), top: 'end' };
  }
}

/** What is wrong stays until a key says that it was read; more that is wrong is told below it. */
function joined(before: Message | undefined, message: Message): Message {
  if (before?.tone !== 'bad') return message;
  if (before.text.split('\n').includes(message.text)) return before;
  return { tone: 'bad', text: `${before.text}\n${message.text}` };
}

/** An outcome of an exercise that was left meanwhile only changes its line in the list. */
function reduceGraded(state: UiState, action: Extract<Action, { type: 'graded' }>): UiState {
  if (action.index !== state.page.index) return { ...state, entries: action.entries };
  const showsResult = state.view === 'task' && action.isNews;
  return {
    ...state,
    entries: action.entries,
    page: { ...state.page, result: action.result },
    isGrading: false,
    top: showsResult ? 'results' : state.top,
  };
}
