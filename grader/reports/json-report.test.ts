import { expect, it } from 'vitest';
import { formatJson } from './json-report.ts';

it('escapes what a terminal would obey and keeps every value', () => {
  const value = { name: '\u001b[2J\u009b2J\u202e\u2066한글\u2028', list: [1, null] };
  const text = formatJson(value);
  expect(text).not.toMatch(/(?!\n)[\p{Bidi_Control}\u2028\p{Cc}]/u);
  expect(JSON.parse(text)).toEqual(value);
});
