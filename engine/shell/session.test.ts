/** A person at the shell of a cluster: jobs, streams, sessions inside of Pods, completion, editors. */
import { expect, it } from 'vitest';
import { ok } from '../base/result.ts';
import { createCluster } from '../cluster.ts';
import type { Shell, ShellRunOptions } from './shell.ts';
import type { ShellResult } from './shell-host.ts';
import type { ShellTerminal } from './terminal.ts';

const base = createCluster({ seed: 'shell session' });

async function openWeb(): Promise<Shell> {
  const cluster = base.fork();
  const shell = await cluster.openShell({ files: new Map([['web/pod one.yaml', 'kind: Pod\n']]) });
  await shell.run('kubectl create deployment web --image=nginx:1.27 --port=80');
  await shell.run('kubectl expose deployment web --port=80');
  return shell;
}

/** A terminal whose clock goes by itself, with what it shows; `ticks` moments later Ctrl-C is pressed. */
function watchTerminal(ticks: number, typed: readonly string[] = []) {
  const keys = [...typed];
  let shown = '';
  const interrupt = new AbortController();
  let left = ticks;
  const terminal: ShellTerminal = {
    print: (_, text) => {
      shown += text;
    },
    async pause() {
      left -= 1;
      if (left <= 0) interrupt.abort();
      return 200;
    },
    editText: async (_, text) => ok(text.replace('blue', 'green')),
    input: {
      read: () => new TextEncoder().encode(keys.shift() ?? ''),
      isEnded: () => false,
      // The window is made larger while the program runs.
      size: () => ({ rows: keys.length > 6 ? 24 : 50, columns: 100 }),
    },
  };
  const options: ShellRunOptions = { terminal, signal: interrupt.signal };
  return { options, shown: () => shown };
}

it('tells a program in a Pod how large the window is, whenever it changes', async () => {
  const shell = await openWeb();
  await shell.run('kubectl run client --image=busybox:1.36 -- sleep 100000');
  await shell.run('kubectl wait --for=condition=Ready pod/client');
  const { options, shown } = watchTerminal(200, [
    '',
    '',
    '',
    'stty size\r',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    'stty size\r',
    '',
    '',
    'exit\r',
  ]);
  await shell.run('kubectl exec -it client -- sh', options);
  expect(shown()).toContain('24 100');
  expect(shown()).toContain('50 100');
});

it('shows a command again and again until Ctrl-C, and ends one that takes too long', async () => {
  const shell = await openWeb();
  const { options, shown } = watchTerminal(30);
  await shell.run('watch -n 2 kubectl get pods --no-headers', options);
  expect(shown().match(/Every 2\.0s: kubectl get pods --no-headers/g)?.length).toBeGreaterThanOrEqual(3);
  expect(shown()).toContain('Running');
  const began = await shell.run('date +%s');
  const cut = await shell.run('timeout 5 kubectl get pods -w');
  expect(cut).toMatchObject({ exitCode: 124, stdout: expect.stringContaining('Running') });
  const ended = await shell.run('date +%s');
  expect(Number(ended.stdout) - Number(began.stdout)).toBe(5);
});

it('serves the API at a port of the learner, to requests that the filter lets through', async () => {
  const shell = await openWeb();
  const lines: readonly (readonly [line: string, stdout: string])[] = [
    ['kubectl proxy --www=. &', 'Starting to serve on 127.0.0.1:8001\n'],
    ["curl -s localhost:8001/api/v1/namespaces/default/services/web | jq -r '.spec.type'", 'ClusterIP\n'],
    [
      'curl -s localhost:8001/api/v1/namespaces/default/services/web | head -3',
      '{\n  "kind": "Service",\n  "apiVersion": "v1",\n',
    ],
    ['curl -s -H "Host: example.com" localhost:8001/version', 'Forbidden\n'],
    ['curl -s -o /dev/null -w "%{http_code}" localhost:8001/api/v1/namespaces/default/pods/web/exec', '403'],
    ['curl -s localhost:8001/static/web/pod%20one.yaml', 'kind: Pod\n'],
    [
      'curl -s -X DELETE -o /dev/null -w "%{http_code}" localhost:8001/api/v1/namespaces/default/services/web',
      '200',
    ],
    ['kubectl get svc web --ignore-not-found', ''],
    ['kill %1; curl -s localhost:8001/version', ''],
  ];
  for (const [line, stdout] of lines)
    expect({ line, stdout: (await shell.run(line)).stdout }).toEqual({ line, stdout });
});

it('puts a container with tools into a running Pod, and says how to come back to it', async () => {
  const shell = await openWeb();
  const { options, shown } = watchTerminal(200, ['', '', 'hostname\r', 'exit\r']);
  await shell.run('kubectl run client --image=nginx:1.27');
  await shell.run('kubectl debug client -it -c tools --image=busybox:1.36', options);
  expect(shown()).toContain('client');
  expect(shown()).toContain(
    "Session ended, the ephemeral container will not be restarted but may be reattached using 'kubectl attach client -c tools -n default -i -t' if it is still running",
  );
});

it('forwards a port in the background, so that the next line can use it', async () => {
  const shell = await openWeb();
  const forwarded = await shell.run('kubectl port-forward svc/web 8080:80 &');
  expect(forwarded).toEqual({
    exitCode: 0,
    stdout: 'Forwarding from 127.0.0.1:8080 -> 80\n',
    stderr: '',
  });
  const got = await shell.run('curl -s localhost:8080 | grep title');
  expect(got.stdout).toBe('<title>Welcome to nginx!</title>\nHandling connection for 8080\n');
  const taken = await shell.run('kubectl port-forward svc/web 8080:80');
  expect(taken).toMatchObject({ exitCode: 1 });
  expect(taken.stderr).toContain('listen tcp4 127.0.0.1:8080: bind: address already in use');
  // Source: what bash 5.2 prints.
  expect((await shell.run('jobs')).stdout).toBe(
    `[1]+  Running${' '.repeat(17)}kubectl port-forward svc/web 8080:80 &\n`,
  );
  expect(await shell.run('kill %1')).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await shell.run('curl -s localhost:8080')).exitCode).toBe(7);
  expect((await shell.run('kill %1')).stderr).toBe('bash: kill: %1: no such job\n');
});

it('shows what a job saw while other commands ran', async () => {
  const shell = await openWeb();
  const { stdout } = await shell.run(
    'kubectl get deployment web -w -o name & kubectl scale deployment web --replicas=2; kill $!',
  );
  expect(stdout).toMatch(/^deployment.apps\/web scaled\n(deployment.apps\/web\n){2,}$/);
});

it('tells of jobs at a terminal as bash does', async () => {
  const shell = await openWeb();
  const { options } = watchTerminal(5);
  expect((await shell.run('ping 172.18.0.3 &', options)).stderr).toBe('[1] 1001\n');
  expect((await shell.run('kill %1', options)).stderr).toBe(
    `[1]+  Terminated${' '.repeat(14)}ping 172.18.0.3\n`,
  );
});

it.each([
  { name: 'a watch', line: 'kubectl get deployment web -w -o name', want: /^deployment.apps\/web\n$/ },
  { name: 'ping', line: 'ping 172.18.0.3', want: /icmp_seq=3 .*\r\n/ },
  { name: 'a wait', line: 'kubectl wait --for=delete deployment/web', want: /^$/ },
])('follows $name with the wall clock until Ctrl-C', async ({ line, want }) => {
  const shell = await openWeb();
  const { options, shown } = watchTerminal(20);
  expect(await shell.run(line, options)).toEqual({ exitCode: 130, stdout: '', stderr: '' });
  expect(shown()).toMatch(want);
});

it.each([
  { name: 'a Pod', line: 'kubectl exec -it deploy/web -- sh', host: /web-[a-z0-9-]+\r\n/ },
  { name: 'a node', line: 'ssh worker-1', host: /worker-1\r\n/ },
])('opens a session in $name', async ({ line, host }) => {
  const shell = await openWeb();
  const { options, shown } = watchTerminal(100, ['hostname\r', 'exit 3\r']);
  expect((await shell.run(line, options)).exitCode).toBe(3);
  expect(shown()).toMatch(host);
});

it('edits with what KUBE_EDITOR names, and with the editor of the terminal', async () => {
  const shell = await openWeb();
  await shell.run('kubectl create configmap settings --from-literal=color=blue');
  const { options } = watchTerminal(5);
  expect((await shell.run('kubectl edit configmap settings', options)).stdout).toBe(
    'configmap/settings edited\n',
  );
  const edited = await shell.run('KUBE_EDITOR="sed -i s/green/red/" kubectl edit configmap settings');
  expect(edited.stdout).toBe('configmap/settings edited\n');
  const { stdout } = await shell.run("kubectl get configmap settings -o jsonpath='{.data.color}'");
  expect(stdout).toBe('red');
  await shell.writeFile('note.txt', 'blue\n');
  expect(await shell.run('vi note.txt', options)).toMatchObject({ exitCode: 0 });
  expect(await shell.readFile('note.txt')).toBe('green\n');
});

it.each([
  ['kube', ['kubectl']],
  ['kubectl get serv', ['serviceaccounts', 'services']],
  ['kubectl get svc w', ['web']],
  ['kubectl describe deployment/w', ['deployment/web']],
  ['kubectl get pods -n kube-s', ['kube-system']],
  ['kubectl get pods -o js', ['json', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file']],
  ['kubectl get pods --all-n', ['--all-namespaces']],
  ['kubectl config use-context ', ['kubernetes-admin@kubedrill']],
  ['echo x | kubectl --context kub', ['kubernetes-admin@kubedrill']],
  ['ssh wor', ['worker-1', 'worker-2']],
  ['kubectl apply -f web/p', ['web/pod\\ one.yaml']],
  ['cat < we', ['web/']],
  ['X=1 curl -o we', ['web/']],
])('completes %s', async (text, want) => {
  const shell = await openWeb();
  const { start, choices } = await shell.complete(text);
  expect(choices.map((choice) => choice.text)).toEqual(want);
  expect(choices.every((choice) => choice.text.startsWith(text.slice(start)))).toBe(true);
});

it('completes behind an alias, and knows where the next line would be run', async () => {
  const shell = await openWeb();
  await shell.run('alias k=kubectl; kubectl config set-context --current --namespace=kube-system; cd web');
  expect((await shell.complete('k get deploy coredn')).choices.map(({ text }) => text)).toEqual(['coredns']);
  expect(await shell.place()).toEqual({
    context: 'kubernetes-admin@kubedrill',
    namespace: 'kube-system',
    contexts: 1,
    folder: '~/web',
  });
});

// Source: bash 5.2, the same lines typed one after the other.
it.each<{ name: string; lines: readonly string[]; last: Partial<ShellResult> }>([
  {
    name: 'functions, and those that they call',
    lines: ['f() { echo "hi $1"; }', 'g() { for a; do f "$a"; done; return 3; }', 'g "a b" c; echo $?'],
    last: { stdout: 'hi a b\nhi c\n3\n' },
  },
  {
    name: 'what was unset',
    lines: ['f() { echo hi; }', 'unset -f f', 'f'],
    last: { exitCode: 127, stderr: 'bash: f: command not found\n' },
  },
  { name: 'options', lines: ['set -o pipefail', 'false | true; echo $?'], last: { stdout: '1\n' } },
  {
    name: 'options that are off again',
    lines: ['shopt -s nullglob', 'shopt -u nullglob', 'echo *.nope'],
    last: { stdout: '*.nope\n' },
  },
  {
    name: 'nothing of a line that it could not read',
    lines: ['f() {', 'f'],
    last: { exitCode: 127, stderr: 'bash: f: command not found\n' },
  },
])('remembers from line to line $name', async ({ lines, last }) => {
  const shell = await base.fork().openShell();
  const results = [];
  for (const line of lines) results.push(await shell.run(line));
  expect(results.at(-1)).toMatchObject(last);
});

it.each([
  { line: 'echo )', stderr: "bash: syntax error near unexpected token `)'\n" },
  { line: 'if true; then echo', stderr: 'bash: syntax error: unexpected end of file\n' },
])('says in the words of bash why it can’t read $line', async ({ line, stderr }) => {
  const shell = await base.fork().openShell();
  expect(await shell.run(line)).toEqual(expect.objectContaining({ exitCode: 2, stderr }));
});
