/** The commands of ours: kubectl, ssh, the programs of the client host, and what a terminal would have besides. */
import type { CustomCommand, ExecResult, ResolvedCommandContext } from 'just-bash';
import { defaultLimits } from '../base/limits.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import { formatDate } from './date-command.ts';
import { createKubectlHost } from './kubectl-host.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import { parseSsh } from './ssh-command.ts';
import { bundledTools, fullScreenTools, missingTools, pagers } from './tools.ts';

/** What of just-bash is needed to make commands; handed in, since the library is loaded late. */
export interface BashLibrary {
  defineCommand(
    name: string,
    execute: (args: string[], context: ResolvedCommandContext) => Promise<ExecResult>,
  ): CustomCommand;
  decodeBytesToUtf8(bytes: ResolvedCommandContext['stdin']): string;
}

type Execute = (
  args: readonly string[],
  stdin: string,
  context: ResolvedCommandContext,
) => Promise<ShellResult>;

/** Makes every command that is not just-bash's own; of two with one name the earlier counts. */
export function createShellCommands(host: ShellHost, library: BashLibrary): CustomCommand[] {
  const commands = new Map<string, Execute>();
  const add = (name: string, execute: Execute) => {
    if (!commands.has(name)) commands.set(name, execute);
  };
  add('kubectl', (args, stdin, context) => kubectl(host, args, { stdin, context }));
  add('ssh', async (args, stdin) => ssh(host, args, stdin));
  // A program of the machine sees the machine's files; the learner's are the shell's, and its own tools read them.
  const ownTools: ReadonlySet<string> = new Set(bundledTools);
  for (const name of host.programs('client')) {
    if (ownTools.has(name)) continue;
    add(name, async (args, stdin) => host.run('client', [name, ...args], stdin));
  }
  add('date', async (args) => date(host, args));
  for (const [name, sentence] of fullScreenTools) add(name, async () => failed(sentence, 1));
  for (const name of missingTools)
    add(name, async () => failed(`bash: ${name}: command not found`, commandNotFound));
  for (const name of pagers) add(name, (args, stdin, context) => page(name, args, { stdin, context }));
  return [...commands].map(([name, execute]) =>
    library.defineCommand(name, async (args, context) => {
      const result = await execute(args, library.decodeBytesToUtf8(context.stdin), context);
      host.settle();
      return { ...result, stdoutKind: 'text' };
    }),
  );
}

interface Call {
  readonly stdin: string;
  readonly context: ResolvedCommandContext;
}

async function kubectl(
  host: ShellHost,
  args: readonly string[],
  { stdin, context }: Call,
): Promise<ShellResult> {
  const captured = createKubectlHost(
    host.api,
    {
      fs: context.fs,
      cwd: context.cwd,
      env: new Map(Object.entries(context.exportedEnv ?? {})),
      stdin,
      signal: context.signal,
    },
    defaultLimits.maxOutputBytes,
  );
  const exitCode = await runKubectl(args, captured.host);
  return { exitCode, stdout: captured.stdout(), stderr: captured.stderr() };
}

/** Source: POSIX, Shell Command Language, exit status for commands. */
const commandNotFound = 127;
/** Exit code of ssh itself when it could not do its work. Source: ssh(1), exit status. */
const sshFailed = 255;

function ssh(host: ShellHost, args: readonly string[], stdin: string): ShellResult {
  const request = parseSsh(args);
  if (request === undefined) return failed('usage: ssh [user@]machine command', sshFailed);
  const { machine, line } = request;
  if (!host.machines.includes(machine)) {
    return failed(`ssh: Could not resolve hostname ${machine}: Name or service not known`, sshFailed);
  }
  if (line !== '') return host.run(machine, ['sh', '-c', line], stdin);
  if (stdin !== '') return host.run(machine, ['sh'], stdin);
  return failed(
    `ssh: there is no terminal for a session; give the command to run: ssh ${machine} COMMAND`,
    sshFailed,
  );
}

function date(host: ShellHost, args: readonly string[]): ShellResult {
  const text = formatDate(host.api.now(), args);
  if (text !== undefined) return { exitCode: 0, stdout: text, stderr: '' };
  return failed(`date: this shell knows only: date [-u] [-R] [-Is] [+FORMAT]`, 1);
}

async function page(name: string, args: readonly string[], { stdin, context }: Call): Promise<ShellResult> {
  const files = args.filter((word) => !word.startsWith('-'));
  if (files.length === 0) return { exitCode: 0, stdout: stdin, stderr: '' };
  let stdout = '';
  for (const file of files) {
    const path = context.fs.resolvePath(context.cwd, file);
    if (!(await context.fs.exists(path))) return failed(`${name}: ${file}: No such file or directory`, 1);
    stdout += await context.fs.readFile(path);
  }
  return { exitCode: 0, stdout, stderr: '' };
}

function failed(sentence: string, exitCode: number): ShellResult {
  return { exitCode, stdout: '', stderr: `${sentence}\n` };
}
