/** What happens in the shell: it opens on the exercise's world, runs lines, and has the answer's files as they are saved. */
import type { Shell, ShellResult } from '../../../engine/index.ts';
import { isIncomplete } from '../../exercise/script.ts';
import type { Exercise } from '../../exercise/workbook.ts';
import { textOf } from '../state/input-line.ts';
import { openEntry } from '../state/state.ts';
import { uiTexts } from '../texts/texts.ts';
import type { EffectsOptions } from './exercise-effects.ts';
import { nextFrame } from './next-frame.ts';

export interface ShellEffects {
  /** Shows the shell of the open exercise, and opens it when it is not open yet. */
  enter(): void;
  /** Runs what was typed, or asks for the rest of it. Resolves when it has run; never rejects. */
  submit(): Promise<void>;
  /** Ends the line that runs, or drops the one being typed. */
  interrupt(): void;
  /** Closes the shell: the next one begins anew. */
  end(): void;
}

interface OpenShell {
  readonly exercise: Exercise;
  readonly opening: Promise<Shell>;
  /** The answer's files as the shell has them. */
  readonly copied: Map<string, string>;
  running: AbortController | undefined;
}

export function createShellEffects({ session, store }: Omit<EffectsOptions, 'cwd'>): ShellEffects {
  const texts = uiTexts[session.language];
  let open: OpenShell | undefined;

  function openFor(exercise: Exercise): OpenShell {
    if (open?.exercise === exercise) return open;
    open?.running?.abort();
    const opening = session.openShell(exercise);
    // A line that is run says why it could not be opened.
    opening.catch(() => {});
    open = { exercise, opening, copied: new Map(), running: undefined };
    store.dispatch({ type: 'shell-noted', text: texts.shellOpening });
    return open;
  }

  function enter(): void {
    const exercise = openEntry(store.get())?.exercise;
    if (exercise === undefined) return;
    store.dispatch({ type: 'viewed', view: 'shell' });
    openFor(exercise);
  }

  function end(): void {
    open?.running?.abort();
    open = undefined;
    store.dispatch({ type: 'shell-cleared' });
    store.dispatch({ type: 'viewed', view: 'task' });
  }

  /** Files saved since the last line are put in their place, wherever the shell's folder is now. */
  async function copyFiles({ exercise, copied }: OpenShell, shell: Shell): Promise<void> {
    for (const { path, text } of session.answer(exercise)) {
      if (text === undefined || copied.get(path) === text) continue;
      copied.set(path, text);
      await shell.writeFile(`${homeFolder}/${path}`, text);
    }
  }

  async function run(current: OpenShell, script: string): Promise<void> {
    const running = new AbortController();
    current.running = running;
    await nextFrame();
    const result = await runLine(current, script, running.signal);
    current.running = undefined;
    // Who left for another exercise meanwhile has another shell on screen.
    if (open === current && openEntry(store.get())?.exercise === current.exercise) {
      store.dispatch({ type: 'shell-printed', result });
    }
  }

  async function runLine(current: OpenShell, script: string, signal: AbortSignal): Promise<ShellResult> {
    try {
      const shell = await current.opening;
      await copyFiles(current, shell);
      return await shell.run(script, { signal });
    } catch (error) {
      // Source: bash(1): a command ended by signal N has the exit status 128+N; SIGINT is 2.
      if (signal.aborted) return { exitCode: 130, stdout: '', stderr: '^C\n' };
      return {
        exitCode: 1,
        stdout: '',
        stderr: `${error instanceof Error ? error.message : String(error)}\n`,
      };
    }
  }

  return {
    enter,
    end,
    async submit() {
      const { shell } = store.get();
      const exercise = openEntry(store.get())?.exercise;
      if (exercise === undefined) return;
      const current = openFor(exercise);
      const script = shell.pending + textOf(shell.input);
      const isUnfinished = isIncomplete(script);
      store.dispatch({ type: 'shell-submitted', isRun: !isUnfinished });
      if (isUnfinished) return;
      const word = script.trim();
      if (/^exit(\s+\d{1,3})?$/.test(word)) {
        store.dispatch({ type: 'shell-printed', result: nothing });
        return end();
      }
      if (word === '' || word === 'clear') {
        store.dispatch({ type: 'shell-printed', result: nothing });
        if (word === 'clear') store.dispatch({ type: 'shell-cleared' });
        return;
      }
      await run(current, script);
    },
    interrupt() {
      if (open?.running !== undefined) open.running.abort();
      else store.dispatch({ type: 'shell-abandoned' });
    },
  };
}

const nothing: ShellResult = { exitCode: 0, stdout: '', stderr: '' };
/** Where the engine's shell has the answer's files. */
const homeFolder = '/home/learner';
