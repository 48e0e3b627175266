import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatHunks } from './unified-diff.ts';

interface Recording {
  readonly cases: readonly { readonly from: string; readonly to: string; readonly hunks: string }[];
}

const { cases }: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/unified.json', import.meta.url), 'utf8'),
);

// Source: GNU diff, asked about texts with few different lines, where many edits are equally short.
it.each(cases)('prints what diff -u prints ($from)', ({ from, to, hunks }) => {
  expect(formatHunks(from, to)).toBe(hunks);
});

it('prints nothing for equal texts', () => {
  expect(formatHunks('a\n', 'a\n')).toBe('');
});
