import { expect, it } from 'vitest';
import type { CheckResult, ExerciseResult } from '../exercise/result.ts';
import { formatSubmissionTable } from './submission-report.ts';

const result = (id: string, check: Pick<CheckResult, 'status' | 'points' | 'error'>): ExerciseResult => ({
  id,
  status: check.status === 'passed' ? 'passed' : 'errored',
  points: check.points,
  maxPoints: 2,
  problems: [],
  checks: [{ id: 'one', says: { ko: '하나', en: 'one' }, maxPoints: 2, ...check }],
  steps: 0,
  transcript: [],
});
const passed = result('no-nat', { status: 'passed', points: 2 });

it('says what broke in a row that lost points to us, and keeps hostile names on their line', () => {
  const timedOut = result('not-ready', { status: 'errored', points: 0, error: 'no result within 60 s' });
  const table = formatSubmissionTable(
    [
      { name: 'a', learnerId: 'ann', results: [passed, timedOut] },
      { name: 'b\u001b[2J\nc  ann  2', learnerId: 'bob\u202e', results: [passed] },
      { name: 'd', learnerId: undefined, problem: 'no answers', results: [] },
    ],
    'en',
  );
  expect(table.map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'SUBMISSION | LEARNER | PASSED | FAILED | TODO | ERRORED | POINTS | NOTE',
    'a | ann | 1 | 0 | 0 | 1 | 2/4 | not-ready: no result within 60 s',
    'b␛[2J c | ann | 2 | bob\\u202e | 1 | 0 | 0 | 0 | 2/2',
    'd | - | 0 | 0 | 0 | 0 | 0/0 | no answers',
  ]);
});
