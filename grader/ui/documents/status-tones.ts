/** The tone of a sign, by where an exercise or a check stands. */
import type { CheckStatus } from '../../exercise/result.ts';
import type { EntryStatus } from '../../session.ts';
import type { Tone } from '../text/styled-text.ts';

export const statusTones: Readonly<Record<EntryStatus | CheckStatus, Tone>> = {
  passed: 'good',
  failed: 'bad',
  errored: 'warn',
  skipped: 'dim',
  todo: 'dim',
  changed: 'warn',
};
