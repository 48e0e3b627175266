/**
 * Many submissions, each exercise graded in a worker thread that can be ended: a submission that hangs or crashes the
 * thread costs its own exercise, and nobody else's.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ExerciseResult } from '../exercise/result.ts';
import type { Exercise, Workbook } from '../exercise/workbook.ts';
import { readAnswer } from '../submission/answer.ts';
import { erroredResult, todoResult } from './results.ts';
import type { GradeRequest } from './submission-worker.ts';

/** One submission to grade. */
export interface SubmissionJob {
  readonly answersFolder: string;
  readonly learnerId: string;
}

/** How submissions are graded. */
export interface GradeSubmissionsOptions {
  readonly workbook: Workbook;
  /** The worker's module; another one in tests of what a worker may do to us. */
  readonly worker?: URL;
  /** Wall time for one exercise. The runner's own limits end sooner; this is for what they can't see. */
  readonly timeoutMs?: number;
  /** Memory of one thread. */
  readonly maxMegabytes?: number;
  /** Threads at once. */
  readonly lanes?: number;
}

const defaultTimeoutMs = 60_000;
/** Grading an exercise takes a fraction of it. */
const defaultMaxMegabytes = 768;

/** Grades every exercise of every submission. Results stand in the order of the jobs, and in the workbook's order. */
export async function gradeSubmissions(
  jobs: readonly SubmissionJob[],
  options: GradeSubmissionsOptions,
  onGraded: (job: number) => void = () => {},
): Promise<readonly (readonly ExerciseResult[])[]> {
  const results: (readonly ExerciseResult[])[] = jobs.map(() => []);
  const queue = [...jobs.entries()];
  const lanes = Math.min(jobs.length, options.lanes ?? Math.max(1, Math.min(8, availableParallelism() - 1)));
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      const lane = new Lane(options);
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, job] = next;
        results[index] = await lane.gradeAll(job);
        onGraded(index);
      }
      await lane.close();
    }),
  );
  return results;
}

/** One thread at a time, replaced by a new one when it had to be ended. */
class Lane {
  readonly #options: GradeSubmissionsOptions;
  #worker: Worker | undefined;

  constructor(options: GradeSubmissionsOptions) {
    this.#options = options;
  }

  async gradeAll(job: SubmissionJob): Promise<readonly ExerciseResult[]> {
    const results: ExerciseResult[] = [];
    for (const exercise of this.#options.workbook.exercises) {
      results.push(await this.#grade(job, exercise));
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #grade({ answersFolder, learnerId }: SubmissionJob, exercise: Exercise): Promise<ExerciseResult> {
    if (readAnswer(answersFolder, exercise).isTodo) return todoResult(exercise);
    const outcome = await this.#ask({ answersFolder, learnerId, exerciseId: exercise.id });
    if (typeof outcome !== 'string') return outcome;
    await this.close();
    return erroredResult(exercise, outcome);
  }

  /** The result, or in one line why the thread gave none. */
  #ask(request: GradeRequest): Promise<ExerciseResult | string> {
    const worker = this.#openWorker();
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
    return new Promise((resolve) => {
      const settle = (outcome: ExerciseResult | string) => {
        clearTimeout(timer);
        worker.off('message', settle).off('error', onError).off('exit', onExit);
        resolve(outcome);
      };
      const onError = (error: Error) => settle(error.message);
      const onExit = (code: number) => settle(`the worker ended with code ${code}`);
      const timer = setTimeout(() => settle(`no result within ${timeoutMs / 1000} s`), timeoutMs);
      worker.on('message', settle).on('error', onError).on('exit', onExit);
      worker.postMessage(request);
    });
  }

  #openWorker(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#options.worker ?? workerModule(), {
      workerData: this.#options.workbook.root,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxMegabytes ?? defaultMaxMegabytes },
      env: {},
    });
    // What a thread says after it was given up is nobody's, but must not end this process.
    worker.on('error', () => {});
    this.#worker = worker;
    return worker;
  }
}

/** The compiler rewrites import specifiers, not this one. */
function workerModule(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./submission-worker.${extension}`, import.meta.url);
}
