/** The grader's public names, for programs that grade. */
export type { ContentProblem } from './exercise/problem.ts';
export type {
  AnswerProblem,
  CheckResult,
  CheckStatus,
  Evidence,
  ExerciseResult,
  ExerciseStatus,
} from './exercise/result.ts';
export type { Chapter, Exercise, Section, Workbook } from './exercise/workbook.ts';
export { loadEngine } from './load-engine.ts';
export {
  type AnswerState,
  type EntryStatus,
  type ExerciseEntry,
  type Hint,
  openSession,
  type Session,
  type SessionOptions,
  WorkbookError,
} from './session.ts';
