/** What the UI says in words of its own. Tasks, hints, checks and reasons come from the workbook and the reports. */
import type { EntryStatus } from '../../session.ts';

/** Keys that the footer and the help name. */
export type KeyName =
  | 'next'
  | 'previous'
  | 'hint'
  | 'list'
  | 'edit'
  | 'shell'
  | 'trace'
  | 'lesson'
  | 'reset'
  | 'scroll'
  | 'help'
  | 'quit';

/** Every word of the UI's own; a language that forgets one does not compile. */
export interface UiTexts {
  /** For the footer: a word each. */
  readonly keys: Readonly<Record<KeyName, string>>;
  /** For the help: a line each. */
  readonly keysInFull: Readonly<Record<KeyName, string>>;
  readonly statuses: Readonly<Record<EntryStatus, string>>;
  readonly kinds: Readonly<Record<'build' | 'run' | 'fix' | 'find', string>>;
  readonly grading: string;
  readonly hint: string;
  readonly checks: string;
  readonly files: string;
  readonly output: string;
  readonly nextExercise: string;
  readonly allDone: string;
  readonly noMoreHints: string;
  readonly noNext: string;
  readonly noPrevious: string;
  readonly askReset: string;
  readonly fileGone: string;
  readonly noTrace: string;
  readonly listTitle: string;
  readonly helpTitle: string;
  readonly helpSigns: string;
  readonly helpSave: string;
  readonly lessonTitle: string;
  readonly traceTitle: string;
  readonly shellTitle: string;
  readonly shellLeave: string;
  readonly shellOpening: string;
  readonly shellRunning: string;
  readonly wanted: string;
  readonly found: string;
  readonly back: string;
  readonly broken: string;
  readonly brokenKeys: string;
  readonly tooSmall: string;
  points(earned: number, of: number): string;
  passed(count: number, of: number): string;
  minutes(count: number): string;
  more(rows: number): string;
  resetDone(keptIn: string | undefined): string;
  noEditor(files: string): string;
  editorFailed(why: string, files: string): string;
  problem(why: string): string;
}
