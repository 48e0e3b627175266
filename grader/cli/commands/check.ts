/** `kubedrill check [ID…]`: grades answers. Exercises that nobody touched are todo and fail nothing. */
import type { ExerciseResult } from '../../exercise/result.ts';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Grades the exercises named, or all. Exit code 1 when one is not passed and not todo. */
export async function runCheck(
  context: CommandContext,
  ids: readonly string[],
  options: { readonly json?: boolean },
): Promise<number> {
  const session = await context.openSession();
  const exercises =
    ids.length === 0
      ? session.workbook.exercises
      : [...new Set(ids)].map((id) => requireExercise(session, id));
  const { formatExerciseResult, formatTotals } = await import('../../reports/exercise-report.ts');
  const { formatJson, toJsonResult } = await import('../../reports/json-report.ts');
  const results: ExerciseResult[] = [];
  for (const exercise of exercises) {
    const result = await session.grade(exercise);
    results.push(result);
    if (options.json) continue;
    context.print(formatExerciseResult(result, context.language));
    // Told to who asks about these exercises; over the whole workbook it would bury the results.
    if (result.status === 'passed' && ids.length > 0) context.print(`\n${session.debrief(exercise)}\n`);
  }
  if (options.json) {
    context.print(formatJson(results.map((result) => toJsonResult(result, context.language))));
  } else if (results.length !== 1) context.print(`\n${formatTotals(results, context.language)}`);
  printNotices(context, session);
  const isFine = results.every(({ status }) => status === 'passed' || status === 'todo');
  return isFine ? exitCodes.ok : exitCodes.failed;
}
