/**
 * The workbook's own check of one exercise: its starter fails, its solutions pass, each wrong answer fails for its reason,
 * and all of it comes out the same however often it is graded.
 */
import type { ExerciseResult } from '../exercise/result.ts';
import type { Exercise, Section } from '../exercise/workbook.ts';
import { tellCheck, tellFirstReason, tellProblem } from '../reports/tell.ts';
import { gradeAnswer } from '../runner/grade-answer.ts';
import type { Worlds } from '../runner/worlds.ts';
import { type Answer, readAnswerIn } from '../submission/answer.ts';
import { readSolutions, type WrongAnswer } from './solutions.ts';
import { verifyTexts } from './verify-texts.ts';

/** The fewest wrong answers that show what an exercise's checks are worth. */
const leastWrongAnswers = 2;

/** What was found about one exercise. */
export interface ExerciseVerification {
  readonly path: string;
  /** What must be mended, a line each; none when the exercise is sound. */
  readonly problems: readonly string[];
  readonly rightAnswers: number;
  readonly wrongAnswers: number;
}

/** What the verification works with. */
export interface VerifyOptions {
  /** Where answers are graded; in sets after the first once more, which must give the same, since each was made apart. */
  readonly worlds: readonly [Worlds, ...(readonly Worlds[])];
  readonly root: string;
  /** The learner that the solutions are made for. */
  readonly learnerId: string;
  /** Looks for no unneeded checks, which costs as many attempts again. */
  readonly skipsUnneededChecks?: boolean;
}

/** Verifies one exercise. Never rejects for what an exercise does. */
export async function verifyExercise(
  exercise: Exercise,
  section: Section,
  options: VerifyOptions,
): Promise<ExerciseVerification> {
  const solutions = readSolutions(options.root, exercise);
  const problems: string[] = [...verifyTexts(exercise, section), ...solutions.problems];
  const { learnerId } = options;
  const [worlds, ...otherWorlds] = options.worlds;
  const grade = (answer: Answer, of: Exercise = exercise, on: Worlds = worlds) =>
    gradeAnswer(on, { exercise: of, learnerId, answer, evenIfTodo: true });
  const gradeInAll = async (name: string, answer: Answer) => {
    const result = await grade(answer);
    for (const other of otherWorlds) {
      const again = await grade(answer, exercise, other);
      if (JSON.stringify(again) !== JSON.stringify(result))
        problems.push(`${name}: not the same result twice`);
    }
    return result;
  };

  for (const { name, answer } of solutions.right) {
    const result = await gradeInAll(name, answer);
    if (result.status !== 'passed') problems.push(`${name}: does not pass: ${explain(result)}`);
    if (result.steps > exercise.definition.maxSteps) {
      problems.push(
        `${name}: takes ${result.steps} engine steps, maxSteps is ${exercise.definition.maxSteps}`,
      );
    }
  }
  const starter = readAnswerIn(exercise.folder, 'starter', exercise);
  const failing = [{ answer: starter, result: await gradeInAll('starter', starter) }];
  if (failing[0]?.result.status !== 'failed') problems.push(`starter: ${mustFail(failing[0]?.result)}`);
  for (const wrong of solutions.wrong) {
    const result = await gradeInAll(wrong.name, wrong.answer);
    failing.push({ answer: wrong.answer, result });
    problems.push(...verifyReason(wrong, result).map((problem) => `${wrong.name}: ${problem}`));
  }
  if (solutions.wrong.length < leastWrongAnswers) {
    problems.push(`it has ${solutions.wrong.length} wrong answers, at least ${leastWrongAnswers} are needed`);
  }
  const unneededChecks = options.skipsUnneededChecks
    ? []
    : await findUnneededChecks(exercise, failing, grade);
  problems.push(
    ...unneededChecks.map((id) => `check ${id} is not needed: without it no wrong answer passes`),
  );
  return {
    path: exercise.path,
    problems,
    rightAnswers: solutions.right.length,
    wrongAnswers: solutions.wrong.length,
  };
}

/** The first failure must be the one named, with its cause, told in words that hold what must be named. */
function verifyReason({ reason }: WrongAnswer, result: ExerciseResult): readonly string[] {
  if (result.status !== 'failed') return [mustFail(result)];
  const [problem] = result.problems;
  const check = result.checks.find(({ status }) => status === 'failed');
  const found = problem === undefined ? check?.id : 'files';
  const cause = problem ?? check?.cause;
  if (found !== reason.check || cause === undefined || cause.code !== reason.cause) {
    const got = `${found ?? 'nothing'} fails with ${cause?.code ?? 'no cause'}`;
    return [`${reason.check} should fail first with ${reason.cause}; ${got}: ${explain(result)}`];
  }
  return (['ko', 'en'] as const).flatMap((language) => {
    const { sentence, nextStep } = tellProblem(cause, language);
    return reason.names
      .filter((name) => !`${sentence} ${nextStep}`.includes(name))
      .map((name) => `the ${language} sentence does not name ${name}: ${sentence}`);
  });
}

function mustFail(result: ExerciseResult | undefined): string {
  return `must fail, but is ${result?.status ?? 'missing'}${result?.status === 'errored' ? `: ${explain(result)}` : ''}`;
}

function explain(result: ExerciseResult): string {
  const errored = result.checks.find(({ status }) => status === 'errored');
  const told = errored === undefined ? tellFirstReason(result, 'en') : tellCheck(errored, 'en');
  return told?.sentence ?? `it is ${result.status}`;
}

interface GradedAnswer {
  readonly answer: Answer;
  readonly result: ExerciseResult;
}

/** A check is needed when, with it taken away, some answer that must fail would pass. */
async function findUnneededChecks(
  exercise: Exercise,
  failing: readonly GradedAnswer[],
  grade: (answer: Answer, of: Exercise) => Promise<ExerciseResult>,
): Promise<readonly string[]> {
  const { checks } = exercise.definition;
  if (checks.length === 1) return [];
  const unneeded: string[] = [];
  for (const { id } of checks) {
    const without: Exercise = {
      ...exercise,
      definition: {
        ...exercise.definition,
        checks: checks
          .filter((check) => check.id !== id)
          .map((check) => ({ ...check, needs: check.needs.filter((needed) => needed !== id) })),
      },
    };
    const candidates = failing.filter(({ result }) => failsOnlyAt(result, id));
    let isNeeded = false;
    for (const { answer, result } of candidates) {
      if (isNeeded) break;
      // Where nothing waited for the check, all others are known to have passed.
      const isKnown = result.checks.every(({ status }) => status !== 'skipped');
      isNeeded = isKnown || (await grade(answer, without)).status === 'passed';
    }
    if (!isNeeded) unneeded.push(id);
  }
  return unneeded;
}

/** Only such an answer can pass without the check: what was skipped may have waited for it. */
function failsOnlyAt({ problems, checks }: ExerciseResult, id: string): boolean {
  return (
    problems.length === 0 &&
    checks.every((check) => check.id === id || check.status === 'passed' || check.status === 'skipped')
  );
}
