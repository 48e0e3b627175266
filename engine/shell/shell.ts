/**
 * The learner's shell: bash (just-bash) with kubectl, ssh and the network tools as its commands, on a file system in
 * memory. It settles the cluster after each command, so that the next one sees the result.
 */
import type { Bash } from 'just-bash';
import { defaultLimits } from '../base/limits.ts';
import { createShellCommands } from './shell-commands.ts';
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
 * Opens a shell. The library behind it is loaded and set up for the first line only, since it costs more time than all
 * else at start-up, and many shells are never used.
 */
export async function createShell(options: ShellOptions): Promise<Shell> {
  const clock = new LineClock(options.host);
  const host = clock.watch();
  return new BashShell(() => openBash(options, host), host, clock);
}

async function openBash(options: ShellOptions, host: ShellHost): Promise<Bash> {
  const library = await import('just-bash');
  const bash = new library.Bash({
    cwd: home,
    env: { HOME: home, USER: 'learner', LOGNAME: 'learner', PATH: '/usr/bin:/bin', HOSTNAME: 'client' },
    commands: [...bundledTools],
    customCommands: createShellCommands(host, library),
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
  await bash.fs.mkdir(`${home}/.kube`, { recursive: true });
  await bash.writeFile(`${home}/.kube/config`, options.kubeconfig ?? defaultKubeconfig);
  for (const [path, text] of options.files ?? []) {
    await bash.fs.mkdir(folderOf(`${home}/${path}`), { recursive: true });
    await bash.writeFile(`${home}/${path}`, text);
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

/** Carries folder, variables and the last exit code from line to line, which just-bash itself forgets. */
class BashShell implements Shell {
  readonly #open: () => Promise<Bash>;
  readonly #host: ShellHost;
  #opened: Promise<Bash> | undefined;
  #env: Readonly<Record<string, string>> | undefined;
  #cwd = home;
  #lastExitCode = 0;
  readonly #clock: LineClock;

  constructor(open: () => Promise<Bash>, host: ShellHost, clock: LineClock) {
    this.#open = open;
    this.#host = host;
    this.#clock = clock;
  }

  get cwd(): string {
    return this.#cwd;
  }

  async run(line: string, options: ShellRunOptions = {}): Promise<ShellResult> {
    const script = line.includes('$?') ? `(exit ${this.#lastExitCode}); ${line}` : line;
    const bash = await this.#bash();
    const signals = [this.#clock.start(options.maxVirtualMs, options.isOver), options.signal];
    const result = await bash.exec(script, {
      env: { ...(this.#env ?? bash.getEnv()) },
      replaceEnv: true,
      cwd: this.#cwd,
      rawScript: true,
      stdin: options.stdin ?? '',
      signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
    });
    this.#env = Object.fromEntries(
      Object.entries(result.env).filter(([name]) => /^[A-Za-z_]\w*$/.test(name)),
    );
    this.#cwd = result.env.PWD ?? this.#cwd;
    this.#lastExitCode = result.exitCode;
    this.#host.settle();
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  async readFile(path: string): Promise<string | undefined> {
    const bash = await this.#bash();
    const full = bash.fs.resolvePath(this.#cwd, path);
    if (!(await bash.fs.exists(full))) return undefined;
    return bash.readFile(full);
  }

  async writeFile(path: string, text: string): Promise<void> {
    const bash = await this.#bash();
    const full = bash.fs.resolvePath(this.#cwd, path);
    await bash.fs.mkdir(folderOf(full), { recursive: true });
    await bash.writeFile(full, text);
  }

  #bash(): Promise<Bash> {
    this.#opened ??= this.#open();
    return this.#opened;
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
