/**
 * One learner at work in one folder of answers: what the UI, the command line and the vitest project share, so that all
 * three say the same. It reads and writes the learner's files; how things look is for its callers.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cluster, Language, Shell } from '../engine/index.ts';
import type { Engine } from './engine.ts';
import { findWorkbookRoot, loadWorkbook } from './exercise/load-workbook.ts';
import { nearest } from './exercise/nearest.ts';
import { type ContentProblem, formatContentProblem } from './exercise/problem.ts';
import type { ExerciseResult, ExerciseStatus } from './exercise/result.ts';
import type { Localized } from './exercise/schema.ts';
import { fillText } from './exercise/terms.ts';
import type { Exercise, Section, Workbook } from './exercise/workbook.ts';
import { openProgress, type Progress } from './progress/progress.ts';
import { readShellHistory, writeShellHistory } from './progress/shell-history.ts';
import { err, ok, type Result } from './result.ts';
import { limitLines } from './runner/limit-lines.ts';
import { erroredResult, todoResult } from './runner/results.ts';
import type { Worlds } from './runner/worlds.ts';
import { type Answer, readAnswer } from './submission/answer.ts';
import { readLearnerId, unknownLearner } from './submission/learner.ts';
import { type ChangedFile, resetAnswer, saveAnswerFile, startAnswer } from './submission/start-answer.ts';

/** Where an exercise stands without grading it: `changed` is an answer that differs from the one last graded. */
export type EntryStatus = ExerciseStatus | 'changed';

/** One line of the list of exercises. */
export interface ExerciseEntry {
  readonly exercise: Exercise;
  readonly section: Section;
  readonly status: EntryStatus;
  /** Earned by the answer as it is; 0 while it is not graded. */
  readonly points: number;
  readonly maxPoints: number;
  readonly hintsTaken: number;
}

/** One file of an answer as it is on disk now. */
export interface AnswerState {
  /** As exercise.yaml declares it. */
  readonly path: string;
  /** Absolute, for an editor. */
  readonly file: string;
  /** Undefined when there is no such file, or when `problem` says why it could not be read. */
  readonly text: string | undefined;
  readonly problem?: Localized;
}

/** A hint with its place in the row. */
export interface Hint {
  readonly number: number;
  readonly of: number;
  readonly text: string;
}

/** What {@link openSession} gives. Errors that a learner can mend are values: one line in both languages. */
export interface Session {
  readonly workbook: Workbook;
  readonly language: Language;
  /** The absolute folder of answers. */
  readonly answersFolder: string;
  /** Things to tell once, gathered so far: a folder that can't be written, a state file that was broken. Emptied by reading. */
  takeNotices(): readonly Localized[];
  /** All exercises in order with their standing. Reads the answers' files, grades nothing. */
  entries(): readonly ExerciseEntry[];
  /** The exercise with this id, or one line that names the nearest known id. */
  find(id: string): Result<Exercise, Localized>;
  /** The task's text, Markdown, in the session's language. */
  task(exercise: Exercise): string;
  /** What is told once the exercise has passed, Markdown, in the session's language. */
  debrief(exercise: Exercise): string;
  /** The section's lesson, Markdown, in the session's language. */
  lesson(section: Section): string;
  /** Makes the starter's files where there are none yet, and `learner.yaml`; never overwrites. */
  start(exercise: Exercise): Result<{ readonly made: readonly string[] }, Localized>;
  /** The answer's files as they are now. */
  answer(exercise: Exercise): readonly AnswerState[];
  /** Grades the answer as it is on disk and remembers the outcome. Never rejects: what breaks on our side is `errored`. */
  grade(exercise: Exercise): Promise<ExerciseResult>;
  /** The outcome of the last {@link Session.grade} of this session. */
  lastResult(exercise: Exercise): ExerciseResult | undefined;
  /** The hints taken so far. */
  hints(exercise: Exercise): readonly Hint[];
  /** Takes the next hint; undefined when all are taken. */
  takeHint(exercise: Exercise): Hint | undefined;
  /** Puts the starter's files back. What was there is kept in a folder beside, whose path is returned. */
  reset(exercise: Exercise): Result<{ readonly keptIn: string | undefined }, Localized>;
  /**
   * The exercise's world as a cluster of the caller's own; without an exercise an empty cluster. Its virtual time starts
   * at `startMs`.
   */
  openCluster(exercise: Exercise | undefined, startMs: number): Promise<Cluster>;
  /** Writes a file of the answer that was changed in a shell. One that was changed on disk, too, is kept beside. */
  saveFile(exercise: Exercise, file: ChangedFile): Result<{ readonly keptIn: string | undefined }, Localized>;
  /** The lines typed in shells, the oldest first. */
  shellHistory(): readonly string[];
  keepShellHistory(lines: readonly string[]): void;
  /** A shell in the exercise's world, the answer's files in its folder; without an exercise in an empty cluster. */
  openShell(exercise?: Exercise): Promise<Shell>;
  /**
   * Calls back after the answer's files changed, appeared or disappeared, once per burst of changes. The returned function
   * ends it.
   */
  watch(exercise: Exercise, onChange: () => void): () => void;
}

/** What a session is opened with. */
export interface SessionOptions {
  /** The workbook's folder; by default the one this package stands in. */
  readonly root?: string;
  /** The folder of answers; by default `answers` in the current folder. */
  readonly answersFolder?: string;
  readonly language: Language;
  /** Gives the engine when the first cluster is needed. */
  readonly loadEngine: () => Promise<Engine>;
  /** Told of everything that broke on our side, whole. */
  readonly onError?: (error: unknown) => void;
}

/** The workbook itself is broken: every problem with its place. */
export class WorkbookError extends Error {
  override readonly name = 'WorkbookError';
  readonly problems: readonly ContentProblem[];

  constructor(problems: readonly ContentProblem[]) {
    super(problems.map((problem) => formatContentProblem(problem, 'en')).join('\n'));
    this.problems = problems;
  }
}

/**
 * Loads the workbook and opens a folder of answers, which need not exist yet.
 *
 * @throws WorkbookError when the workbook's own files are broken.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const loaded = await loadWorkbook(options.root ?? findWorkbookRoot());
  if (loaded.problems.length > 0) throw new WorkbookError(loaded.problems);
  return new LearnerSession(loaded.workbook, options);
}

/** How often watched files are looked at. */
const watchIntervalMs = 200;

class LearnerSession implements Session {
  readonly workbook: Workbook;
  readonly language: Language;
  readonly answersFolder: string;
  readonly #progress: Progress;
  readonly #loadWorlds: () => Promise<Worlds>;
  readonly #notices: Localized[] = [];
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #results = new Map<string, ExerciseResult>();

  constructor(workbook: Workbook, { language, answersFolder, loadEngine, onError }: SessionOptions) {
    this.workbook = workbook;
    this.language = language;
    this.answersFolder = resolve(answersFolder ?? 'answers');
    this.#progress = openProgress(this.answersFolder);
    this.#onError = onError;
    let worlds: Promise<Worlds> | undefined;
    this.#loadWorlds = () => {
      worlds ??= Promise.all([import('./runner/worlds.ts'), loadEngine()]).then(([module, engine]) =>
        module.createWorlds(engine, onError),
      );
      return worlds;
    };
  }

  takeNotices(): readonly Localized[] {
    return [...this.#notices.splice(0), ...this.#progress.takeNotices()];
  }

  entries(): readonly ExerciseEntry[] {
    const sections = this.workbook.chapters.flatMap((chapter) => chapter.sections);
    return sections.flatMap((section) =>
      section.exercises.map((exercise) => ({
        exercise,
        section,
        ...this.#standing(exercise),
        maxPoints: exercise.definition.checks.reduce((sum, check) => sum + check.points, 0),
        hintsTaken: this.#progress.get(exercise.id).hintsTaken,
      })),
    );
  }

  find(id: string): Result<Exercise, Localized> {
    const found = this.workbook.exercises.find((exercise) => exercise.id === id);
    if (found !== undefined) return ok(found);
    const meant = nearest(
      id,
      this.workbook.exercises.map((exercise) => exercise.id),
    );
    return err({
      ko: `"${id}"라는 연습 문제가 없습니다. ${meant === undefined ? '`kubedrill list`로 목록을 보세요' : `"${meant}"인가요?`}`,
      en: `there is no exercise "${id}"; ${meant === undefined ? 'see `kubedrill list`' : `did you mean "${meant}"?`}`,
    });
  }

  task(exercise: Exercise): string {
    const text = readFileSync(join(exercise.folder, `task.${this.language}.md`), 'utf8');
    return fillText(text, exercise.definition.terms);
  }

  debrief({ definition }: Exercise): string {
    const { why, bigger, look } = definition.debrief;
    return [why[this.language], bigger[this.language], `\`${look}\``].join('\n\n');
  }

  lesson(section: Section): string {
    return readFileSync(join(section.folder, `section.${this.language}.md`), 'utf8');
  }

  start(exercise: Exercise): Result<{ readonly made: readonly string[] }, Localized> {
    return startAnswer(this.answersFolder, exercise);
  }

  answer(exercise: Exercise): readonly AnswerState[] {
    const { files } = readAnswer(this.answersFolder, exercise);
    return files.map(({ path, text, problem }) => ({
      path,
      file: join(this.answersFolder, exercise.path, path),
      text,
      ...(problem === undefined ? {} : { problem }),
    }));
  }

  async grade(exercise: Exercise): Promise<ExerciseResult> {
    const answer = readAnswer(this.answersFolder, exercise);
    if (answer.isTodo) return this.#remember(exercise, answer.digest, todoResult(exercise));
    const result = await this.#gradeAnswer(exercise, answer);
    return this.#remember(exercise, answer.digest, result);
  }

  lastResult(exercise: Exercise): ExerciseResult | undefined {
    return this.#results.get(exercise.id);
  }

  hints(exercise: Exercise): readonly Hint[] {
    const { hints } = exercise.definition;
    return hints
      .slice(0, this.#progress.get(exercise.id).hintsTaken)
      .map((hint, index) => ({ number: index + 1, of: hints.length, text: hint[this.language] }));
  }

  takeHint(exercise: Exercise): Hint | undefined {
    const progress = this.#progress.get(exercise.id);
    if (progress.hintsTaken >= exercise.definition.hints.length) return undefined;
    this.#progress.set(exercise.id, { ...progress, hintsTaken: progress.hintsTaken + 1 });
    return this.hints(exercise).at(-1);
  }

  reset(exercise: Exercise): Result<{ readonly keptIn: string | undefined }, Localized> {
    this.#results.delete(exercise.id);
    return resetAnswer(this.answersFolder, exercise);
  }

  saveFile(
    exercise: Exercise,
    file: ChangedFile,
  ): Result<{ readonly keptIn: string | undefined }, Localized> {
    return saveAnswerFile(this.answersFolder, exercise, file);
  }

  shellHistory(): readonly string[] {
    return readShellHistory(this.answersFolder);
  }

  keepShellHistory(lines: readonly string[]): void {
    writeShellHistory(this.answersFolder, lines);
  }

  async openShell(exercise?: Exercise): Promise<Shell> {
    const worlds = await this.#loadWorlds();
    if (exercise === undefined) {
      const cluster = worlds.engine.createCluster({ seed: 'shell' });
      cluster.settle();
      return limitLines(cluster, await cluster.openShell());
    }
    // The learner's id must be there before the first look: what is found in the shell is graded by it.
    const started = this.start(exercise);
    if (!started.ok) this.#notices.push(started.error);
    const cluster = await worlds.fork(exercise, this.#learnerId());
    const files = this.answer(exercise).flatMap(({ path, text }) =>
      text === undefined ? [] : [[path, text] as const],
    );
    return limitLines(cluster, await cluster.openShell({ files: new Map(files) }));
  }

  async openCluster(exercise: Exercise | undefined, startMs: number): Promise<Cluster> {
    const { engine } = await this.#loadWorlds();
    const createCluster: Engine['createCluster'] = (options) => engine.createCluster({ ...options, startMs });
    if (exercise === undefined) return createCluster({ seed: 'kubedrill' });
    const started = this.start(exercise);
    if (!started.ok) this.#notices.push(started.error);
    // The worlds that are kept all started at the same moment.
    const { createWorlds } = await import('./runner/worlds.ts');
    return createWorlds({ ...engine, createCluster }, this.#onError).fork(exercise, this.#learnerId());
  }

  /** Looks at the files by the clock: editors replace files and folders vanish, which events of the system lose track of. */
  watch(exercise: Exercise, onChange: () => void): () => void {
    let digest = readAnswer(this.answersFolder, exercise).digest;
    const timer = setInterval(() => {
      const now = readAnswer(this.answersFolder, exercise).digest;
      if (now === digest) return;
      digest = now;
      onChange();
    }, watchIntervalMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  async #gradeAnswer(exercise: Exercise, answer: Answer): Promise<ExerciseResult> {
    try {
      const [{ gradeAnswer }, worlds] = await Promise.all([
        import('./runner/grade-answer.ts'),
        this.#loadWorlds(),
      ]);
      return await gradeAnswer(worlds, { exercise, learnerId: this.#learnerId(), answer });
    } catch (error) {
      this.#onError?.(error);
      return erroredResult(exercise, error instanceof Error ? error.message : String(error));
    }
  }

  /** A todo is seen from the files at any time, so nothing is written for it. */
  #remember(exercise: Exercise, digest: string, result: ExerciseResult): ExerciseResult {
    this.#results.set(exercise.id, result);
    if (result.status !== 'todo') {
      const { hintsTaken } = this.#progress.get(exercise.id);
      const { status, points } = result;
      this.#progress.set(exercise.id, { status, points, digest, hintsTaken });
    }
    return result;
  }

  #standing(exercise: Exercise): Pick<ExerciseEntry, 'status' | 'points'> {
    const answer = readAnswer(this.answersFolder, exercise);
    if (answer.isTodo) return { status: 'todo', points: 0 };
    const { status, points = 0, digest } = this.#progress.get(exercise.id);
    return status !== undefined && digest === answer.digest
      ? { status, points }
      : { status: 'changed', points: 0 };
  }

  #learnerId(): string {
    const id = readLearnerId(this.answersFolder);
    if (id.ok) return id.value ?? unknownLearner;
    this.#notices.push(id.error);
    return unknownLearner;
  }
}
