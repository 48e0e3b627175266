/** Results told in sentences: the one place from which the UI, the command line and the tests take their words. */
import { formatCause, type Language } from '../../engine/index.ts';
import type { AnswerProblem, CheckResult, ExerciseResult } from '../exercise/result.ts';
import { neutralise } from './neutralise.ts';

/** A sentence and the next step, safe to print. */
export interface Told {
  readonly sentence: string;
  readonly nextStep: string;
}

/** A cause or an unreadable file in words. */
export function tellProblem(problem: AnswerProblem, language: Language): Told {
  if (problem.code === 'file-unreadable') {
    return { sentence: neutralise(`${problem.file}: ${problem.why[language]}`), nextStep: '' };
  }
  const { sentence, nextStep } = formatCause(problem, language);
  return { sentence: neutralise(sentence), nextStep: neutralise(nextStep) };
}

/** Why a check did not pass; undefined for one that did. */
export function tellCheck(check: CheckResult, language: Language): Told | undefined {
  if (check.cause !== undefined) return tellProblem(check.cause, language);
  if (check.status === 'skipped') {
    const waitedFor = check.waitedFor ?? '';
    return {
      sentence: { ko: `${waitedFor} 검사가 통과하면 실행합니다`, en: `waits until ${waitedFor} has passed` }[
        language
      ],
      nextStep: '',
    };
  }
  if (check.status !== 'errored') return undefined;
  const error = neutralise(check.error ?? '');
  return {
    sentence: {
      ko: `채점기 쪽에서 문제가 생겼습니다: ${error}`,
      en: `something broke in the grader: ${error}`,
    }[language],
    nextStep: {
      ko: '당신의 답 탓이 아닙니다. 이 메시지를 알려 주세요.',
      en: 'It is not your answer’s fault: please report this message.',
    }[language],
  };
}

/** The first reason for which an exercise is not passed: what a learner should mend next. */
export function tellFirstReason(result: ExerciseResult, language: Language): Told | undefined {
  const [problem] = result.problems;
  if (problem !== undefined) return tellProblem(problem, language);
  const check = result.checks.find(({ status }) => status === 'failed' || status === 'errored');
  return check === undefined ? undefined : tellCheck(check, language);
}
