/**
 * One learner at work in one folder of answers: what the UI, the command line and the vitest project share, so that all
 * three say the same. It reads and writes the learner's files; how things look is for its callers.
 */
import type { Language, Result, Shell } from '../engine/index.ts';
import type { ExerciseResult, ExerciseStatus } from './exercise/result.ts';
import type { Localized } from './exercise/schema.ts';
import type { Exercise, Section, Workbook } from './exercise/workbook.ts';

/** Where an exercise stands without grading it: `changed` is an answer that differs from the one last graded. */
export type EntryStatus = ExerciseStatus | 'changed';

/** One line of the list of exercises. */
export interface ExerciseEntry {
  readonly exercise: Exercise;
  readonly section: Section;
  readonly status: EntryStatus;
  readonly hintsTaken: number;
}

/** One file of an answer as it is on disk now. */
export interface AnswerState {
  /** As exercise.yaml declares it. */
  readonly path: string;
  /** Absolute, for an editor. */
  readonly file: string;
  /** Undefined when there is no such file, or when `problem` says why it could not be read. */
  readonly text: string | undefined;
  readonly problem?: Localized;
}

/** A hint with its place in the row. */
export interface Hint {
  readonly number: number;
  readonly of: number;
  readonly text: string;
}

/** What {@link openSession} gives. Errors that a learner can mend are values: one line in both languages. */
export interface Session {
  readonly workbook: Workbook;
  readonly language: Language;
  /** The absolute folder of answers. */
  readonly answersFolder: string;
  /** Things to tell once, gathered so far: a folder that can't be written, a state file that was broken. Emptied by reading. */
  takeNotices(): readonly Localized[];
  /** All exercises in order with their standing. Reads the answers' files, grades nothing. */
  entries(): readonly ExerciseEntry[];
  /** The exercise with this id, or one line that names the nearest known id. */
  find(id: string): Result<Exercise, Localized>;
  /** The task's text, Markdown, in the session's language. */
  task(exercise: Exercise): string;
  /** The section's lesson, Markdown, in the session's language. */
  lesson(section: Section): string;
  /** Makes the starter's files where there are none yet, and `learner.yaml`; never overwrites. */
  start(exercise: Exercise): Result<{ readonly made: readonly string[] }, Localized>;
  /** The answer's files as they are now. */
  answer(exercise: Exercise): readonly AnswerState[];
  /** Grades the answer as it is on disk and remembers the outcome. Never rejects: what breaks on our side is `errored`. */
  grade(exercise: Exercise): Promise<ExerciseResult>;
  /** The outcome of the last {@link Session.grade} of this session. */
  lastResult(exercise: Exercise): ExerciseResult | undefined;
  /** The hints taken so far. */
  hints(exercise: Exercise): readonly Hint[];
  /** Takes the next hint; undefined when all are taken. */
  takeHint(exercise: Exercise): Hint | undefined;
  /** Puts the starter's files back. What was there is kept in a folder beside, whose path is returned. */
  reset(exercise: Exercise): Result<{ readonly keptIn: string | undefined }, Localized>;
  /** A shell in the exercise's world, the answer's files in its folder; without an exercise in an empty cluster. */
  openShell(exercise?: Exercise): Promise<Shell>;
  /**
   * Calls back after the answer's files changed, appeared or disappeared, once per burst of changes. The returned function
   * ends it.
   */
  watch(exercise: Exercise, onChange: () => void): () => void;
}

/** What a session is opened with. */
export interface SessionOptions {
  /** The workbook's folder; by default the one this package stands in. */
  readonly root?: string;
  /** The folder of answers; by default `answers` in the current folder. */
  readonly answersFolder?: string;
  readonly language: Language;
}
