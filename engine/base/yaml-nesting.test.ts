import { expect, it } from 'vitest';
import { isNestedTooDeeply } from './yaml-nesting.ts';

const indented = (levels: number) =>
  Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n');

// A text that passes is parsed, so that one that wrongly passes takes this process with it.
it.each([
  { name: 'brackets never closed', text: `a: ${'['.repeat(100_000)}`, want: true },
  { name: 'brackets closed', text: `${'['.repeat(300)}${']'.repeat(300)}`, want: true },
  { name: 'JSON', text: `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`, want: true },
  { name: 'closing brackets inside quotes', text: '["]",'.repeat(300), want: true },
  { name: 'closing brackets inside tagged quotes', text: '[!t "]",'.repeat(300), want: true },
  { name: 'closing brackets in comments', text: '[ # ]\n'.repeat(300), want: true },
  { name: 'lists on one line', text: '- '.repeat(100_000), want: true },
  { name: 'keys on one line', text: '? '.repeat(100_000), want: true },
  { name: 'indents', text: indented(300), want: true },
  { name: 'anchors', text: '&a ['.repeat(300), want: true },
  { name: 'many flat lists', text: 'a: [1, {b: 2}]\n'.repeat(300), want: false },
  { name: 'many documents', text: '---\na:\n  b:\n  - c: [1]\n'.repeat(300), want: false },
  { name: 'brackets in a text', text: `a: |\n  ${'[ { '.repeat(3000)}\nb: 1\n`, want: false },
  { name: 'brackets in quotes', text: `a: "${'[{'.repeat(3000)}"\nb: '${'['.repeat(500)}'\n`, want: false },
  { name: 'fifty indents', text: indented(50), want: false },
])('tells deep nesting from length: $name', ({ text, want }) => {
  expect(isNestedTooDeeply(text)).toBe(want);
});
