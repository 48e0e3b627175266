/**
 * The learner's shell: bash (just-bash) with kubectl, ssh and the network tools as its commands, on a file system in
 * memory. It settles the cluster after each command, so that the next one sees the result. Lines that need nothing of bash
 * are carried out without it until one comes that does, with the same result.
 */
import type { Bash } from 'just-bash';
import { loadKubeconfigFiles, mergeKubeconfigs } from '../kubectl/config/kubeconfig.ts';
import { completeLine, type LineCompletion } from './complete-line.ts';
import { followCommand, interruptedCode } from './follow-line.ts';
import { isFollowed } from './followed-lines.ts';
import { Jobs } from './jobs.ts';
import { type CommandSurroundings, createKubectlHost } from './kubectl-host.ts';
import { LineClock } from './line-clock.ts';
import {
  type BashLink,
  type BashParts,
  firstEnv,
  firstExports,
  folderOf,
  home,
  openBash,
} from './open-bash.ts';
import { parsePlainLine } from './plain-line.ts';
import { createShellCommands, type ShellCommand } from './shell-commands.ts';
import { bashFiles, HomeFiles } from './shell-files.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import { ShellMemory } from './shell-memory.ts';
import { spellOut } from './spell-out.ts';
import { splitJobs } from './split-jobs.ts';
import type { ShellTerminal } from './terminal.ts';
import { bashTools, bundledTools } from './tools.ts';

/** What the shell starts with. */
export interface ShellOptions {
  readonly host: ShellHost;
  /** Files in the working folder, by relative path. */
  readonly files?: ReadonlyMap<string, string>;
  /** The text of `~/.kube/config`; without it one that leads to the host's cluster. */
  readonly kubeconfig?: string;
}

/** How one line is run. */
export interface ShellRunOptions {
  /** Ctrl-C: ends the line. */
  readonly signal?: AbortSignal;
  readonly stdin?: string;
  /** Virtual time after which the line is ended: waiting costs no real time, so that no timer would end it. */
  readonly maxVirtualMs?: number;
  /** Asked whenever the line lets time pass; ends it once it holds. A timer's signal never comes while commands run on. */
  readonly isOver?: () => boolean;
  /**
   * Where a person looks: a line that goes on for a while prints there as it goes, and what it printed is not in the
   * result. Absent in a script, where waiting costs no real time.
   */
  readonly terminal?: ShellTerminal;
}

/** Where the next line would be run, for a prompt. */
export interface ShellPlace {
  /** The current context and its namespace; empty when the kubeconfig names none. */
  readonly context: string;
  readonly namespace: string;
  /** How many contexts there are to choose from. */
  readonly contexts: number;
  /** The folder, with `~` for the learner's own. */
  readonly folder: string;
}

/** A shell that keeps its folder, variables, kubeconfig and files from line to line. */
export interface Shell {
  run(line: string, options?: ShellRunOptions): Promise<ShellResult>;
  readFile(path: string): Promise<string | undefined>;
  writeFile(path: string, text: string): Promise<void>;
  /** What may stand at the end of this text, which is a line up to the cursor. */
  complete(text: string): Promise<LineCompletion>;
  place(): Promise<ShellPlace>;
  readonly cwd: string;
}

/**
 * Opens a shell. The library behind it is loaded and set up for the first line that needs it, since it costs more time than
 * all else at start-up, and many shells do without it.
 */
export async function createShell(options: ShellOptions): Promise<Shell> {
  const clock = new LineClock(options.host);
  const host = clock.watch();
  const files = new HomeFiles(home, [
    ['.kube/config', options.kubeconfig ?? defaultKubeconfig],
    ...(options.files ?? []),
  ]);
  const jobs = new Jobs(host);
  return new LearnerShell({ host, clock, files, jobs, commands: createShellCommands(host, jobs, clock) });
}

/** What a shell is made of. */
interface ShellParts extends BashParts {
  readonly jobs: Jobs;
}

/** A kubeconfig as kubeadm leaves it on a control plane, without its certificates. */
const defaultKubeconfig = `apiVersion: v1
clusters:
- cluster:
    server: https://172.18.0.2:6443
  name: kubedrill
contexts:
- context:
    cluster: kubedrill
    user: kubernetes-admin
  name: kubernetes-admin@kubedrill
current-context: kubernetes-admin@kubedrill
kind: Config
users:
- name: kubernetes-admin
  user: {}
`;

/** How one line is called. */
interface LineCall {
  readonly stdin: string;
  readonly signal: AbortSignal;
  readonly terminal: ShellTerminal | undefined;
}

interface PlainCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly execute: ShellCommand;
}

/** The commands that a plain line may start: they ask bash for nothing, and look at no files but those at home. */
function findPlain({ commands }: ShellParts, line: string): PlainCommand | undefined {
  const [name = '', ...args] = parsePlainLine(line) ?? [];
  const execute = commands.get(name);
  if (bashTools.has(name)) return undefined;
  const mayLookElsewhere = name === 'kubectl' && args.some((word) => elsewhere.test(word));
  return execute === undefined || mayLookElsewhere ? undefined : { name, args, execute };
}

/** A path from the root or upwards. */
const elsewhere = /(^|[^\w.-])\/|^-\w\/|\.\./;

/** What bash says of a line that was ended from outside. */
const aborted: ShellResult = Object.freeze({
  exitCode: 124,
  stdout: '',
  stderr: 'bash: execution aborted\n',
});

/** Carries folder, variables and the last exit code from line to line, which just-bash itself forgets. */
class LearnerShell implements Shell {
  readonly #parts: ShellParts;
  readonly #link: BashLink = { parts: undefined };
  readonly #memory = new ShellMemory();
  #running = 0;
  #opened: Promise<Bash> | undefined;
  #env: Readonly<Record<string, string>> | undefined;
  #cwd = home;
  #lastExitCode = 0;

  constructor(parts: ShellParts) {
    this.#parts = parts;
  }

  get cwd(): string {
    return this.#cwd;
  }

  async run(line: string, options: ShellRunOptions = {}): Promise<ShellResult> {
    const { clock, host, jobs } = this.#parts;
    const { terminal } = options;
    const signals = [clock.start(options), options.signal];
    const call: LineCall = {
      stdin: options.stdin ?? '',
      signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
      terminal,
    };
    let whole: ShellResult = { exitCode: 0, stdout: '', stderr: '' };
    for (const { text, isBackground } of splitJobs(line)) {
      const result = isBackground ? await this.#runJob(text, call) : await this.#runPart(text, call);
      this.#lastExitCode = result.exitCode;
      whole = joined(whole, result);
      if (call.signal.aborted) break;
    }
    host.settle();
    const printed = await jobs.collect(terminal !== undefined);
    return joined(whole, { ...printed, exitCode: whole.exitCode });
  }

  async complete(text: string): Promise<LineCompletion> {
    const { host, commands } = this.#parts;
    return completeLine(text, {
      host,
      surroundings: await this.#surroundings({ stdin: '' }),
      commands: [...commands.keys(), ...bundledTools],
      aliases: this.#aliases(),
    });
  }

  async place(): Promise<ShellPlace> {
    const captured = createKubectlHost(this.#parts.host, await this.#surroundings({ stdin: '' }), 0);
    const files = await loadKubeconfigFiles(captured.host, '');
    const folder =
      this.#cwd === home || this.#cwd.startsWith(`${home}/`) ? `~${this.#cwd.slice(home.length)}` : this.#cwd;
    if (!files.ok) return { context: '', namespace: '', contexts: 0, folder };
    const { currentContext, contexts } = mergeKubeconfigs(files.value);
    const chosen = contexts.get(currentContext);
    const { namespace } = chosen ?? {};
    return {
      context: chosen === undefined ? '' : currentContext,
      namespace: chosen === undefined ? '' : typeof namespace === 'string' ? namespace : 'default',
      contexts: contexts.size,
      folder,
    };
  }

  async readFile(path: string): Promise<string | undefined> {
    if (this.#opened === undefined) return this.#parts.files.read(path);
    const bash = await this.#opened;
    const full = bash.fs.resolvePath(this.#cwd, path);
    if (!(await bash.fs.exists(full))) return undefined;
    return bash.readFile(full);
  }

  async writeFile(path: string, text: string): Promise<void> {
    if (this.#opened === undefined) return this.#parts.files.write(path, text);
    const bash = await this.#opened;
    const full = bash.fs.resolvePath(this.#cwd, path);
    await bash.fs.mkdir(folderOf(full), { recursive: true });
    await bash.writeFile(full, text);
  }

  async #runPart(line: string, call: LineCall): Promise<ShellResult> {
    const { terminal, signal } = call;
    const words = this.#plainWords(line);
    if (terminal !== undefined && words !== undefined) {
      if (words[0] === 'fg') return this.#foreground(words[1], terminal, signal);
      if (this.#parts.commands.has(words[0] ?? '') && isFollowed(words)) {
        const { host } = this.#parts;
        const surroundings = await this.#surroundings(call);
        const exitCode = await followCommand({ host, words, surroundings, terminal, signal });
        return { exitCode, stdout: '', stderr: '' };
      }
    }
    // An alias, a function or another folder changes what a plain line means: there are none before the bash.
    const plain = this.#opened === undefined ? findPlain(this.#parts, line) : undefined;
    return plain === undefined ? this.#runInBash(line, call) : this.#runPlain(plain, call);
  }

  /** A job is a single command; of anything else bash carries out all before the next line. */
  async #runJob(line: string, call: LineCall): Promise<ShellResult> {
    const { host, jobs } = this.#parts;
    const words = this.#plainWords(line);
    if (words === undefined || !Jobs.canRun(words, host)) return this.#runPart(line, call);
    const job = await jobs.start(words, line.trim(), await this.#surroundings(call));
    if (job === undefined) {
      return { exitCode: 1, stdout: '', stderr: 'bash: fork: Resource temporarily unavailable\n' };
    }
    // Only a bash that somebody types at tells the number.
    const told = call.terminal === undefined ? '' : `[${job.number}] ${job.pid}\n`;
    return { exitCode: 0, stdout: '', stderr: told };
  }

  /** `fg`: shows a job at the terminal until it ends or Ctrl-C ends it. */
  async #foreground(
    word: string | undefined,
    terminal: ShellTerminal,
    signal: AbortSignal,
  ): Promise<ShellResult> {
    const { host, jobs } = this.#parts;
    const job = jobs.find(word);
    if (job === undefined) {
      return { exitCode: 1, stdout: '', stderr: `bash: fg: ${word ?? 'current'}: no such job\n` };
    }
    terminal.print('stdout', `${job.text}\n`);
    while (job.state === 'running' && !signal.aborted) {
      host.advance(await terminal.pause());
      await job.rest;
      terminal.print('stdout', job.stdout);
      terminal.print('stderr', job.stderr);
      job.stdout = '';
      job.stderr = '';
    }
    if (job.state === 'running') {
      job.state = 'terminated';
      job.stop();
    }
    await jobs.collect(false);
    return { exitCode: signal.aborted ? interruptedCode : job.exitCode, stdout: '', stderr: '' };
  }

  /** The words of a plain line, an alias put in. */
  #plainWords(line: string): readonly string[] | undefined {
    const [name = '', ...rest] = parsePlainLine(line) ?? [];
    if (name === '') return undefined;
    const alias = this.#aliases().get(name);
    if (alias === undefined) return [name, ...rest];
    const meant = parsePlainLine(alias);
    return meant === undefined ? undefined : [...meant, ...rest];
  }

  /** Source: how just-bash keeps aliases, in its environment. */
  #aliases(): ReadonlyMap<string, string> {
    const prefix = 'BASH_ALIAS_';
    return new Map(
      Object.entries(this.#env ?? {})
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, meaning]) => [name.slice(prefix.length), meaning]),
    );
  }

  /** What a command that is run beside the bash sees. */
  async #surroundings({ stdin, signal, terminal }: Partial<LineCall>): Promise<CommandSurroundings> {
    const shown = terminal === undefined ? {} : { terminal };
    const rest = { cwd: this.#cwd, stdin: stdin ?? '', signal, ...shown };
    if (this.#opened === undefined) return { files: this.#parts.files, env: firstExports, ...rest };
    const bash = await this.#opened;
    const env = new Map(Object.entries(this.#env ?? firstEnv));
    return { files: bashFiles(bash.fs, this.#cwd), env, ...rest };
  }

  async #runInBash(line: string, call: LineCall): Promise<ShellResult> {
    this.#opened ??= openBash(this.#parts, this.#link);
    const bash = await this.#opened;
    const { lastPid } = this.#parts.jobs;
    const known = lastPid === undefined ? line : line.replaceAll('$!', String(lastPid));
    const spelled = spellOut(known);
    const lastCode = spelled.includes('$?') ? `(exit ${this.#lastExitCode}); ` : '';
    const script = `${this.#memory.before(spelled)}${lastCode}${spelled}`;
    const { stdin, signal } = call;
    this.#link.parts = this.#parts;
    // A line that was ended may still be at it when the next begins.
    this.#running += 1;
    const result = await bash
      .exec(script, {
        stdin,
        signal,
        env: { ...(this.#env ?? bash.getEnv()) },
        replaceEnv: true,
        cwd: this.#cwd,
        rawScript: true,
      })
      .finally(() => {
        this.#running -= 1;
        if (this.#running === 0) this.#link.parts = undefined;
      });
    this.#env = Object.fromEntries(
      Object.entries(result.env).filter(([name]) => /^[A-Za-z_]\w*$/.test(name)),
    );
    this.#cwd = result.env.PWD ?? this.#cwd;
    this.#memory.learn(spelled, result.env);
    return { ...result, stderr: inBashWords(result.stderr) };
  }

  async #runPlain({ name, args, execute }: PlainCommand, call: LineCall): Promise<ShellResult> {
    const { signal } = call;
    if (signal.aborted) return aborted;
    try {
      const result = await execute(args, await this.#surroundings(call));
      return signal.aborted ? aborted : result;
    } catch (error) {
      // As bash tells of a command that breaks.
      return {
        exitCode: 1,
        stdout: '',
        stderr: `${name}: ${error instanceof Error ? error.message : error}\n`,
      };
    }
  }
}

function joined(first: ShellResult, second: ShellResult): ShellResult {
  return {
    exitCode: second.exitCode,
    stdout: first.stdout + second.stdout,
    stderr: first.stderr + second.stderr,
  };
}

/** What bash says of a line that it can't read, where the library says where it stopped. */
function inBashWords(stderr: string): string {
  return stderr.replace(/^bash: syntax error: Parse error at \d+:\d+: (.*)$/m, (_, why: string) =>
    why.startsWith('syntax error')
      ? `bash: ${why.replace(/token `(.*)'$/, "token `$1'")}`
      : `bash: syntax error${/got EOF/.test(why) ? ': unexpected end of file' : `: ${why}`}`,
  );
}
