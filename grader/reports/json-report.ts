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
