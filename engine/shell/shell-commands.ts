/** The commands of ours: kubectl, ssh, the programs of the client host, and what a terminal would have besides. */
import type { CustomCommand, ExecResult, ResolvedCommandContext } from 'just-bash';
import { defaultLimits } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import { runDiff } from './diff-command.ts';
import { runDate } from './gnu/date.ts';
import { runGrep } from './gnu/grep.ts';
import { runTimeout, runWatch, runXargs } from './gnu/run-tools.ts';
import { runSedCommand } from './gnu/sed.ts';
import { runCut, runPart, runUniq, runWc, runYes } from './gnu/text-tools.ts';
import type { Jobs } from './jobs.ts';
import { type CommandSurroundings, createKubectlHost } from './kubectl-host.ts';
import type { LineClock } from './line-clock.ts';
import { programsWithFiles, runWithFiles } from './program-files.ts';
import { bashFiles } from './shell-files.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import { parseSsh } from './ssh-command.ts';
import type { ShellTerminal } from './terminal.ts';
import { bundledTools, editors, missingTools, pagers } from './tools.ts';

/** A command that is not just-bash's own. */
export type ShellCommand = (
  args: readonly string[],
  surroundings: CommandSurroundings,
) => Promise<ShellResult>;

/** Every such command by name. The cluster is settled after each. */
export function createShellCommands(
  host: ShellHost,
  jobs: Jobs,
  clock: Pick<LineClock, 'limit'>,
): ReadonlyMap<string, ShellCommand> {
  const commands = new Map<string, ShellCommand>();
  const add = (name: string, execute: ShellCommand) => {
    // Of two with one name the earlier counts.
    if (commands.has(name)) return;
    commands.set(name, async (args, surroundings) => {
      const result = await execute(args, surroundings);
      host.settle();
      return result;
    });
  };
  add('jobs', async () => ({ exitCode: 0, stdout: jobs.list(), stderr: '' }));
  add('kill', async (args) => jobs.kill(args));
  add('kubectl', (args, surroundings) => kubectl(host, args, surroundings));
  add('date', async (args) => runDate(host.api.now(), args));
  add('diff', (args, { files, stdin }) => runDiff(args, { files, stdin, nowMs: host.api.now() }));
  for (const name of ['grep', 'egrep', 'fgrep'])
    add(name, (args, surroundings) => runGrep(name, args, surroundings));
  add('sed', runSedCommand);
  add('head', (args, surroundings) => runPart('head', args, surroundings));
  add('tail', (args, surroundings) => runPart('tail', args, surroundings));
  add('yes', async (args) => runYes(args));
  add('wc', runWc);
  add('uniq', runUniq);
  add('cut', runCut);
  add('xargs', runXargs);
  add('timeout', (args, surroundings) =>
    runTimeout(args, surroundings, { clock, find: (name) => commands.get(name) }),
  );
  add('watch', (args, surroundings) => runWatch(args, surroundings, host));
  add('ssh', async (args, { stdin }) => ssh(host, args, stdin));
  // A program of the machine sees the machine's files; the learner's are the shell's, and its own tools read them.
  const ownTools: ReadonlySet<string> = new Set(bundledTools);
  for (const name of host.programs('client')) {
    if (ownTools.has(name)) continue;
    if (programsWithFiles.has(name)) {
      add(name, (args, surroundings) => runWithFiles(host, [name, ...args], surroundings));
      continue;
    }
    add(name, async (args, { stdin }) => host.run('client', [name, ...args], stdin));
  }
  for (const name of editors) add(name, (args, surroundings) => edit(name, args, surroundings));
  for (const name of missingTools)
    add(name, async () => failed(`bash: ${name}: command not found`, commandNotFound));
  for (const name of pagers) add(name, (args, surroundings) => page(name, args, surroundings));
  return commands;
}

/** What of just-bash is needed to make commands; handed in, since the library is loaded late. */
export interface BashLibrary {
  defineCommand(
    name: string,
    execute: (args: string[], context: ResolvedCommandContext) => Promise<ExecResult>,
  ): CustomCommand;
  decodeBytesToUtf8(bytes: ResolvedCommandContext['stdin']): string;
}

/** Where commands are found when a line runs them, and the terminal that it runs at. */
interface CommandSource {
  find(name: string): ShellCommand | undefined;
  terminal(): ShellTerminal | undefined;
}

/** The commands of these names as just-bash takes them. */
export function toBashCommands(
  names: readonly string[],
  library: BashLibrary,
  source: CommandSource,
): CustomCommand[] {
  return names.map((name) =>
    library.defineCommand(name, async (args, context) => {
      const execute = source.find(name);
      // What a line that was ended still tries to start.
      if (execute === undefined) return { exitCode: 124, stdout: '', stderr: '' };
      const shown = source.terminal();
      const env = new Map(Object.entries(context.exportedEnv ?? {}));
      const editor = editorOf(env);
      const run = context.exec;
      const signal = context.signal;
      const result = await execute(args, {
        files: bashFiles(context.fs, context.cwd),
        cwd: context.cwd,
        env,
        ...(shown === undefined ? {} : { terminal: shown }),
        ...(editor === undefined || run === undefined
          ? {}
          : { editText: (path, text) => editInBash({ context, run, editor }, path, text) }),
        ...(run === undefined
          ? {}
          : {
              run: (line, limit) =>
                run(line, {
                  cwd: context.cwd,
                  ...(limit === undefined ? {} : { signal: both(signal, limit) }),
                }),
            }),
        stdin: library.decodeBytesToUtf8(context.stdin),
        signal,
      });
      return { ...result, stdoutKind: 'text' };
    }),
  );
}

function both(signal: AbortSignal | undefined, limit: AbortSignal): AbortSignal {
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}

async function kubectl(
  host: ShellHost,
  args: readonly string[],
  surroundings: CommandSurroundings,
): Promise<ShellResult> {
  const captured = createKubectlHost(host, surroundings, defaultLimits.maxOutputBytes);
  const exitCode = await runKubectl(args, captured.host);
  return { exitCode, stdout: captured.stdout(), stderr: captured.stderr() };
}

/** The editor that the environment names, when it is one that runs here: a script or a tool such as sed. */
function editorOf(env: ReadonlyMap<string, string>): string | undefined {
  const named = env.get('KUBE_EDITOR') || env.get('EDITOR') || '';
  const [program = ''] = named.trim().split(/\s+/);
  return program === '' || editors.includes(program) ? undefined : named;
}

interface EditorInBash {
  readonly context: Pick<ResolvedCommandContext, 'fs' | 'cwd'>;
  readonly run: NonNullable<ResolvedCommandContext['exec']>;
  readonly editor: string;
}

/** Source: k8s.io/kubectl/pkg/cmd/util/editor/editor.go: the command in a shell, the file's path behind it. */
async function editInBash(
  { context, run, editor }: EditorInBash,
  path: string,
  text: string,
): Promise<Result<string, string>> {
  await context.fs.writeFile(path, text);
  const { exitCode } = await run(`${editor} ${path}`, { cwd: context.cwd });
  if (exitCode !== 0) return err(`there was a problem with the editor ${JSON.stringify(editor)}`);
  const saved = await context.fs.readFile(path);
  await context.fs.rm(path);
  return ok(saved);
}

/** Opens one file after the other in the learner's own editor. */
async function edit(
  name: string,
  args: readonly string[],
  { files, terminal }: CommandSurroundings,
): Promise<ShellResult> {
  const paths = args.filter((word) => !/^[-+]/.test(word));
  if (terminal?.editText === undefined) {
    return failed(
      `${name}: there is no terminal here for an editor; write a file with: cat > FILE <<'EOF'`,
      1,
    );
  }
  if (paths.length === 0) return failed(`${name}: name the file to edit: ${name} FILE`, 1);
  for (const path of paths) {
    const before = await files.read(path);
    if (before === undefined && (await files.list(path)) !== undefined) {
      return failed(`${name}: ${path}: is a directory`, 1);
    }
    const edited = await terminal.editText(path, before ?? '');
    if (!edited.ok) return failed(`${name}: ${edited.error}`, 1);
    if (edited.value !== (before ?? '')) await files.write(path, edited.value);
  }
  return { exitCode: 0, stdout: '', stderr: '' };
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

async function page(
  name: string,
  args: readonly string[],
  { stdin, files }: CommandSurroundings,
): Promise<ShellResult> {
  const paths = args.filter((word) => !word.startsWith('-'));
  if (paths.length === 0) return { exitCode: 0, stdout: stdin, stderr: '' };
  let stdout = '';
  for (const path of paths) {
    const text = await files.read(path);
    if (text === undefined) return failed(`${name}: ${path}: No such file or directory`, 1);
    stdout += text;
  }
  return { exitCode: 0, stdout, stderr: '' };
}

function failed(sentence: string, exitCode: number): ShellResult {
  return { exitCode, stdout: '', stderr: `${sentence}\n` };
}
