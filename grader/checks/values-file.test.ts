import { expect, it } from 'vitest';
import { isSameValue } from './find.ts';
import { findValuesProblem, readValues } from './values-file.ts';

it.each([
  { name: 'an address', text: 'source: 10.244.1.5\n', want: [['source', '10.244.1.5']] },
  {
    name: 'what looks like a number',
    text: 'id: 1234567890e12\np: 0.50\n',
    want: [
      ['id', '1234567890e12'],
      ['p', '0.50'],
    ],
  },
  { name: 'a value left empty', text: 'source:\n', want: [['source', '']] },
  { name: 'a key of every object', text: '__proto__: x\n', want: [['__proto__', 'x']] },
  { name: 'a list instead of a value', text: 'source: [a]\nother: b\n', want: [['other', 'b']] },
  { name: 'no map', text: '- a\n', want: [] },
  { name: 'nesting past every stack', text: '['.repeat(50_000), want: [] },
])('reads values as they were typed: $name', ({ text, want }) => {
  expect([...readValues(text)]).toEqual(want);
});

it.each([
  { name: 'a map', text: 'a: 1\n', want: undefined },
  { name: 'only comments', text: '# write here\n', want: undefined },
  { name: 'a tab', text: 'a: 1\n\tb: 2\n', want: { code: 'broken-manifest', line: 2, column: 1 } },
  { name: 'a key twice', text: 'a: 1\na: 2\n', want: { code: 'broken-manifest', line: 2, column: 1 } },
  { name: 'a list', text: '- a\n', want: { code: 'file-unreadable' } },
  { name: 'brackets past every stack', text: `a: ${'['.repeat(100_000)}`, want: { code: 'file-unreadable' } },
  { name: 'lists past every stack', text: '- '.repeat(100_000), want: { code: 'file-unreadable' } },
  { name: 'a word', text: 'a\n', want: { code: 'file-unreadable' } },
])('finds the place that is no map of values: $name', ({ text, want }) => {
  const found = findValuesProblem('values.yaml', text);
  if (want === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject({ file: 'values.yaml', ...want });
});

it.each([
  { found: '10.244.1.5', wanted: '10.244.1.5', want: true },
  { found: '10.244.1.5', wanted: '10.244.1.50', want: false },
  { found: '0.50', wanted: '0.5', want: true },
  { found: '0.5', wanted: '0.50000000000', want: true },
  { found: '0.3333', wanted: '0.33333333349', want: false },
  { found: '4f1c0ae1d2b3c', wanted: '4f1c0ae1d2b3c4d5', want: true },
  { found: '4f1c', wanted: '4f1c0ae1d2b3c4d5', want: false },
  { found: 'KUBE-SVC-A', wanted: 'KUBE-SVC-B', want: false },
])('takes $found for $wanted: $want', ({ found, wanted, want }) => {
  expect(isSameValue(found, wanted)).toBe(want);
});
