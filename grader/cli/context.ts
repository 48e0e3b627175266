/** What every command begins with: the language, the folder of answers, and a session on them. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Language } from '../../engine/index.ts';
import type { Localized } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { openSession, type Session } from '../session.ts';
import { type Io, UsageError } from './io.ts';
import { chooseLanguage } from './language.ts';

/** The options that commands share, as commander gives them. */
export interface CommonOptions {
  readonly lang?: string;
  readonly answers?: string;
}

/** What a command works with. */
export interface CommandContext {
  readonly io: Io;
  readonly language: Language;
  /** Prints one line. */
  print(line: string): void;
  openSession(): Promise<Session>;
}

/** Reads the common options. */
export function createContext(io: Io, options: CommonOptions): CommandContext {
  const language = chooseLanguage(options.lang, io.env);
  const answersFolder = resolve(io.cwd, options.answers ?? io.env.KUBEDRILL_ANSWERS ?? 'answers');
  return {
    io,
    language,
    print: (line) => io.writeStdout(`${line}\n`),
    openSession: async () => {
      if (statSync(answersFolder, { throwIfNoEntry: false })?.isDirectory() === false) {
        throw new UsageError(notAFolder(answersFolder)[language]);
      }
      return openSession({
        language,
        answersFolder,
        loadEngine: async () => (await import('../load-engine.ts')).loadEngine(),
        ...(io.env.KUBEDRILL_DEBUG === '1' ? { onError: (error) => printStack(io, error) } : {}),
      });
    },
  };
}

function notAFolder(path: string): Localized {
  return {
    ko: `${path}: 폴더가 아닙니다. 답을 둘 폴더를 --answers로 고르세요`,
    en: `${path} is not a folder: choose one for the answers with --answers`,
  };
}

/** The exercise named on the command line. @throws UsageError that names the nearest id. */
export function requireExercise(session: Session, id: string): Exercise {
  const found = session.find(id);
  if (!found.ok) throw new UsageError(found.error[session.language]);
  return found.value;
}

/** Tells on stderr what the session has to say besides its results. */
export function printNotices(context: CommandContext, session: Session): void {
  for (const notice of session.takeNotices()) context.io.writeStderr(`${notice[context.language]}\n`);
}

/** An error whole, for those who set KUBEDRILL_DEBUG. */
export function printStack(io: Io, error: unknown): void {
  io.writeStderr(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
