/** What every command begins with: the language, the folder of answers, and a session on them. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Language } from '../../engine/index.ts';
import { findWorkbookRoot } from '../exercise/load-workbook.ts';
import type { Localized } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { openSession, type Session } from '../session.ts';
import { type Io, UsageError } from './io.ts';
import { chooseLanguage } from './language.ts';

/** The options that commands share, as commander gives them. */
export interface CommonOptions {
  readonly lang?: string;
  readonly answers?: string;
  readonly workbook?: string;
}

/** What a command works with. */
export interface CommandContext {
  readonly io: Io;
  readonly language: Language;
  /**
   * The absolute folder that holds `chapters` and `solutions`.
   *
   * @throws UsageError when the one named does not, unless it `mayBeNew`.
   */
  workbookRoot(options?: { readonly mayBeNew: boolean }): string;
  /** Prints one line. */
  print(line: string): void;
  openSession(): Promise<Session>;
}

/** Reads the common options. */
export function createContext(io: Io, options: CommonOptions): CommandContext {
  const language = chooseLanguage(options.lang, io.env);
  const answersFolder = resolve(io.cwd, options.answers ?? io.env.KUBEDRILL_ANSWERS ?? 'answers');
  const workbookRoot: CommandContext['workbookRoot'] = ({ mayBeNew } = { mayBeNew: false }) => {
    const named = options.workbook ?? io.env.KUBEDRILL_WORKBOOK;
    if (named === undefined) return findWorkbookRoot();
    const root = resolve(io.cwd, named);
    if (mayBeNew || isFolder(join(root, 'chapters'))) return root;
    throw new UsageError(noWorkbook(named)[language]);
  };
  return {
    io,
    language,
    workbookRoot,
    print: (line) => io.writeStdout(`${line}\n`),
    openSession: async () => {
      if (existsSync(answersFolder) && !isFolder(answersFolder)) {
        throw new UsageError(notAFolder(answersFolder)[language]);
      }
      return openSession({
        root: workbookRoot(),
        language,
        answersFolder,
        loadEngine: async () => (await import('../load-engine.ts')).loadEngine(),
        ...(io.env.KUBEDRILL_DEBUG === '1' ? { onError: (error) => printStack(io, error) } : {}),
      });
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function noWorkbook(path: string): Localized {
  return {
    ko: `${path}에 chapters 폴더가 없습니다: 문제집 폴더를 --workbook으로 고르세요`,
    en: `${path} holds no folder chapters: name the folder of a workbook with --workbook`,
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
