/**
 * Commands in the background: `kubectl port-forward … &`, `ping … &`. They go on while later lines let time pass.
 * Differs: at an empty prompt no time passes, and only a single command can be a job; bash's other constructs are carried
 * out at once.
 */
import type { KubectlHost } from '../kubectl/host.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import { type CommandSurroundings, surroundKubectl } from './kubectl-host.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import { parseSsh } from './ssh-command.ts';

/** A job's number and process, as bash tells them: `[1] 1001`. */
export interface StartedJob {
  readonly number: number;
  readonly pid: number;
}

interface Job extends StartedJob {
  readonly text: string;
  state: 'running' | 'ended' | 'terminated';
  exitCode: number;
  stdout: string;
  stderr: string;
  stop(): void;
  /** Resolves once the job waits for time to pass, or is over. */
  rest: Promise<void>;
}

/** The first process id that a job shows. */
const firstPid = 1001;
/** As many jobs may run at once. */
const mostJobs = 32;

/** The jobs of one shell. */
export class Jobs {
  readonly #host: ShellHost;
  readonly #jobs = new Map<number, Job>();
  #lastPid = firstPid - 1;

  constructor(host: ShellHost) {
    this.#host = host;
  }

  /** The process id of the job started last, for `$!`. */
  get lastPid(): number | undefined {
    return this.#lastPid < firstPid ? undefined : this.#lastPid;
  }

  /** Starts a command; undefined when there are too many already. Resolves once it waits or is over. */
  async start(
    words: readonly string[],
    text: string,
    surroundings: CommandSurroundings,
  ): Promise<StartedJob | undefined> {
    if (this.#jobs.size >= mostJobs) return undefined;
    const number = Math.max(0, ...this.#jobs.keys()) + 1;
    this.#lastPid += 1;
    const job: Job = {
      number,
      pid: this.#lastPid,
      text,
      state: 'running',
      exitCode: 0,
      stdout: '',
      stderr: '',
      stop: () => {},
      rest: Promise.resolve(),
    };
    this.#jobs.set(number, job);
    if (words[0] === 'kubectl') this.#startKubectl(job, words.slice(1), surroundings);
    else this.#startProgram(job, words);
    await job.rest;
    return job;
  }

  /** Whether a command can be a job. */
  static canRun([name, ...args]: readonly string[], host: ShellHost): boolean {
    if (name === undefined) return false;
    if (name === 'ssh') return host.machines.includes(parseSsh(args)?.machine ?? '');
    return name === 'kubectl' || host.programs('client').includes(name);
  }

  /** What the jobs have printed since the last call, and, with `tells`, which of them are over. */
  async collect(tells: boolean): Promise<Pick<ShellResult, 'stdout' | 'stderr'>> {
    let stdout = '';
    let stderr = '';
    for (const job of [...this.#jobs.values()]) {
      await job.rest;
      stdout += job.stdout;
      stderr += job.stderr;
      job.stdout = '';
      job.stderr = '';
      if (job.state === 'running') continue;
      if (tells) stderr += this.#line(job);
      this.#jobs.delete(job.number);
    }
    return { stdout, stderr };
  }

  /** `jobs` */
  list(): string {
    return [...this.#jobs.values()].map((job) => this.#line(job)).join('');
  }

  /** `kill [-SIGNAL] %N|PID…` */
  kill(args: readonly string[]): ShellResult {
    const targets = args.filter((word) => !word.startsWith('-'));
    if (targets.length === 0) {
      return { exitCode: 2, stdout: '', stderr: 'kill: usage: kill [-s sigspec] pid | jobspec ...\n' };
    }
    let stderr = '';
    for (const target of targets) {
      const job = this.find(target);
      if (job === undefined) {
        const why = target.startsWith('%') ? `${target}: no such job` : `(${target}) - No such process`;
        stderr += `bash: kill: ${why}\n`;
      } else if (job.state === 'running') {
        job.state = 'terminated';
        job.stop();
      }
    }
    return { exitCode: stderr === '' ? 0 : 1, stdout: '', stderr };
  }

  /** The job that a word means: `%1`, `%%`, `%+`, `%-`, `%kube`, or its process id; without a word the current one. */
  find(word = '%%'): Job | undefined {
    const jobs = [...this.#jobs.values()];
    if (word === '%%' || word === '%+' || word === '%') return jobs.at(-1);
    if (word === '%-') return jobs.at(-2) ?? jobs.at(-1);
    if (!word.startsWith('%')) return jobs.find(({ pid }) => String(pid) === word);
    return /^%\d+$/.test(word)
      ? this.#jobs.get(Number(word.slice(1)))
      : jobs.find(({ text }) => text.startsWith(word.slice(1)));
  }

  /** Source: bash(1), JOB CONTROL, and what `jobs` of bash 5.2 prints. */
  #line(job: Job): string {
    const numbers = [...this.#jobs.keys()];
    const mark = job.number === numbers.at(-1) ? '+' : job.number === numbers.at(-2) ? '-' : ' ';
    const isRunning = job.state === 'running';
    const state = isRunning
      ? 'Running'
      : job.state === 'terminated'
        ? 'Terminated'
        : job.exitCode === 0
          ? 'Done'
          : `Exit ${job.exitCode}`;
    return `[${job.number}]${mark}  ${state.padEnd(24)}${job.text}${isRunning ? ' &' : ''}\n`;
  }

  #startKubectl(job: Job, args: readonly string[], surroundings: CommandSurroundings): void {
    const host = this.#host;
    let isStopped = false;
    let wake = () => {};
    let rested = () => {};
    const work = () => {
      job.rest = new Promise((resolve) => {
        rested = resolve;
      });
    };
    const kubectl: KubectlHost = {
      ...surroundKubectl(host, surroundings),
      waitUntil: (done, timeoutMs = Number.POSITIVE_INFINITY) =>
        new Promise((resolve) => {
          const deadlineMs = host.api.now() + timeoutMs;
          const look = () => {
            if (isStopped) return 'interrupted';
            if (done()) return 'done';
            return host.api.now() >= deadlineMs ? 'timeout' : undefined;
          };
          const first = look();
          if (first !== undefined) {
            resolve(first);
            return;
          }
          const unwatch = host.watch(() => wake());
          wake = () => {
            const outcome = look();
            if (outcome === undefined) return;
            unwatch();
            wake = () => {};
            work();
            resolve(outcome);
          };
          rested();
        }),
      writeStdout: (text) => {
        if (!isStopped) job.stdout += text;
      },
      writeStderr: (text) => {
        if (!isStopped) job.stderr += text;
      },
    };
    job.stop = () => {
      isStopped = true;
      wake();
    };
    work();
    void runKubectl(args, kubectl).then((code) => {
      end(job, code);
      rested();
    });
  }

  #startProgram(job: Job, words: readonly string[]): void {
    const target = words[0] === 'ssh' ? parseSsh(words.slice(1)) : undefined;
    const started =
      target === undefined
        ? this.#host.start('client', words)
        : this.#host.start(target.machine, target.line === '' ? ['sh'] : ['sh', '-c', target.line]);
    if (!started.ok) {
      job.stderr = started.error.stderr;
      end(job, started.error.exitCode);
      return;
    }
    const program = started.value;
    program.closeStdin();
    const unwatch = this.#host.watch(() => look());
    const look = () => {
      job.stdout += program.read().replaceAll('\r\n', '\n');
      const code = program.exitCode();
      if (code === undefined) return;
      unwatch();
      program.close();
      end(job, code);
    };
    job.stop = () => {
      unwatch();
      program.close();
    };
  }
}

/** A job that was killed is over already. */
function end(job: Job, exitCode: number): void {
  if (job.state !== 'running') return;
  job.state = 'ended';
  job.exitCode = exitCode;
}
