/** Results as JSON: data for other programs, with the sentences added for people. */
import type { Language } from '../../engine/index.ts';
import type { ExerciseResult } from '../exercise/result.ts';
import { tellCheck, tellProblem } from './tell.ts';

/** One exercise's result as JSON gives it. */
export function toJsonResult(result: ExerciseResult, language: Language) {
  return {
    ...result,
    problems: result.problems.map((problem) => ({ ...problem, told: tellProblem(problem, language) })),
    checks: result.checks.map((check) => ({ ...check, told: tellCheck(check, language) })),
  };
}

/** JSON for people's terminals, too: what a terminal would obey is escaped, which changes no value. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
