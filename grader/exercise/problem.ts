/** What is wrong with a file of the workbook, with the place to mend it. */
import type { Localized } from './schema.ts';

/** One problem. `line` and `column` count from 1. */
export interface ContentProblem {
  /** Relative to the workbook's root. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: Localized;
}

/** `chapters/…/exercise.yaml:3:5: …`, as editors and terminals link it. */
export function formatContentProblem(problem: ContentProblem, language: 'ko' | 'en'): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message[language]}`;
}
