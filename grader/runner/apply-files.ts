/** The learner's files carried out one after the other in their shell: what was printed, and what was refused. */
import type { Cluster, Shell } from '../../engine/index.ts';
import type { TranscriptEntry } from '../checks/context.ts';
import { servedKinds } from '../checks/objects.ts';
import { findValuesProblem } from '../checks/values-file.ts';
import type { Engine } from '../engine.ts';
import { nearest } from '../exercise/nearest.ts';
import type { AnswerProblem } from '../exercise/result.ts';
import { splitScript } from '../exercise/script.ts';
import type { AnswerFileState } from '../submission/answer.ts';
import { startDeadline } from './deadline.ts';
import { findManifestProblems } from './manifest-problems.ts';

/** Virtual time that all files together may take: no task of a lesson waits so long. */
const maxVirtualSeconds = 1200;
/** Wall time that all files together may take, for loops that let no virtual time pass. */
const defaultWallSeconds = 10;

/** What came of the files. */
export interface AppliedFiles {
  readonly problems: readonly AnswerProblem[];
  readonly transcript: readonly TranscriptEntry[];
  /** What each script printed, by path. */
  readonly scripts: ReadonlyMap<string, readonly TranscriptEntry[]>;
  /** Whether the wall time ran out: the cluster is then in the midst of work. */
  readonly isOutOfTime: boolean;
}

/** Applies manifests and runs scripts in the order of the list, and waits. Files stand in the shell's folder already. */
export async function applyFiles(scene: {
  readonly engine: Pick<Engine, 'explainRefusal'>;
  readonly cluster: Cluster;
  readonly shell: Shell;
  readonly files: readonly AnswerFileState[];
  readonly waitSeconds: number;
  readonly secondsPerCommand: number;
  readonly maxWallSeconds?: number | undefined;
}): Promise<AppliedFiles> {
  const run = new FilesRun(scene, scene.maxWallSeconds ?? defaultWallSeconds);
  for (const file of scene.files) {
    if (run.isStopped) break;
    await run.apply(file, scene.secondsPerCommand);
  }
  run.wait(scene.waitSeconds);
  return run;
}

class FilesRun implements AppliedFiles {
  readonly problems: AnswerProblem[] = [];
  readonly transcript: TranscriptEntry[] = [];
  readonly scripts = new Map<string, TranscriptEntry[]>();
  isStopped = false;
  isOutOfTime = false;
  readonly #engine: Pick<Engine, 'explainRefusal'>;
  readonly #cluster: Cluster;
  readonly #shell: Shell;
  readonly #startMs: number;
  readonly #maxWallSeconds: number;
  readonly #isOver: () => boolean;
  /** For loops that run no command of ours, which alone look at {@link #isOver}. */
  readonly #signal: AbortSignal;

  constructor(
    {
      engine,
      cluster,
      shell,
    }: {
      readonly engine: Pick<Engine, 'explainRefusal'>;
      readonly cluster: Cluster;
      readonly shell: Shell;
    },
    maxWallSeconds: number,
  ) {
    this.#engine = engine;
    this.#cluster = cluster;
    this.#shell = shell;
    this.#startMs = cluster.now();
    this.#maxWallSeconds = maxWallSeconds;
    this.#isOver = startDeadline(maxWallSeconds * 1000);
    this.#signal = AbortSignal.timeout(maxWallSeconds * 1000);
    cluster.interruptWhen(this.#isOver);
  }

  /** Lets the time pass that the exercise waits for before its checks. */
  wait(seconds: number): void {
    this.#cluster.advance(seconds);
    if (!this.isStopped && this.#isOver()) this.#stopOutOfTime();
  }

  async apply({ path, role, text, problem }: AnswerFileState, secondsPerCommand: number): Promise<void> {
    if (problem !== undefined) this.problems.push({ code: 'file-unreadable', file: path, why: problem });
    else if (text === undefined)
      this.problems.push({ code: 'file-unreadable', file: path, why: fileMissing });
    else if (role === 'manifest') await this.#applyManifest(path, text);
    else if (role === 'script') await this.#runScript(path, text, secondsPerCommand);
    else this.#readValues(path, text);
  }

  async #applyManifest(path: string, text: string): Promise<void> {
    const entry = await this.#run(`kubectl apply -f ${path}`);
    if (entry === undefined || entry.exitCode === 0 || this.isOutOfTime) return;
    const served = servedKinds(this.#cluster);
    const problems = findManifestProblems(path, text, entry.stderr, (message, object) =>
      this.#engine.explainRefusal({ message, object, served, nearest }),
    );
    if (problems.length > 0) this.problems.push(...problems);
    else this.problems.push({ code: 'command-failed', ...entry });
  }

  async #runScript(path: string, text: string, secondsPerCommand: number): Promise<void> {
    const entries: TranscriptEntry[] = [];
    this.scripts.set(path, entries);
    for (const command of splitScript(text)) {
      const entry = await this.#run(command);
      if (entry !== undefined) entries.push(entry);
      if (this.isStopped) return;
      this.#cluster.advance(secondsPerCommand);
    }
  }

  #readValues(path: string, text: string): void {
    const problem = findValuesProblem(path, text);
    if (problem !== undefined) this.problems.push(problem);
  }

  async #run(command: string): Promise<TranscriptEntry | undefined> {
    let entry: TranscriptEntry | undefined;
    try {
      entry = { command, ...(await this.#shell.run(command, this.#limits())) };
      this.transcript.push(entry);
    } catch (error) {
      if (!this.#signal.aborted && !this.#isOver()) throw error;
    }
    const virtualMs = this.#cluster.now() - this.#startMs;
    if (this.#signal.aborted || this.#isOver()) this.#stopOutOfTime();
    else if (virtualMs > maxVirtualSeconds * 1000) this.#stop(`${maxVirtualSeconds} s (virtual)`);
    return entry;
  }

  /** What is left of both times. */
  #limits() {
    const usedMs = this.#cluster.now() - this.#startMs;
    return {
      signal: this.#signal,
      isOver: this.#isOver,
      maxVirtualMs: Math.max(0, maxVirtualSeconds * 1000 - usedMs),
    };
  }

  #stopOutOfTime(): void {
    this.isOutOfTime = true;
    this.#stop(`${this.#maxWallSeconds} s`);
  }

  #stop(limit: string): void {
    this.isStopped = true;
    this.problems.push({ code: 'limit-reached', limit });
  }
}

const fileMissing = {
  ko: '파일이 없습니다: 만들거나 `kubedrill reset`으로 되살리세요',
  en: 'there is no such file: make it, or bring it back with `kubedrill reset`',
};
