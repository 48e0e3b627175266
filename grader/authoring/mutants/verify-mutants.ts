/**
 * What an exercise's checks are worth: each mutant of its solution must fail, but for those that do the same as the
 * solution, which `equivalent.yaml` lists one by one with the reason.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseDefinition } from '../../exercise/parse-definition.ts';
import { formatContentProblem } from '../../exercise/problem.ts';
import { equivalentSchema } from '../../exercise/schema.ts';
import type { Exercise } from '../../exercise/workbook.ts';
import { gradeAnswer } from '../../runner/grade-answer.ts';
import type { Worlds } from '../../runner/worlds.ts';
import { readAnswerIn } from '../../submission/answer.ts';
import { mutantsOf } from './mutants.ts';

/** What became of one exercise's mutants, by name. */
export interface MutantVerification {
  readonly killed: number;
  /** Those that passed though nothing says that they should. */
  readonly survivors: readonly string[];
  readonly equivalent: number;
  /** What must be mended, a line each. */
  readonly problems: readonly string[];
}

/** What the mutants are graded with. */
export interface MutantOptions {
  readonly worlds: Worlds;
  readonly root: string;
  readonly learnerId: string;
}

/** Grades every mutant of the exercise's solution. Never rejects for what a mutant does. */
export async function verifyMutants(
  exercise: Exercise,
  { worlds, root, learnerId }: MutantOptions,
): Promise<MutantVerification> {
  const folder = join(root, 'solutions', exercise.path);
  const mutants = mutantsOf(readAnswerIn(folder, 'solution', exercise));
  const { names: equivalent, problems } = readEquivalents(root, join(folder, 'equivalent.yaml'));
  const survivors: string[] = [];
  let killed = 0;
  for (const { name, answer } of mutants) {
    const { status } = await gradeAnswer(worlds, { exercise, learnerId, answer, evenIfTodo: true });
    if (status === 'errored') problems.push(`mutant "${name}" is errored`);
    else if (status === 'failed') killed++;
    else if (!equivalent.has(name)) survivors.push(name);
    if (status !== 'passed' && equivalent.has(name)) {
      problems.push(`equivalent.yaml: "${name}" fails, so it is not the same as the solution`);
    }
  }
  const known = new Set(mutants.map(({ name }) => name));
  for (const name of equivalent) {
    if (!known.has(name)) problems.push(`equivalent.yaml: there is no mutant "${name}"`);
  }
  return { killed, survivors, equivalent: equivalent.size, problems };
}

function readEquivalents(root: string, file: string): { names: ReadonlySet<string>; problems: string[] } {
  if (!existsSync(file)) return { names: new Set(), problems: [] };
  const parsed = parseDefinition(readFileSync(file, 'utf8'), relative(root, file), equivalentSchema);
  return parsed.ok
    ? { names: new Set(parsed.value.map(({ mutant }) => mutant)), problems: [] }
    : { names: new Set(), problems: parsed.error.map((problem) => formatContentProblem(problem, 'en')) };
}
