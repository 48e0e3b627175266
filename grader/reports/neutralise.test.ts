import { expect, it } from 'vitest';
import { neutralise } from './neutralise.ts';

it.each([
  { name: 'a screen erased', text: 'a\u001b[2Jb', want: 'a␛[2Jb' },
  { name: 'a title set', text: '\u001b]0;x\u0007', want: '␛]0;x␇' },
  { name: 'the one-byte escape of C1', text: '\u009b2J', want: '\\u009b2J' },
  { name: 'a line overwritten', text: 'failed\rpassed', want: 'failed␍passed' },
  { name: 'a direction turned', text: 'a\u202eb', want: 'a\\u202eb' },
  { name: 'plain text in two languages', text: 'Service\t서비스\r\n', want: 'Service\t서비스\n' },
])('shows what a terminal would obey: $name', ({ text, want }) => {
  expect(neutralise(text)).toBe(want);
});
