/** Lines that need no bash, held against the bash: whichever carries them out, the same comes of it. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiResponse } from '../api/request.ts';
import { err } from '../base/result.ts';
import { parsePlainLine } from './plain-line.ts';
import { createShell, type Shell, type ShellRunOptions } from './shell.ts';

interface Terminal {
  readonly shell: Shell;
  /** What was asked of the cluster and its machines. */
  readonly asked: string[];
}

/** A shell on a host that notes what it is asked. */
async function openTerminal(): Promise<Terminal> {
  const asked: string[] = [];
  let nowMs = Date.parse('2026-05-01T12:00:00Z');
  const body = { kind: 'Status', status: 'Failure', message: 'no', reason: 'NotFound', code: 404 };
  const notFound: ApiResponse = { type: 'object', code: 404, warnings: [], body };
  const shell = await createShell({
    host: {
      api: {
        send: async (request) => {
          asked.push(JSON.stringify(request));
          return notFound;
        },
        waitUntil: async () => 'idle',
        now: () => nowMs,
      },
      settle: () => {},
      advance: () => {},
      machines: ['worker-1'],
      run: (machine, argv, stdin) => {
        asked.push(JSON.stringify([machine, argv, stdin]));
        if (argv.includes('later')) nowMs += 1000;
        if (argv.includes('breaks')) throw new Error('it broke');
        return { exitCode: argv.length, stdout: `${argv.join('|')}\n`, stderr: 'said\n' };
      },
      start: () => err({ exitCode: 127, stdout: '', stderr: '' }),
      listen: () => err('nobody listens'),
      watch: () => () => {},
      runAmongFiles: () => ({ result: { exitCode: 0, stdout: '', stderr: '' }, written: new Map() }),
      programs: () => ['curl', 'ping', 'cat'],
    },
    files: new Map([
      ['web/pod.yaml', 'kind: Pod\n'],
      ['web/deep/pod.yaml', 'kind: Pod\n'],
    ]),
  });
  return { shell, asked };
}

let inBash: Terminal;
beforeAll(async () => {
  inBash = await openTerminal();
  await inBash.shell.run(':');
});

describe('a line', () => {
  it.each([
    { line: 'ping' },
    { line: '  ping -c 1\t"a b" \'c"d\' e\'f\'"g" -h=i,j:k@l%m+n/o_p 한글  \n' },
    { line: 'ping \'\' "" x' },
    { line: "ping '$HOME `x` \\n * ~'" },
    { line: 'ping', options: { stdin: 'from outside\n한' } },
    { line: "ssh worker-1 'crictl pods | grep x'" },
    { line: 'ssh nowhere ls' },
    { line: 'curl breaks' },
    { line: 'date +%FT%TZ' },
    { line: 'date --what' },
    { line: 'vi x' },
    { line: 'python3 -c 1' },
    { line: 'less web/pod.yaml' },
    { line: 'less ./web/../web//pod.yaml' },
    { line: 'less none.yaml' },
    { line: 'less web' },
    { line: 'kubectl' },
    { line: 'kubectl gte' },
    { line: 'kubectl apply -f none.yaml' },
    { line: 'kubectl apply -f web/pod.yaml' },
    { line: 'kubectl apply -f web' },
    { line: 'kubectl apply -R -f ./web/' },
    { line: 'kubectl apply -f .' },
    { line: 'kubectl apply -f /tmp' },
    { line: 'kubectl apply -f -', options: { stdin: 'kind: {' } },
    { line: 'kubectl get pods --kubeconfig=none' },
    { line: 'kubectl config view' },
    { line: 'kubectl get pods -o "jsonpath={.items[*].metadata.name}"' },
    { line: 'ping later', options: { maxVirtualMs: 10 } },
    { line: 'ping over', options: { isOver: () => true } },
    { line: 'ping never', options: { signal: AbortSignal.abort() } },
    { line: 'nothing --like it' },
    { line: 'ping "a$HOME"' },
    { line: "ping 'open" },
    { line: 'ping a; ping b' },
    { line: 'A=1 ping b' },
    { line: '' },
  ] satisfies readonly { line: string; options?: ShellRunOptions }[])(
    'gives the same with and without bash: $line',
    async ({ line, options }: { line: string; options?: ShellRunOptions }) => {
      const { shell, asked } = await openTerminal();
      inBash.asked.length = 0;
      expect(await shell.run(line, options)).toEqual(await inBash.shell.run(line, options));
      expect(asked).toEqual(inBash.asked);
    },
  );

  it('leaves behind the same with and without bash', async () => {
    const { shell } = await openTerminal();
    const lines = [
      'kubectl config set-context x --namespace=test',
      'ping a b',
      'echo "$? $PWD $_"; find . -type f | sort; cat .kube/config; env | sort',
    ];
    for (const line of lines) expect(await shell.run(line)).toEqual(await inBash.shell.run(line));
  });

  it('has the same words with and without bash', async () => {
    const { shell, asked } = inBash;
    const text = fc.string({ unit: fc.constantFrom(...'ab- =./,:"\'$\\{}*~#!é\t\n') });
    await fc.assert(
      fc.asyncProperty(text, async (rest) => {
        const words = parsePlainLine(`ping ${rest}`);
        fc.pre(words !== undefined);
        asked.length = 0;
        await shell.run(`ping ${rest}`);
        expect(asked).toEqual([JSON.stringify(['client', words, ''])]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('only bash tells what is meant', () => {
  it.each([
    ['a variable', 'echo $A'],
    ['a variable between double quotes', 'echo "$A"'],
    ['a substitution', 'echo `date`'],
    ['a pipe', 'kubectl get pods | wc'],
    ['two commands', 'date; date'],
    ['two lines', 'date\ndate'],
    ['a redirection', 'date > file'],
    ['a pattern', 'kubectl apply -f *.yaml'],
    ['a comment', 'date # now'],
    ['the home folder', 'kubectl apply -f ~/x.yaml'],
    ['an assignment', 'A=1'],
    ['a quote that is not closed', "date '"],
    ['a name between quotes, which no alias meets', "'date'"],
    ['nothing', ' \n'],
    ['more than a screen', `date ${'x'.repeat(10_000)}`],
  ])('by %s', (_, line) => {
    expect(parsePlainLine(line)).toBeUndefined();
  });
});
