import { beforeAll, expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';
import type { Shell } from '../shell/shell.ts';

const base = createCluster({ seed: 'busybox tools' });
let shell: Shell;

beforeAll(async () => {
  shell = await base.openShell();
  await shell.run('kubectl run web --image=nginx --port=80; kubectl expose pod web');
  await shell.run('kubectl run c --image=busybox:1.36 -- sleep 3600');
});

// Source: what busybox 1.35 (Debian's 1:1.35.0-4) prints for the same words; telnet at a port of an HTTP server there.
it.each([
  { line: 'telnet web 80', out: 'Connected to web\n' },
  { line: 'telnet nobody 80', err: "telnet: bad address 'nobody'\n", code: 1 },
  { line: 'expr 1 + 2', out: '3\n' },
  { line: "expr 2 '*' 3 - 1", out: '5\n' },
  { line: "expr abc : 'a\\(.*\\)'", out: 'bc\n' },
  { line: 'expr length abc', out: '3\n' },
  { line: 'expr 1 = 2', out: '0\n', code: 1 },
  { line: 'expr substr hello 2 3', out: 'ell\n' },
  { line: 'expr index hello l', out: '3\n' },
  { line: 'expr 1 / 0', err: 'expr: division by zero\n', code: 2 },
  { line: 'expr 1 +', err: 'expr: syntax error\n', code: 2 },
  { line: "expr '' '|' x", out: 'x\n' },
  { line: 'expr', err: 'expr: too few arguments\n', code: 2 },
  { line: "find /etc -name 'host*' -type f", out: '/etc/hostname\n/etc/hosts\n' },
  { line: 'find /nope', err: 'find: /nope: No such file or directory\n', code: 1 },
  { line: 'chmod 644 nope', err: 'chmod: nope: No such file or directory\n', code: 1 },
])('prints in a container what busybox prints: $line', async ({ line, out = '', err = '', code = 0 }) => {
  const { stdout, stderr, exitCode } = await shell.run(`kubectl exec c -- ${line}`);
  expect({ stdout: stdout.split('\n').sort(), stderr, exitCode }).toEqual({
    stdout: out.split('\n').sort(),
    stderr: code === 0 ? err : `${err}command terminated with exit code ${code}\n`,
    exitCode: code,
  });
});
