/** One attempt: a fork of the exercise's world, the learner's files in it, and the checks on what came of them. */
import type { Cause, Cluster, Shell } from '../../engine/index.ts';
import type { CheckContext } from '../checks/context.ts';
import { runCheck } from '../checks/run-check.ts';
import type { AnswerProblem, CheckResult, ExerciseResult } from '../exercise/result.ts';
import type { Check } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import type { Answer } from '../submission/answer.ts';
import { type AppliedFiles, applyFiles } from './apply-files.ts';
import { startDeadline } from './deadline.ts';
import { findRefusalBehind } from './missing-objects.ts';
import { checkResult, emptyResult, erroredResult, todoResult } from './results.ts';
import { findScriptProblems } from './script-problems.ts';
import type { Worlds } from './worlds.ts';

/** What is graded. */
export interface Attempt {
  readonly exercise: Exercise;
  readonly learnerId: string;
  readonly answer: Answer;
  /** Grades a starter as if somebody had worked on it, for the workbook's own check. */
  readonly evenIfTodo?: boolean;
  /** Wall time for the files; the runner's own when absent. */
  readonly maxWallSeconds?: number;
}

/** Grades one answer. Never rejects: whatever breaks on our side makes the result `errored`. */
export async function gradeAnswer(worlds: Worlds, attempt: Attempt): Promise<ExerciseResult> {
  const { exercise, answer } = attempt;
  if (answer.isTodo && attempt.evenIfTodo !== true) return todoResult(exercise);
  try {
    const world = await worlds.look(exercise, attempt.learnerId);
    const cluster = world.fork();
    const files = new Map(
      answer.files.flatMap(({ path, text }) => (text === undefined ? [] : [[path, text]])),
    );
    const shell = await cluster.openShell({ files });
    const applied = await applyFiles({
      engine: worlds.engine,
      cluster,
      shell,
      files: answer.files,
      waitSeconds: exercise.definition.waitSeconds,
      secondsPerCommand: exercise.definition.secondsPerCommand,
      maxWallSeconds: attempt.maxWallSeconds,
    });
    const checks = await runChecks(exercise, { worlds, world, cluster, shell, files, applied });
    return { ...summarise(exercise, applied, checks), steps: cluster.steps() - world.steps() };
  } catch (error) {
    return erroredResult(exercise, describeError(worlds, error));
  }
}

interface Scene {
  readonly worlds: Worlds;
  readonly world: Cluster;
  readonly cluster: Cluster;
  readonly shell: Shell;
  readonly files: ReadonlyMap<string, string>;
  readonly applied: AppliedFiles;
}

async function runChecks(exercise: Exercise, scene: Scene): Promise<readonly CheckResult[]> {
  const results = new Map<string, CheckResult>();
  const namedObjects = listNames(exercise.definition.checks);
  for (const check of exercise.definition.checks) {
    const waitedFor = check.needs.find((id) => results.get(id)?.status !== 'passed');
    const result =
      waitedFor === undefined
        ? await runOne(check, { ...scene, isLast: check === exercise.definition.checks.at(-1) }, namedObjects)
        : checkResult(check, { status: 'skipped', waitedFor });
    results.set(check.id, result);
  }
  return [...results.values()];
}

/** Every `name` that stands anywhere in the checks. */
function listNames(checks: readonly Check[]): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'name' && typeof inner === 'string') names.add(inner);
      look(inner);
    }
  };
  look(checks);
  return names;
}

function leavesTraces({ kind }: Check): boolean {
  return kind === 'reach' || kind === 'resolve';
}

/** Wall time for one check, so that a learner's shell functions can't hold it for ever. */
const checkTimeoutMs = 10_000;
const timeUp: Cause = { code: 'limit-reached', limit: `${checkTimeoutMs / 1000} s` };

async function runOne(
  check: Check,
  scene: Scene & { readonly isLast: boolean },
  namedObjects: ReadonlySet<string>,
): Promise<CheckResult> {
  const failedByLimit = () => checkResult(check, { status: 'failed', cause: timeUp, evidence: [] });
  if (scene.applied.isOutOfTime) return failedByLimit();
  const isOver = startDeadline(checkTimeoutMs);
  scene.cluster.interruptWhen(isOver);
  const context: CheckContext = {
    engine: scene.worlds.engine,
    // Packets and lookups leave traces in a cluster; what only reads needs no fork, nor does what nobody comes after.
    cluster: leavesTraces(check) && !scene.isLast ? scene.cluster.fork() : scene.cluster,
    world: scene.world,
    namedObjects,
    shell: scene.shell,
    files: scene.files,
    scripts: scene.applied.scripts,
    isWorldTouched: scene.applied.transcript.length > 0,
    signal: AbortSignal.timeout(checkTimeoutMs),
  };
  try {
    const outcome = await runCheck(check, context);
    if (!outcome.passed && isOver()) return failedByLimit();
    return outcome.passed
      ? checkResult(check, { status: 'passed' })
      : checkResult(check, {
          status: 'failed',
          cause: findRefusalBehind(outcome.cause, scene.applied.problems),
          evidence: outcome.evidence,
        });
  } catch (error) {
    if (isOver()) return failedByLimit();
    return checkResult(check, { status: 'errored', error: describeError(scene.worlds, error) });
  }
}

function summarise(
  exercise: Exercise,
  applied: AppliedFiles,
  checks: readonly CheckResult[],
): Omit<ExerciseResult, 'steps'> {
  const points = checks.reduce((sum, check) => sum + check.points, 0);
  const isSilent = applied.problems.length === 0 && checks.some(({ status }) => status === 'failed');
  const isTold = checks.some(({ cause }) => cause?.code === 'command-failed');
  const problems = isSilent
    ? findScriptProblems(applied.scripts, { withRefusals: !isTold })
    : applied.problems;
  return {
    ...emptyResult(exercise),
    status: statusOf(applied.problems, checks),
    points,
    problems,
    checks,
    transcript: applied.transcript,
  };
}

/** A failure tells the learner something to do, so it goes before what broke on our side. */
function statusOf(
  problems: readonly AnswerProblem[],
  checks: readonly CheckResult[],
): ExerciseResult['status'] {
  if (problems.length > 0 || checks.some((check) => check.status === 'failed')) return 'failed';
  return checks.every((check) => check.status === 'passed') ? 'passed' : 'errored';
}

/** What broke in one line; the stack goes to whoever asked to see it. */
function describeError(worlds: Worlds, error: unknown): string {
  worlds.onError?.(error);
  return error instanceof Error ? error.message : String(error);
}
