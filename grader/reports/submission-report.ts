/** The results of many submissions: a row each in a table. */
import type { Language } from '../../engine/index.ts';
import type { ExerciseResult, ExerciseStatus } from '../exercise/result.ts';
import { formatTable } from './table.ts';

/** What came of one submission. */
export interface SubmissionResult {
  /** The folder as the instructor named it. */
  readonly name: string;
  readonly learnerId: string | undefined;
  /** Why the submission could not be graded at all, or not as its own learner's. */
  readonly problem?: string;
  readonly results: readonly ExerciseResult[];
}

/** The table at the end of `grade`. */
export function formatSubmissionTable(
  submissions: readonly SubmissionResult[],
  language: Language,
): readonly string[] {
  const header = {
    ko: ['제출물', '학습자', '통과', '실패', '시작 전', '오류', '점수', '비고'],
    en: ['SUBMISSION', 'LEARNER', 'PASSED', 'FAILED', 'TODO', 'ERRORED', 'POINTS', 'NOTE'],
  }[language];
  return formatTable([header, ...submissions.map(formatRow)]);
}

function formatRow({ name, learnerId, problem, results }: SubmissionResult): readonly string[] {
  const count = (status: ExerciseStatus) =>
    String(results.filter((result) => result.status === status).length);
  const sum = (key: 'points' | 'maxPoints') => results.reduce((total, result) => total + result[key], 0);
  return [
    name,
    learnerId ?? '-',
    count('passed'),
    count('failed'),
    count('todo'),
    count('errored'),
    `${sum('points')}/${sum('maxPoints')}`,
    problem ?? noteOfBreakage(results),
  ];
}

/** What broke on our side, and where: a row without its points needs a reason. */
function noteOfBreakage(results: readonly ExerciseResult[]): string {
  for (const { id, status, checks } of results) {
    if (status !== 'errored') continue;
    const [error = ''] = checks.flatMap((check) => (check.error === undefined ? [] : [check.error]));
    return `${id}: ${error.split('\n', 1)[0] ?? ''}`;
  }
  return '';
}
