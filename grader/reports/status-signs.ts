/** The sign before a line, by where an exercise or a check stands. */
import type { CheckStatus, ExerciseStatus } from '../exercise/result.ts';

/** One column each. `changed` is an answer that was not graded since. */
export const statusSigns: Readonly<Record<ExerciseStatus | CheckStatus | 'changed', string>> = {
  passed: '✓',
  failed: '✗',
  errored: '!',
  skipped: '-',
  todo: '·',
  changed: '?',
};
