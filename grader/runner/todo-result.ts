/** The result of an exercise that nobody has touched: known without a cluster, a shell or a check. */
import type { ExerciseResult } from '../exercise/result.ts';
import type { Exercise } from '../exercise/workbook.ts';

/** No points, no checks; it counts neither as passed nor as failed. */
export function todoResult(exercise: Exercise): ExerciseResult {
  return { ...emptyResult(exercise), status: 'todo' };
}

/** A result in which nothing has happened yet. */
export function emptyResult(exercise: Exercise): Omit<ExerciseResult, 'status'> {
  const maxPoints = exercise.definition.checks.reduce((sum, check) => sum + check.points, 0);
  return { id: exercise.id, points: 0, maxPoints, problems: [], checks: [], transcript: [] };
}
