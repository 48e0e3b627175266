/**
 * The answer's files in a shell: what is saved on disk comes into the shell before each line, and what a line changed goes
 * back to disk. Other files in the shell's folder stay there.
 */
import type { Shell } from '../engine/index.ts';
import type { Localized } from './exercise/schema.ts';
import type { Exercise } from './exercise/workbook.ts';
import type { Session } from './session.ts';

/** Where the engine's shell has the answer's files. */
const homeFolder = '/home/learner';

/** The answer's files on both sides. */
export class ShellFiles {
  readonly #session: Session;
  readonly #exercise: Exercise;
  /** What both sides had when they were last alike, by path. */
  readonly #known = new Map<string, string>();

  constructor(session: Session, exercise: Exercise) {
    this.#session = session;
    this.#exercise = exercise;
  }

  /** Puts what was saved since the last line into its place, wherever the shell's folder is now. */
  async bringIn(shell: Shell): Promise<void> {
    for (const { path, text } of this.#session.answer(this.#exercise)) {
      if (text === undefined || this.#known.get(path) === text) continue;
      this.#known.set(path, text);
      await shell.writeFile(`${homeFolder}/${path}`, text);
    }
  }

  /** Writes what a line changed. Gives what is to be told: what was kept, what could not be written. */
  async takeOut(shell: Shell): Promise<readonly Localized[]> {
    const told: Localized[] = [];
    for (const { path } of this.#session.answer(this.#exercise)) {
      const text = await shell.readFile(`${homeFolder}/${path}`);
      const before = this.#known.get(path);
      if (text === undefined || text === before) continue;
      const saved = this.#session.saveFile(this.#exercise, { path, text, before });
      this.#known.set(path, text);
      if (!saved.ok) told.push(saved.error);
      else if (saved.value.keptIn !== undefined) told.push(kept(path, saved.value.keptIn));
    }
    return told;
  }
}

function kept(path: string, keptIn: string): Localized {
  return {
    ko: `${path}는 셸 밖에서도 바뀌었습니다. 밖의 내용은 ${keptIn}에 남겨 두었습니다`,
    en: `${path} was changed outside of the shell, too; what was there is kept in ${keptIn}`,
  };
}
