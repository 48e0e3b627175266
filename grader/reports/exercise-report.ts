/** The result of one exercise, and of a run over many, as text. */
import type { Language } from '../../engine/index.ts';
import type { CheckResult, ExerciseResult, ExerciseStatus } from '../exercise/result.ts';
import { neutralise } from './neutralise.ts';
import { statusSigns } from './status-signs.ts';
import { tellCheck, tellProblem } from './tell.ts';

/** A line for the exercise, and below it what does not hold with its reasons. */
export function formatExerciseResult(result: ExerciseResult, language: Language): string {
  const lines = [`${statusSigns[result.status]} ${result.id}${formatPoints(result)}`];
  for (const problem of result.problems)
    lines.push(...formatTold('✗', undefined, tellProblem(problem, language)));
  if (result.status !== 'passed')
    for (const check of result.checks) lines.push(...formatCheck(check, language));
  return lines.join('\n');
}

/** One check and why it does not hold. */
function formatCheck(check: CheckResult, language: Language): readonly string[] {
  const says = neutralise(check.says[language]);
  return formatTold(statusSigns[check.status], says, tellCheck(check, language));
}

function formatTold(
  sign: string,
  title: string | undefined,
  told: { readonly sentence: string; readonly nextStep: string } | undefined,
): readonly string[] {
  const inner = [told?.sentence ?? '', told?.nextStep ? `→ ${told.nextStep}` : ''].filter(
    (line) => line !== '',
  );
  const [first = '', ...rest] = title === undefined ? inner : [title, ...inner];
  return [`  ${sign} ${indent(first, 4)}`, ...rest.map((line) => `      ${indent(line, 6)}`)];
}

/** A message of several lines stays below its first. */
function indent(text: string, columns: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(columns)}`);
}

function formatPoints({ status, points, maxPoints }: ExerciseResult): string {
  return status === 'todo' ? '' : `  ${points}/${maxPoints}`;
}

/** How many exercises stand how, in one line. */
export function formatTotals(results: readonly ExerciseResult[], language: Language): string {
  const count = (status: ExerciseStatus) => results.filter((result) => result.status === status).length;
  const [passed, failed, todo, errored] = [count('passed'), count('failed'), count('todo'), count('errored')];
  return {
    ko: `통과 ${passed}, 실패 ${failed}, 시작 전 ${todo}${errored > 0 ? `, 채점기 오류 ${errored}` : ''}`,
    en: `${passed} passed, ${failed} failed, ${todo} todo${errored > 0 ? `, ${errored} errored` : ''}`,
  }[language];
}
