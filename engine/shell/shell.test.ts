import { expect, it } from 'vitest';
import type { ApiRequest, ApiResponse } from '../api/request.ts';
import { err } from '../base/result.ts';
import { createShell } from './shell.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';

interface Calls {
  readonly runs: string[];
  readonly sleeps: number[];
  settled: number;
}

/** A host whose programs say what they were given. */
function createHost(): { readonly host: ShellHost; readonly calls: Calls } {
  const calls: Calls = { runs: [], sleeps: [], settled: 0 };
  const host: ShellHost = {
    api: {
      send: async (request) => answer(request),
      waitUntil: async (done) => (done() ? 'done' : 'idle'),
      now: () => Date.parse('2026-05-01T12:00:00Z'),
    },
    settle: () => {
      calls.settled += 1;
    },
    advance: (ms) => {
      calls.sleeps.push(ms);
    },
    machines: ['worker-1'],
    run: (machine, argv, stdin) => {
      calls.runs.push(`${machine}: ${argv.join('|')}${stdin === '' ? '' : ` < ${stdin}`}`);
      return argv[0] === 'curl' ? refused : { exitCode: 0, stdout: 'first web\nsecond\n', stderr: '' };
    },
    start: () => err(refused),
    listen: () => err('nobody listens'),
    watch: () => () => {},
    runAmongFiles: (argv) => {
      calls.runs.push(`client: ${argv.join('|')}`);
      return { result: refused, written: new Map() };
    },
    programs: () => ['curl', 'ping', 'cat', 'ls', 'sort', 'pwd'],
  };
  return { host, calls };
}

const refused: ShellResult = { exitCode: 7, stdout: '', stderr: 'curl: (7) Failed to connect\n' };

function answer({ path }: ApiRequest): ApiResponse {
  if (path === '/api') return object({ kind: 'APIVersions', versions: [] });
  if (path === '/apis') return object({ kind: 'APIGroupList', groups: [] });
  return object({ kind: 'Status', status: 'Failure', message: 'no', reason: 'NotFound', code: 404 }, 404);
}

function object(body: Extract<ApiResponse, { type: 'object' }>['body'], code = 200): ApiResponse {
  return { type: 'object', code, warnings: [], body };
}

async function runLines(lines: readonly string[]) {
  const { host, calls } = createHost();
  const shell = await createShell({ host, files: new Map([['web/pod.yaml', 'kind: Pod\n']]) });
  let last: ShellResult = { exitCode: 0, stdout: '', stderr: '' };
  for (const line of lines) last = await shell.run(line);
  return { ...last, calls, shell };
}

it.each([
  { name: 'has the files in the working folder', lines: ['cat web/pod.yaml'], stdout: 'kind: Pod\n' },
  {
    name: 'lists the folder of the shell',
    lines: ['cd web', 'ls; pwd'],
    stdout: 'pod.yaml\n/home/learner/web\n',
  },
  { name: 'keeps aliases', lines: ["alias e='echo'", 'e k'], stdout: 'k\n' },
  {
    name: 'keeps folder and variables from line to line',
    lines: ['cd web', 'A=1', 'echo $A $PWD'],
    stdout: '1 /home/learner/web\n',
  },
  { name: 'keeps the exit code from line to line', lines: ['false', 'echo $?'], stdout: '1\n' },
  { name: 'has pipes and redirections', lines: ['echo b > x; echo a >> x; sort x | head -1'], stdout: 'a\n' },
  {
    name: 'has a kubeconfig',
    lines: ['kubectl config view | grep current-context'],
    stdout: 'current-context: kubernetes-admin@kubedrill\n',
  },
  {
    name: 'hands kubectl exported variables',
    lines: ['export KUBECONFIG=/tmp/none', 'kubectl config get-contexts -o name'],
    stdout: '',
  },
  {
    name: 'gives kubectl a document on stdin',
    lines: ['kubectl config set-context x --namespace=test', 'kubectl config get-contexts -o name'],
    stdout: 'kubernetes-admin@kubedrill\nx\n',
  },
  {
    name: 'runs a line on a machine',
    lines: ['ssh worker-1 iptables-save -t nat | grep web'],
    stdout: 'first web\n',
  },
  { name: "prints the cluster's time", lines: ['date -u +%FT%TZ'], stdout: '2026-05-01T12:00:00Z\n' },
  { name: 'pages by printing', lines: ['echo long | less'], stdout: 'long\n' },
])('$name', async ({ lines, stdout }) => {
  expect(await runLines(lines)).toMatchObject({ stdout, stderr: '', exitCode: 0 });
});

it.each([
  {
    line: 'ssh nowhere ls',
    stderr: 'ssh: Could not resolve hostname nowhere: Name or service not known\n',
    exitCode: 255,
  },
  {
    line: 'ssh worker-1',
    stderr: 'ssh: there is no terminal for a session; give the command to run: ssh worker-1 COMMAND\n',
    exitCode: 255,
  },
  {
    line: 'vi x',
    stderr: "vi: there is no terminal here for an editor; write a file with: cat > FILE <<'EOF'\n",
    exitCode: 1,
  },
  { line: 'curl http://web', stderr: 'curl: (7) Failed to connect\n', exitCode: 7 },
  { line: 'python3 -c 1', stderr: 'bash: python3: command not found\n', exitCode: 127 },
  {
    line: 'kubectl gte',
    stderr: 'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n',
    exitCode: 1,
  },
])('answers $line', async ({ line, ...want }) => {
  expect(await runLines([line])).toMatchObject({ stdout: '', ...want });
});

it.each([
  {
    line: "ssh -o StrictHostKeyChecking=no root@worker-1 'crictl pods | grep x'",
    run: 'worker-1: sh|-c|crictl pods | grep x',
  },
  { line: 'echo ls | ssh worker-1', run: 'worker-1: sh < ls\n' },
  { line: 'ping -c 1 "a b"', run: 'client: ping|-c|1|a b' },
])('starts a program for $line', async ({ line, run }) => {
  expect((await runLines([line])).calls.runs).toEqual([run]);
});

it('lets virtual time pass in sleep', async () => {
  expect((await runLines(['sleep 90'])).calls.sleeps).toEqual([90_000]);
});

it('settles the cluster after each command', async () => {
  expect((await runLines(['ping a; ping b'])).calls.settled).toBeGreaterThanOrEqual(2);
});

it('stops a loop without end', async () => {
  const { exitCode, stderr } = await runLines(['while true; do :; done']);
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/too many/);
});

it('sees neither the files nor the environment of the real machine', async () => {
  const { stdout } = await runLines(['ls /; ls /etc; env; cat /proc/self/environ']);
  expect(stdout).not.toContain(process.env.PATH ?? 'PATH is unset');
  expect(stdout).not.toContain('node_modules');
});

it('gives files in and out', async () => {
  const { shell } = await runLines(['echo hi > out/../made.txt || echo hi > made.txt']);
  expect(await shell.readFile('made.txt')).toBe('hi\n');
  await shell.writeFile('deep/er.txt', 'x');
  expect((await shell.run('cat deep/er.txt')).stdout).toBe('x');
});
