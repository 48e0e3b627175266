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
/** Most of what grading makes is garbage at once: in twice the usual room it is looked for half as often. */
const youngMegabytes = 96;

/**
 * Grades every exercise of every submission, one submission's exercises side by side where there are threads to spare.
 * Results stand in the order of the jobs, and in the workbook's order.
 */
export async function gradeSubmissions(
  jobs: readonly SubmissionJob[],
  options: GradeSubmissionsOptions,
  onGraded: (job: number) => void = () => {},
): Promise<readonly (readonly ExerciseResult[])[]> {
  const pool = new LanePool(options);
  const results = await Promise.all(
    jobs.map(async (job, index) => {
      const graded = await Promise.all(
        options.workbook.exercises.map((exercise) => pool.use((lane) => lane.grade(job, exercise))),
      );
      onGraded(index);
      return graded;
    }),
  );
  await pool.close();
  return results;
}

/** So many lanes; who asks first is served first. */
class LanePool {
  readonly #lanes: readonly Lane[];
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(options: GradeSubmissionsOptions) {
    const count = options.lanes ?? Math.min(8, availableParallelism());
    this.#lanes = Array.from({ length: count }, () => new Lane(options));
    this.#free = [...this.#lanes];
  }

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#free.shift() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(lane);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.unshift(lane);
      else next(lane);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

/** One thread at a time, replaced by a new one when it had to be ended. */
class Lane {
  readonly #options: GradeSubmissionsOptions;
  #worker: Worker | undefined;

  constructor(options: GradeSubmissionsOptions) {
    this.#options = options;
  }

  async grade({ answersFolder, learnerId }: SubmissionJob, exercise: Exercise): Promise<ExerciseResult> {
    if (readAnswer(answersFolder, exercise).isTodo) return todoResult(exercise);
    const outcome = await this.#ask({ answersFolder, learnerId, exerciseId: exercise.id });
    if (typeof outcome !== 'string') return outcome;
    await this.close();
    return erroredResult(exercise, outcome);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
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
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.maxMegabytes ?? defaultMaxMegabytes,
        maxYoungGenerationSizeMb: youngMegabytes,
      },
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
