/** What happens in the shell: it opens on the exercise's world, runs lines, and has the answer's files as they are saved. */
import type { Shell, ShellResult, ShellTerminal } from '../../../engine/index.ts';
import { isIncomplete } from '../../exercise/script.ts';
import type { Exercise } from '../../exercise/workbook.ts';
import { completeInput, listChoices } from '../../line-editor/complete-input.ts';
import { textOf } from '../../line-editor/input-line.ts';
import { bytesOfKey, isInterrupt, type KeyPress, takeLine } from '../../line-editor/key-press.ts';
import type { Result } from '../../result.ts';
import { ShellFiles } from '../../shell-files.ts';
import { openEntry } from '../state/state.ts';
import { uiTexts } from '../texts/texts.ts';
import type { EffectsOptions } from './exercise-effects.ts';
import { nextFrame } from './next-frame.ts';

/** A text for the person's editor, for which the screen has to be left. */
export interface WantedEdit {
  readonly path: string;
  readonly text: string;
  finish(edited: Result<string, string>): void;
}

export interface ShellEffects {
  /** Shows the shell of the open exercise, and opens it when it is not open yet. */
  enter(): void;
  /**
   * Runs what was typed, or asks for the rest of it. Resolves when it has run, with the keys that came meanwhile and that no
   * program read: they are for the next prompt. Never rejects.
   *
   * @param leave leaves the screen, so that {@link ShellEffects.takeWantedEdit} can be seen to.
   */
  submit(leave: () => void): Promise<readonly KeyPress[]>;
  /** Tab. The list of choices is made for so many columns. */
  complete(columns: number): Promise<void>;
  /** Ends the line that runs, or drops the one being typed. */
  interrupt(): void;
  /** Keeps a key for the line that runs in the shell on screen; false when there is none, or the key is not for it. */
  take(key: KeyPress): boolean;
  takeWantedEdit(): WantedEdit | undefined;
  /** Closes the shell: the next one begins anew. */
  end(): void;
}

interface RunningLine {
  readonly interrupt: AbortController;
  /** What was typed since a program last read. */
  keys: KeyPress[];
  /** Whether one has read: Ctrl-C is its key then. */
  reads: boolean;
}

interface OpenShell {
  readonly exercise: Exercise;
  readonly opening: Promise<Shell>;
  readonly files: ShellFiles;
  running: RunningLine | undefined;
}

/** How often a watched line is looked at. */
const tickMs = 50;

export function createShellEffects({ session, store }: Omit<EffectsOptions, 'cwd'>): ShellEffects {
  const texts = uiTexts[session.language];
  let open: OpenShell | undefined;
  let wantedEdit: WantedEdit | undefined;
  let hasHistory = false;

  function openFor(exercise: Exercise): OpenShell {
    if (open?.exercise === exercise) return open;
    open?.running?.interrupt.abort();
    const opening = session.openShell(exercise);
    // A line that is run says why it could not be opened.
    opening.catch(() => {});
    open = { exercise, opening, files: new ShellFiles(session, exercise), running: undefined };
    store.dispatch({ type: 'shell-noted', text: texts.shellOpening });
    if (!hasHistory) store.dispatch({ type: 'shell-history', lines: session.shellHistory() });
    hasHistory = true;
    void showPlace(open).catch(() => {});
    return open;
  }

  function isShown(current: OpenShell): boolean {
    return open === current && openEntry(store.get())?.exercise === current.exercise;
  }

  async function showPlace(current: OpenShell): Promise<void> {
    const place = await (await current.opening).place();
    if (isShown(current)) store.dispatch({ type: 'shell-placed', place });
  }

  function end(): void {
    open?.running?.interrupt.abort();
    open = undefined;
    store.dispatch({ type: 'shell-cleared' });
    store.dispatch({ type: 'viewed', view: 'task' });
  }

  /** The screen as a terminal for one line. */
  function terminalFor(current: OpenShell, line: RunningLine, leave: () => void): ShellTerminal {
    return {
      print: (kind, text) => {
        if (isShown(current)) store.dispatch({ type: 'shell-streamed', kind, text });
      },
      async pause() {
        const beganMs = performance.now();
        await new Promise((resolve) => {
          setTimeout(resolve, tickMs);
        });
        return performance.now() - beganMs;
      },
      editText: (path, text) =>
        new Promise((resolve) => {
          wantedEdit = { path, text, finish: resolve };
          leave();
        }),
      input: {
        // The screen has no line of its own for input: every program gets the keys, and shows them itself if it has a terminal.
        read(as) {
          line.reads = true;
          const keys = takeLine(line.keys).map(bytesOfKey).join('');
          const typed = as === 'keys' ? keys : keys.replaceAll('\r', '\n');
          if (as === 'lines' && typed !== '' && isShown(current)) {
            store.dispatch({ type: 'shell-streamed', kind: 'stdout', text: typed });
          }
          return new TextEncoder().encode(typed);
        },
        isEnded: () => false,
      },
    };
  }

  async function run(current: OpenShell, script: string, leave: () => void): Promise<readonly KeyPress[]> {
    const line: RunningLine = { interrupt: new AbortController(), keys: [], reads: false };
    current.running = line;
    await nextFrame();
    const result = await runLine(current, script, { line, terminal: terminalFor(current, line, leave) });
    current.running = undefined;
    // Who left for another exercise meanwhile has another shell on screen.
    if (!isShown(current)) return [];
    store.dispatch({ type: 'shell-printed', result });
    await showPlace(current).catch(() => {});
    return line.keys;
  }

  async function runLine(
    { opening, files }: OpenShell,
    script: string,
    { line, terminal }: { readonly line: RunningLine; readonly terminal: ShellTerminal },
  ): Promise<ShellResult> {
    const { signal } = line.interrupt;
    try {
      const shell = await opening;
      await files.bringIn(shell);
      const result = await shell.run(script, { signal, terminal });
      const told = await files.takeOut(shell);
      const notes = told.map((note) => `${note[session.language]}\n`).join('');
      return { ...result, stderr: result.stderr + (signal.aborted ? '^C\n' : '') + notes };
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
    enter() {
      const exercise = openEntry(store.get())?.exercise;
      if (exercise === undefined) return;
      store.dispatch({ type: 'viewed', view: 'shell' });
      openFor(exercise);
    },
    end,
    async complete(columns) {
      const exercise = openEntry(store.get())?.exercise;
      if (exercise === undefined) return;
      try {
        const current = openFor(exercise);
        const shell = await current.opening;
        await current.files.bringIn(shell);
        const { input } = store.get().shell;
        const completed = completeInput(input, await shell.complete(input.before));
        const rows = completed.choices.length === 0 ? [] : listChoices(completed.choices, columns);
        store.dispatch({ type: 'shell-completed', input: completed.input, rows });
      } catch {
        // A word that can't be completed stays as it is.
      }
    },
    async submit(leave) {
      const { shell } = store.get();
      const exercise = openEntry(store.get())?.exercise;
      if (exercise === undefined) return [];
      const current = openFor(exercise);
      const script = shell.pending + textOf(shell.input);
      const word = script.trim();
      const isUnfinished = word !== '' && isIncomplete(script);
      store.dispatch({ type: 'shell-submitted', isRun: !isUnfinished });
      session.keepShellHistory(store.get().shell.input.history);
      if (isUnfinished) return [];
      if (/^exit(\s+\d{1,3})?$/.test(word)) {
        store.dispatch({ type: 'shell-printed', result: nothing });
        end();
        return [];
      }
      if (word === '' || word === 'clear') {
        store.dispatch({ type: 'shell-printed', result: nothing });
        if (word === 'clear') store.dispatch({ type: 'shell-cleared' });
        return [];
      }
      return run(current, script, leave);
    },
    take(key) {
      const running = open?.running;
      if (running === undefined || store.get().view !== 'shell') return false;
      if (key.kind === 'escape' || key.kind === 'page-up' || key.kind === 'page-down') return false;
      if (isInterrupt(key) && !running.reads) return false;
      running.keys.push(key);
      return true;
    },
    takeWantedEdit() {
      const wanted = wantedEdit;
      wantedEdit = undefined;
      return wanted;
    },
    interrupt() {
      if (open?.running !== undefined) {
        // As a terminal drops what was typed ahead of Ctrl-C. Source: termios(3), NOFLSH.
        open.running.keys.length = 0;
        open.running.interrupt.abort();
      } else store.dispatch({ type: 'shell-abandoned' });
    },
  };
}

const nothing: ShellResult = { exitCode: 0, stdout: '', stderr: '' };
