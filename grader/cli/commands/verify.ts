/** `kubedrill verify [ID…]`: the workbook checked by itself, a row for each exercise, then what is to be mended. */
import { listWithSections, readSolutionsLearner } from '../../authoring/verify-workbook.ts';
import { loadWorkbook } from '../../exercise/load-workbook.ts';
import { formatContentProblem } from '../../exercise/problem.ts';
import { formatTable } from '../../reports/table.ts';
import { type CommandContext, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Exit code 1 when anything is to be mended. */
export async function runVerify(
  context: CommandContext,
  ids: readonly string[],
  { writeValues = false }: { readonly writeValues?: boolean } = {},
): Promise<number> {
  const root = context.workbookRoot();
  const { workbook, problems } = await loadWorkbook(root);
  for (const problem of problems) context.print(formatContentProblem(problem, context.language));
  if (problems.length > 0) return exitCodes.failed;
  const session = await context.openSession();
  const wanted = new Set(ids.map((id) => requireExercise(session, id).id));
  const [{ verifyExercise }, { createWorlds }, { loadEngine }] = await Promise.all([
    import('../../authoring/verify-exercise.ts'),
    import('../../runner/worlds.ts'),
    import('../../load-engine.ts'),
  ]);
  const engine = await loadEngine();
  const options = {
    worlds: [createWorlds(engine), createWorlds(engine)] as const,
    root,
    learnerId: readSolutionsLearner(root),
  };
  const rows = [['EXERCISE', 'RIGHT', 'WRONG', 'PROBLEMS', 'CHECKS NOT SHOWN TO BE NEEDED']];
  const lines: string[] = [];
  for (const { exercise, section } of listWithSections(workbook)) {
    if (wanted.size > 0 && !wanted.has(exercise.id)) continue;
    if (writeValues) {
      const { writeValues: write } = await import('../../authoring/write-values.ts');
      await write(exercise, { ...options, worlds: options.worlds[0] });
    }
    const found = await verifyExercise(exercise, section, options);
    rows.push([
      found.path,
      String(found.rightAnswers),
      String(found.wrongAnswers),
      String(found.problems.length),
      found.unneededChecks.join(' ') || '-',
    ]);
    lines.push(...found.problems.map((problem) => `${found.path}: ${problem}`));
  }
  for (const line of formatTable(rows)) context.print(line);
  for (const line of lines) context.print(line);
  return lines.length === 0 ? exitCodes.ok : exitCodes.failed;
}
