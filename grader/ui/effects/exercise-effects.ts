/** What happens to exercises: opening, grading, hints, resets. Reads and writes through the session, tells the store. */
import { isAbsolute, relative } from 'node:path';
import type { Exercise } from '../../exercise/workbook.ts';
import type { Session } from '../../session.ts';
import type { Message, PageFile } from '../state/state.ts';
import type { Store } from '../state/store.ts';
import { uiTexts } from '../texts/texts.ts';
import { nextFrame } from './next-frame.ts';

export interface ExerciseEffects {
  /** Opens the exercise at a position: makes its files, watches them, grades them. */
  open(index: number): void;
  /** Opens the one so many further on, where there is one. */
  openBeside(step: 1 | -1): void;
  takeHint(): void;
  reset(): void;
  /** Looks at the files again and grades them. */
  regrade(): void;
  tell(message: Message): void;
  /** Ends watching. */
  stop(): void;
}

/** What effects work on. `cwd` is what paths are shown relative to. */
export interface EffectsOptions {
  readonly session: Session;
  readonly store: Store;
  readonly cwd: string;
}

/** Whatever is thrown on the way becomes one line on screen: nothing rejects. */
export function createExerciseEffects(options: EffectsOptions): ExerciseEffects {
  const { session, store, cwd } = options;
  const texts = uiTexts[session.language];
  const grading = new Grading(options, tellNotices);
  let stopWatching = () => {};

  function tell(message: Message): void {
    store.dispatch({ type: 'told', message });
  }

  function tellNotices(): void {
    for (const notice of session.takeNotices()) tell({ tone: 'bad', text: notice[session.language] });
  }

  function guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      tell({ tone: 'bad', text: texts.problem(error instanceof Error ? error.message : String(error)) });
    }
  }

  function show(file: string): string {
    return showPath(cwd, file);
  }

  function filesOf(exercise: Exercise): readonly PageFile[] {
    return session.answer(exercise).map((state) => ({ ...state, shownAs: show(state.file) }));
  }

  function openExercise(): Exercise | undefined {
    const { entries, page } = store.get();
    return entries[page.index]?.exercise;
  }

  function open(index: number): void {
    const entry = store.get().entries[index];
    if (entry === undefined) return;
    const { exercise, section } = entry;
    stopWatching();
    stopWatching = () => {};
    const started = session.start(exercise);
    const chapter = session.workbook.chapters.find(({ sections }) => sections.includes(section));
    store.dispatch({
      type: 'opened',
      page: {
        index,
        chapter: chapter?.title[session.language] ?? '',
        task: session.task(exercise),
        debrief: session.debrief(exercise),
        lesson: session.lesson(section),
        files: filesOf(exercise),
        hints: session.hints(exercise),
        result: session.lastResult(exercise),
      },
      entries: session.entries(),
    });
    if (!started.ok) tell({ tone: 'bad', text: started.error[session.language] });
    stopWatching = session.watch(exercise, () => guard(() => lookAgain(exercise)));
    grading.want(index, false);
  }

  function lookAgain(exercise: Exercise): void {
    store.dispatch({ type: 'refreshed', page: { files: filesOf(exercise) }, entries: session.entries() });
    grading.want(store.get().page.index, true);
  }

  return {
    open: (index) => guard(() => open(index)),
    openBeside: (step) =>
      guard(() => {
        const { entries, page } = store.get();
        const index = page.index + step;
        if (entries[index] !== undefined) return open(index);
        tell({ tone: 'plain', text: step > 0 ? texts.noNext : texts.noPrevious });
      }),
    takeHint: () =>
      guard(() => {
        const exercise = openExercise();
        if (exercise === undefined) return;
        const hint = session.takeHint(exercise);
        if (hint === undefined) tell({ tone: 'plain', text: texts.noMoreHints });
        store.dispatch({
          type: 'refreshed',
          page: { hints: session.hints(exercise) },
          entries: session.entries(),
        });
        store.dispatch({ type: 'viewed', view: 'task' });
        store.dispatch({ type: 'scrolled', top: 'hints' });
        tellNotices();
      }),
    reset: () =>
      guard(() => {
        const exercise = openExercise();
        if (exercise === undefined) return;
        const reset = session.reset(exercise);
        if (!reset.ok) return tell({ tone: 'bad', text: reset.error[session.language] });
        const { keptIn } = reset.value;
        lookAgain(exercise);
        tell({ tone: 'plain', text: texts.resetDone(keptIn === undefined ? undefined : show(keptIn)) });
      }),
    regrade: () =>
      guard(() => {
        const exercise = openExercise();
        if (exercise !== undefined) lookAgain(exercise);
      }),
    tell,
    stop: () => stopWatching(),
  };
}

/** As a person would type it: relative below the current folder, otherwise whole. */
function showPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** One grading at a time; of those wanted meanwhile only the last matters. */
class Grading {
  readonly #options: EffectsOptions;
  readonly #tellNotices: () => void;
  #wanted: { readonly index: number; readonly isNews: boolean } | undefined;
  #isRunning = false;

  constructor(options: EffectsOptions, tellNotices: () => void) {
    this.#options = options;
    this.#tellNotices = tellNotices;
  }

  want(index: number, isNews: boolean): void {
    this.#wanted = { index, isNews };
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      try {
        await this.#grade(next.index, next.isNews);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const text = uiTexts[this.#options.session.language].problem(why);
        this.#options.store.dispatch({ type: 'told', message: { tone: 'bad', text } });
      }
    }
    this.#isRunning = false;
  }

  #take() {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  async #grade(index: number, isNews: boolean): Promise<void> {
    const { session, store } = this.#options;
    const entry = store.get().entries[index];
    if (entry === undefined) return;
    if (entry.status !== 'todo') {
      store.dispatch({ type: 'grading-began' });
      // Grading keeps the thread busy: what says so must be on screen before.
      await nextFrame();
    }
    const result = await session.grade(entry.exercise);
    store.dispatch({ type: 'graded', index, result, entries: session.entries(), isNews });
    this.#tellNotices();
  }
}
