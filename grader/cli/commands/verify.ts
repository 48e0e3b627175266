/** `kubedrill verify [ID…]`: the workbook checked by itself, a row for each exercise, then what is to be mended. */
import { listWithSections, readSolutionsLearner } from '../../authoring/verify-workbook.ts';
import { loadWorkbook } from '../../exercise/load-workbook.ts';
import { formatContentProblem } from '../../exercise/problem.ts';
import { formatTable } from '../../reports/table.ts';
import { type CommandContext, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Of the mutants that do not do the same as the solution. */
const leastKilledShare = 0.95;

/** The greatest share of all mutants that may do the same as the solution. */
const greatestSameShare = 0.1;

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
  const [{ verifyExercise }, { verifyMutants }, { createWorlds }, { loadEngine }] = await Promise.all([
    import('../../authoring/verify-exercise.ts'),
    import('../../authoring/mutants/verify-mutants.ts'),
    import('../../runner/worlds.ts'),
    import('../../load-engine.ts'),
  ]);
  const engine = await loadEngine();
  const options = {
    worlds: [createWorlds(engine), createWorlds(engine)] as const,
    root,
    learnerId: readSolutionsLearner(root),
  };
  const rows = [['EXERCISE', 'CHECKS', 'RIGHT', 'WRONG', 'MUTANTS', 'KILLED', 'SAME', 'PROBLEMS']];
  const lines: string[] = [];
  const survivors: string[] = [];
  let killed = 0;
  let same = 0;
  for (const { exercise, section } of listWithSections(workbook)) {
    if (wanted.size > 0 && !wanted.has(exercise.id)) continue;
    if (writeValues) {
      const { writeValues: write } = await import('../../authoring/write-values.ts');
      await write(exercise, { ...options, worlds: options.worlds[0] });
    }
    const found = await verifyExercise(exercise, section, options);
    const mutants = await verifyMutants(exercise, { ...options, worlds: options.worlds[0] });
    const exerciseProblems = [...found.problems, ...mutants.problems];
    rows.push([
      found.path,
      String(exercise.definition.checks.length),
      String(found.rightAnswers),
      String(found.wrongAnswers),
      String(mutants.killed + mutants.survivors.length + mutants.equivalent),
      String(mutants.killed),
      String(mutants.equivalent),
      String(exerciseProblems.length),
    ]);
    lines.push(...exerciseProblems.map((problem) => `${found.path}: ${problem}`));
    survivors.push(...mutants.survivors.map((name) => `${found.path}: passes all the same: ${name}`));
    killed += mutants.killed;
    same += mutants.equivalent;
  }
  for (const line of [...formatTable(rows), ...survivors, ...lines]) context.print(line);
  const all = killed + survivors.length + same;
  const share = killed / Math.max(1, all - same);
  const sameShare = same / Math.max(1, all);
  context.print(
    `${all} mutants: ${same} do the same as the solution (${percent(sameShare)}), ${killed} of the others are killed (${percent(share)})`,
  );
  const isEnough = share >= leastKilledShare && (sameShare <= greatestSameShare || wanted.size > 0);
  return lines.length === 0 && isEnough ? exitCodes.ok : exitCodes.failed;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
