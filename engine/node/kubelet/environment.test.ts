/** References in commands and variables. Source: third_party/forked/golang/expansion/expand_test.go of Kubernetes. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration } from './back-off.ts';
import { expandReferences } from './environment.ts';

const values = new Map([
  ['VAR_A', 'A'],
  ['VAR_REF', '$(VAR_A)'],
  ['VAR_EMPTY', ''],
]);

it.each([
  { name: 'a value', input: '$(VAR_A)', want: 'A' },
  { name: 'an escaped reference', input: '$$(VAR_A)', want: '$(VAR_A)' },
  { name: 'twice escaped', input: '$$$$(VAR_A)', want: '$$(VAR_A)' },
  { name: 'an escape before a value', input: '$$$(VAR_A)', want: '$A' },
  { name: 'a value that looks like a reference', input: '$(VAR_REF)', want: '$(VAR_A)' },
  { name: 'an empty value', input: 'foo$(VAR_EMPTY)bar', want: 'foobar' },
  { name: 'what has no value', input: '$(VAR_DNE)', want: '$(VAR_DNE)' },
  { name: 'a dollar sign alone', input: '$VAR_A', want: '$VAR_A' },
  { name: 'an open reference', input: '$(VAR_A', want: '$(VAR_A' },
])('expands $name', ({ input, want }) => {
  expect(expandReferences(input, (name) => values.get(name))).toBe(want);
});

it('leaves text without a dollar sign alone', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('$'));
      expect(expandReferences(text, () => 'x')).toBe(text);
    }),
  );
});

it.each([
  [10_000, '10s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
])('prints %i ms as Go does', (ms, want) => {
  expect(formatDuration(ms)).toBe(want);
});
