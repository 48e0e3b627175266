/** grep, xargs and their like as people at a GNU system know them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';

const files = new Map([
  ['f', 'apple 1\nbad 2\n\napp 10\nbanana 3\n# x.y\napple 1\n'],
  ['g', 'apple 2\nzebra 4\n'],
  ['h', 'x:2:3\na:1:9,8\nm:5:6\n'],
  ['u', 'a 1\na 1\nb 2\nA 1\n'],
  ['t', 'a\tb\nc\td\n'],
  ['pat', 'apple\nbad\n'],
  ['s1', 'a\nb\nc\n'],
  ['d/a.txt', 'a\nfoo\n'],
  ['d/b.md', 'b a\n'],
  ['d/e/c.txt', 'c\n'],
]);

const session = readFileSync(new URL('./fixtures/gnu-tools.txt', import.meta.url), 'utf8');
const steps = session
  .split(/^\$ /m)
  .slice(1)
  .map((step) => {
    const end = step.indexOf('\n');
    return { line: step.slice(0, end), output: step.slice(end + 1) };
  });

const base = createCluster({ seed: 'gnu tools' });

// Source: what GNU grep 3.8, findutils 4.9 and coreutils 9.1 print for the same files under bash 5.2, LC_ALL=C.UTF-8.
it.each(steps)('$line prints what the GNU tool prints', async ({ line, output }) => {
  const shell = await base.fork().openShell({ files });
  const { stdout, stderr, exitCode } = await shell.run(line);
  const told = stderr.replaceAll(/^bash: line \d+: /gm, 'bash: ');
  expect(`${stdout}${told}[exit ${exitCode}]\n`).toBe(output.replaceAll(/^bash: line \d+: /gm, 'bash: '));
});
