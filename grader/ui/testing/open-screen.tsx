/** The UI on a screen in memory, on the small workbook and the real engine. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { expect, onTestFinished } from 'vitest';
import type { Language } from '../../../engine/index.ts';
import { loadEngine } from '../../load-engine.ts';
import { openSession, type Session } from '../../session.ts';
import { smallWorkbook } from '../../testing/small-workbook.ts';
import { makeFolder } from '../../testing/temporary-folder.ts';
import { App } from '../components/app.tsx';
import type { Size } from '../documents/layout.ts';
import { createWorkbench, type Workbench } from '../effects/workbench.ts';

export interface Screen {
  readonly session: Session;
  readonly workbench: Workbench;
  /** The folder of answers. */
  readonly answers: string;
  /** What is on screen, without colours and without spaces at the ends of lines. */
  frame(): string;
  /** Sends what a terminal sends for keys. */
  press(...keys: readonly string[]): Promise<void>;
  /** Waits until the screen holds a text. */
  shows(text: string): Promise<void>;
  /** Writes the first exercise's file. */
  write(text: string): void;
  resize(size: Size): Promise<void>;
}

/** What terminals send. */
export const keys = {
  enter: '\r',
  escape: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  pageDown: '\u001b[6~',
  end: '\u001b[F',
  tab: '\t',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
} as const;

export interface ScreenOptions {
  readonly size?: Size;
  readonly language?: Language;
  /** Files below the folder of answers. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files of the workbook in place of, or besides, the small one's. */
  readonly workbook?: Readonly<Record<string, string>>;
  readonly answersFolder?: string;
}

/** Opens the UI; it is gone when the test is. */
export async function openScreen(options: ScreenOptions = {}): Promise<Screen> {
  const answers = options.answersFolder ?? makeFolder(options.files ?? {});
  const session = await openSession({
    root: makeFolder({ ...smallWorkbook, ...options.workbook }),
    answersFolder: answers,
    language: options.language ?? 'en',
    loadEngine,
  });
  const workbench = createWorkbench(session, answers);
  workbench.begin();
  const { stdin, stdout, lastFrame, unmount } = render(
    <App store={workbench.store} keyboard={workbench.keyboard} hasColour={false} />,
  );
  onTestFinished(() => {
    unmount();
    workbench.stop();
  });
  const frame = () => stripVTControlCharacters(lastFrame() ?? '').replaceAll(/ +$/gm, '');
  const resize = async ({ columns, rows }: Size) => {
    Object.defineProperty(stdout, 'columns', { value: columns, configurable: true });
    Object.defineProperty(stdout, 'rows', { value: rows, configurable: true });
    stdout.emit('resize');
    await settle();
  };
  await resize(options.size ?? { columns: 60, rows: 16 });
  return {
    session,
    workbench,
    answers,
    frame,
    resize,
    async press(...pressed) {
      for (const key of pressed) {
        stdin.write(key);
        await settle();
      }
    },
    shows: (text) => expect.poll(frame, { timeout: 30_000, interval: 20 }).toContain(text),
    write: (text) => writeFileSync(join(answers, '01-first/01-services/give-it-a-name/service.yaml'), text),
  };
}

/** Lets Ink parse what was sent, a lone Esc included, and draw. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 30);
  });
}
