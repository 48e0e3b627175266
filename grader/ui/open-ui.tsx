/** The UI as a whole: a session on a terminal, from the first frame to the last. */
import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import { editText, type RunEditor } from '../edit-text.ts';
import { err } from '../result.ts';
import type { Session } from '../session.ts';
import { App } from './components/app.tsx';
import { createWorkbench, type Workbench } from './effects/workbench.ts';
import { uiTexts } from './texts/texts.ts';

export interface UiOptions {
  readonly session: Session;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** What paths are shown relative to. */
  readonly cwd: string;
  readonly hasColour: boolean;
  /** Lets the person edit files and resolves when that is over, with why it could not be done. Absent where no editor is set. */
  readonly edit: RunEditor | undefined;
}

/** Source: xterm's control sequences, DECSET 1049: the alternate screen, which leaves no trace in the scrollback. */
const enterScreen = '\u001b[?1049h\u001b[H';
const leaveScreen = '\u001b[?1049l';

/** Shows the workbook until the person quits. */
export async function openUi(options: UiOptions): Promise<void> {
  const workbench = createWorkbench(options.session, options.cwd);
  try {
    workbench.begin();
    for (;;) {
      const why = await show(workbench, options);
      if (why === 'edit') await edit(workbench, options);
      else if (why === 'edit-text') await editForShell(workbench, options);
      else return;
    }
  } finally {
    workbench.stop();
  }
}

/** Draws until the screen is left. */
async function show({ store, keyboard }: Workbench, options: UiOptions): Promise<unknown> {
  const { stdin, stdout, hasColour } = options;
  let isOpen = true;
  const leave = () => {
    if (isOpen) stdout.write(leaveScreen);
    isOpen = false;
  };
  stdout.write(enterScreen);
  try {
    // Without incrementalRendering: that of Ink 6.8 begins one row too low.
    const instance = render(
      <App store={store} keyboard={keyboard} hasColour={hasColour} onUnmount={leave} />,
      { stdin, stdout, exitOnCtrlC: false },
    );
    return await instance.waitUntilExit();
  } finally {
    leave();
  }
}

/** The editor has the terminal to itself: Ink is gone, and nothing reads the keys. */
async function edit(workbench: Workbench, { edit: run, stdin, session }: UiOptions): Promise<void> {
  const { store, exercises } = workbench;
  const texts = uiTexts[session.language];
  const { files } = store.get().page;
  const shown = files.map(({ shownAs }) => shownAs).join(' ');
  if (run === undefined) return exercises.tell({ tone: 'bad', text: texts.noEditor(shown) });
  await rest(stdin);
  const edited = await run(files.map(({ file }) => file));
  if (!edited.ok) return exercises.tell({ tone: 'bad', text: texts.editorFailed(edited.error, shown) });
  exercises.regrade();
}

/** The same for a text of the shell: `vi`, `kubectl edit`. */
async function editForShell({ shell }: Workbench, { edit: run, stdin, session }: UiOptions): Promise<void> {
  const wanted = shell.takeWantedEdit();
  if (wanted === undefined) return;
  if (run === undefined) return wanted.finish(err(uiTexts[session.language].noEditor(wanted.path)));
  await rest(stdin);
  wanted.finish(await editText(run, wanted.path, wanted.text));
}

/** Lets go of what Ink left half read, so that the editor has every key. */
async function rest(stdin: ReadStream): Promise<void> {
  stdin.resume();
  await new Promise(setImmediate);
  stdin.pause();
  await new Promise(setImmediate);
}
