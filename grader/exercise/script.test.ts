import { expect, it } from 'vitest';
import { commandText, isIncomplete, splitScript } from './script.ts';

// Source: the grammar of bash (bash(1), "SHELL GRAMMAR", "Here Documents").
it.each([
  { name: 'a line each', script: '# why\nkubectl get pods # note\n\nls\n', want: ['kubectl get pods', 'ls'] },
  { name: 'a pipe over two lines', script: 'a |\n  b\nc', want: ['a |\n  b', 'c'] },
  {
    name: 'a loop',
    script: 'for i in 1 2; do\n  echo $i\ndone\nls',
    want: ['for i in 1 2; do\n  echo $i\ndone', 'ls'],
  },
  { name: 'two on one line', script: 'a; b\nc', want: ['a; b', 'c'] },
  {
    name: 'a here-document',
    script: 'cat <<EOF > x; ls\n# not a comment\nEOF\nb',
    want: ['cat <<EOF > x; ls\n# not a comment\nEOF', 'b'],
  },
  {
    name: 'exit, which ends the script',
    script: 'a\nfalse || exit 3\nb\n',
    want: ['a', 'false || exit 3\nb\n'],
  },
  { name: 'set -e', script: 'set -e\na\nb', want: ['set -e\na\nb'] },
  { name: 'a function', script: 'a\nf() { b; }\nf', want: ['a', 'f() { b; }\nf'] },
  { name: 'what bash can not parse', script: "a\necho 'b", want: ["a\necho 'b"] },
  { name: 'nothing', script: '# nothing\n', want: [] },
])('cuts a script where bash does: $name', ({ script, want }) => {
  expect(splitScript(script)).toEqual(want);
});

it('leaves comments out of what a script does', () => {
  expect(commandText('# kubectl scale\nkubectl get pods\nif a; then\n  # b\n  c\nfi\n')).toBe(
    'kubectl get pods\nif a; then\n  c\nfi',
  );
});

it.each([
  ['for i in 1 2; do', true],
  ['if true', true],
  ['echo "a', true],
  ['echo $(ls', true],
  ['a |', true],
  ['a \\', true],
  ['cat <<EOF', true],
  ['cat <<EOF\na\n', true],
  ['cat <<EOF\na\nEOF', false],
  ['echo a', false],
  ["echo '\\\\'", false],
  ['fi', false],
  ['', false],
])('knows whether bash would wait for more after %j: %s', (text, want) => {
  expect(isIncomplete(text)).toBe(want);
});
