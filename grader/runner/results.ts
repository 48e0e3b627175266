/** Results made without a cluster: of what nobody touched, and of what could not be graded. */
import type { CheckResult, ExerciseResult } from '../exercise/result.ts';
import type { Check } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';

/** The result of an exercise that nobody has touched: no points, no checks; neither passed nor failed. */
export function todoResult(exercise: Exercise): ExerciseResult {
  return { ...emptyResult(exercise), status: 'todo' };
}

/** The result of an exercise that could not be graded, since something of ours broke. */
export function erroredResult(exercise: Exercise, error: string): ExerciseResult {
  const checks = exercise.definition.checks.map((check) => checkResult(check, { status: 'errored', error }));
  return { ...emptyResult(exercise), status: 'errored', checks };
}

/** A result in which nothing has happened yet. */
export function emptyResult(exercise: Exercise): Omit<ExerciseResult, 'status'> {
  const maxPoints = exercise.definition.checks.reduce((sum, check) => sum + check.points, 0);
  return { id: exercise.id, points: 0, maxPoints, problems: [], checks: [], steps: 0, transcript: [] };
}

/** The result of one check: its points are given whole or not at all. */
export function checkResult(
  check: Check,
  outcome: Omit<CheckResult, 'id' | 'says' | 'points' | 'maxPoints'>,
): CheckResult {
  const { id, says, points: maxPoints } = check;
  return { id, says, points: outcome.status === 'passed' ? maxPoints : 0, maxPoints, ...outcome };
}
