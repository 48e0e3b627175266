import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const ids = ['no-nat', 'the-pause-container', 'port-conflict'];

it.each([
  { name: 'one letter too few', word: 'no-na', want: 'no-nat' },
  { name: 'a swapped pair', word: 'prot-conflict', want: 'port-conflict' },
  { name: 'the word itself', word: 'no-nat', want: 'no-nat' },
  { name: 'nothing like it', word: 'quota', want: undefined },
  { name: 'a very long word', word: 'x'.repeat(100_000), want: undefined },
])('finds the id that was meant: $name', ({ word, want }) => {
  expect(nearest(word, ids)).toBe(want);
});
