/**
 * The learner's shell: bash (just-bash) with kubectl, ssh and the network tools as its commands, on a file system in
 * memory. It settles the cluster after each command, so that the next one sees the result. Lines that need nothing of bash
 * are carried out without it until one comes that does, with the same result.
 */
import type { Bash } from 'just-bash';
import { defaultLimits } from '../base/limits.ts';
import { parsePlainLine } from './plain-line.ts';
import { createShellCommands, type ShellCommand, toBashCommands } from './shell-commands.ts';
import { HomeFiles } from './shell-files.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import { bundledTools } from './tools.ts';

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
}

/** A shell that keeps its folder, variables, kubeconfig and files from line to line. */
export interface Shell {
  run(line: string, options?: ShellRunOptions): Promise<ShellResult>;
  readFile(path: string): Promise<string | undefined>;
  writeFile(path: string, text: string): Promise<void>;
  readonly cwd: string;
}

/** Where the learner's own folder is. */
const home = '/home/learner';
/** A line that takes longer than this in real time is stopped. */
const longestRunMs = 30_000;

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
  return new LearnerShell({ host, clock, files, commands: createShellCommands(host) });
}

/** What a shell is made of. */
interface ShellParts {
  readonly host: ShellHost;
  readonly clock: LineClock;
  /** The files until there is a bash, which has its own. */
  readonly files: HomeFiles;
  readonly commands: ReadonlyMap<string, ShellCommand>;
}

const firstEnv = {
  HOME: home,
  USER: 'learner',
  LOGNAME: 'learner',
  PATH: '/usr/bin:/bin',
  HOSTNAME: 'client',
};

/** What commands see of the environment: bash exports its folder besides. */
const firstExports: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...firstEnv, PWD: home, OLDPWD: home }),
);

async function openBash({ host, files, commands }: ShellParts): Promise<Bash> {
  const library = await import('just-bash');
  const bash = new library.Bash({
    cwd: home,
    env: firstEnv,
    commands: [...bundledTools],
    customCommands: toBashCommands(commands, library),
    sleep: async (ms) => host.advance(ms),
    executionLimitProfile: 'hardened',
    executionLimits: {
      maxExecutionTimeMs: longestRunMs,
      maxOutputSize: 2 * defaultLimits.maxOutputBytes,
    },
    // The commands are our own code; patching the globals of the whole process would reach everything else in it.
    defenseInDepth: false,
  });
  // As in an interactive bash: `alias k=kubectl` is the first thing that many people type.
  await bash.exec('shopt -s expand_aliases');
  await bash.fs.mkdir('/tmp', { recursive: true });
  for (const [path, text] of files.entries()) {
    await bash.fs.mkdir(folderOf(path), { recursive: true });
    await bash.writeFile(path, text);
  }
  return bash;
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
    const { clock, host } = this.#parts;
    const signals = [clock.start(options.maxVirtualMs, options.isOver), options.signal];
    const call: LineCall = {
      stdin: options.stdin ?? '',
      signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
    };
    // An alias, a function or another folder changes what a plain line means: there are none before the bash.
    const plain = this.#opened === undefined ? findPlain(this.#parts, line) : undefined;
    const result =
      plain === undefined ? await this.#runInBash(line, call) : await this.#runPlain(plain, call);
    this.#lastExitCode = result.exitCode;
    host.settle();
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
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

  async #runInBash(line: string, call: LineCall): Promise<ShellResult> {
    this.#opened ??= openBash(this.#parts);
    const bash = await this.#opened;
    const script = line.includes('$?') ? `(exit ${this.#lastExitCode}); ${line}` : line;
    const result = await bash.exec(script, {
      ...call,
      env: { ...(this.#env ?? bash.getEnv()) },
      replaceEnv: true,
      cwd: this.#cwd,
      rawScript: true,
    });
    this.#env = Object.fromEntries(
      Object.entries(result.env).filter(([name]) => /^[A-Za-z_]\w*$/.test(name)),
    );
    this.#cwd = result.env.PWD ?? this.#cwd;
    return result;
  }

  async #runPlain({ name, args, execute }: PlainCommand, { stdin, signal }: LineCall): Promise<ShellResult> {
    if (signal.aborted) return aborted;
    const { files } = this.#parts;
    try {
      const result = await execute(args, { files, cwd: home, env: firstExports, stdin, signal });
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

/** Ends a line whose virtual time is up, at the next moment at which time passes. */
class LineClock {
  readonly #host: ShellHost;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #isOver: () => boolean = () => false;
  #line = new AbortController();

  constructor(host: ShellHost) {
    this.#host = host;
  }

  /** The host, looked at whenever it lets time pass. */
  watch(): ShellHost {
    return {
      ...this.#host,
      settle: () => {
        this.#host.settle();
        this.#check();
      },
      advance: (ms) => {
        this.#host.advance(ms);
        this.#check();
      },
    };
  }

  /** Begins a line; the signal ends it. */
  start(maxVirtualMs = Number.POSITIVE_INFINITY, isOver = () => false): AbortSignal {
    this.#isOver = isOver;
    this.#deadlineMs = this.#host.api.now() + maxVirtualMs;
    this.#line = new AbortController();
    return this.#line.signal;
  }

  #check(): void {
    if (this.#host.api.now() > this.#deadlineMs || this.#isOver()) this.#line.abort();
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
