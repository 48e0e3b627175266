import { expect, it } from 'vitest';
import { findScriptProblems } from './script-problems.ts';

const ran = (command: string, exitCode = 0, stderr = '') => ({ command, stdout: '', stderr, exitCode });

it.each([
  { name: 'a script without a command', entries: [], want: [{ code: 'no-commands', file: 'a.sh' }] },
  {
    name: 'a misspelled command',
    entries: [ran('ls'), ran('kubctl get pods', 127, 'bash: kubctl: command not found\n')],
    want: [
      {
        code: 'unknown-command',
        file: 'a.sh',
        command: 'kubctl get pods',
        word: 'kubctl',
        nearest: 'kubectl',
      },
    ],
  },
  {
    name: 'a prompt',
    entries: [ran('$ kubectl get pods', 127, 'bash: $: command not found\n')],
    want: [{ code: 'unknown-command', file: 'a.sh', command: '$ kubectl get pods', word: '$' }],
  },
  {
    name: 'a command for a host on which only a session was opened',
    entries: [ran('ssh balancer'), ran('nginx -s reload', 127, 'bash: nginx: command not found\n')],
    want: [
      {
        code: 'unknown-command',
        file: 'a.sh',
        command: 'nginx -s reload',
        word: 'nginx',
        sessionLine: 'ssh balancer',
      },
    ],
  },
  {
    name: 'what the API server refused',
    entries: [ran('kubectl get pdos', 1, 'error: the server doesn\'t have a resource type "pdos"\n')],
    want: [
      {
        code: 'command-failed',
        command: 'kubectl get pdos',
        exitCode: 1,
        stderr: 'error: the server doesn\'t have a resource type "pdos"',
      },
    ],
  },
  {
    name: 'nothing of a command in a Pod that failed',
    entries: [ran('kubectl exec a -- b', 1, 'error: exit')],
    want: [],
  },
  { name: 'nothing of a command that failed', entries: [ran('false', 1)], want: [] },
])('tells $name', ({ entries, want }) => {
  expect(findScriptProblems(new Map([['a.sh', entries]]), { withRefusals: true })).toEqual(want);
});
