/** Making answers from starters, and putting a starter back. A learner's file is never overwritten nor lost. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Localized } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { err, ok, type Result } from '../result.ts';
import { readStarter } from './answer.ts';
import { learnerFile, newLearnerText } from './learner.ts';
import { errorCode, readFileBelow } from './read-file.ts';

/** The folder, beside the answers, in which `reset` keeps what it replaces. */
const keptFolder = '.kept';

/** Makes the files that are not there yet, `learner.yaml` among them. Gives the paths made, below the folder of answers. */
export function startAnswer(
  answersFolder: string,
  exercise: Exercise,
): Result<{ readonly made: readonly string[] }, Localized> {
  const wanted = new Map([[learnerFile, newLearnerText()]]);
  for (const [path, text] of readStarter(exercise)) wanted.set(`${exercise.path}/${path}`, text);
  const made: string[] = [];
  for (const [path, text] of wanted) {
    const file = join(answersFolder, path);
    try {
      const blocked = linkAbove(answersFolder, path);
      if (blocked !== undefined) return err(notWritable(blocked, 'symlink'));
      mkdirSync(dirname(file), { recursive: true });
      // `wx` refuses whatever stands there already, a dangling link included.
      writeFileSync(file, text, { flag: 'wx' });
      made.push(path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return err(notWritable(file, errorCode(error)));
    }
  }
  return ok({ made });
}

/** Puts the starter's files back; what was there moves into a numbered folder under `.kept`. */
export function resetAnswer(
  answersFolder: string,
  exercise: Exercise,
): Result<{ readonly keptIn: string | undefined }, Localized> {
  const folder = join(answersFolder, exercise.path);
  let keptIn: string | undefined;
  if (existsSync(folder)) {
    const keep = join(answersFolder, keptFolder, exercise.path);
    try {
      const blocked =
        linkAbove(answersFolder, `${exercise.path}/x`) ??
        linkAbove(answersFolder, `${keptFolder}/${exercise.path}/x`);
      if (blocked !== undefined) return err(notWritable(blocked, 'symlink'));
      mkdirSync(keep, { recursive: true });
      keptIn = join(keep, String(nextNumber(keep)));
      renameSync(folder, keptIn);
    } catch (error) {
      return err(notWritable(keep, errorCode(error)));
    }
  }
  const started = startAnswer(answersFolder, exercise);
  return started.ok ? ok({ keptIn }) : started;
}

/** A file of an answer that was changed somewhere else than on disk. */
export interface ChangedFile {
  /** As exercise.yaml declares it. */
  readonly path: string;
  readonly text: string;
  /** What stood on disk when the change began. */
  readonly before: string | undefined;
}

/** Writes a changed file back. One that was changed on disk meanwhile moves into a numbered folder under `.kept`. */
export function saveAnswerFile(
  answersFolder: string,
  exercise: Exercise,
  { path, text, before }: ChangedFile,
): Result<{ readonly keptIn: string | undefined }, Localized> {
  const below = `${exercise.path}/${path}`;
  const file = join(answersFolder, below);
  const read = readFileBelow(answersFolder, below);
  if (read.ok && read.value === text) return ok({ keptIn: undefined });
  try {
    const blocked = linkAbove(answersFolder, below);
    if (blocked !== undefined) return err(notWritable(blocked, 'symlink'));
    if (!read.ok && !read.error.missing) return err(read.error.why);
    let keptIn: string | undefined;
    if (read.ok && read.value !== before) {
      const keep = join(answersFolder, keptFolder, exercise.path);
      if (linkAbove(answersFolder, `${keptFolder}/${exercise.path}/x`) !== undefined) {
        return err(notWritable(keep, 'symlink'));
      }
      mkdirSync(keep, { recursive: true });
      keptIn = join(keep, String(nextNumber(keep)), path);
      mkdirSync(dirname(keptIn), { recursive: true });
      renameSync(file, keptIn);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return ok({ keptIn });
  } catch (error) {
    return err(notWritable(file, errorCode(error)));
  }
}

function nextNumber(folder: string): number {
  return (
    Math.max(0, ...readdirSync(folder).map((name) => (/^[0-9]{1,9}$/.test(name) ? Number(name) : 0))) + 1
  );
}

/** A link on the way would carry our writing out of the folder. */
function linkAbove(folder: string, path: string): string | undefined {
  let at = folder;
  for (const segment of path.split('/').slice(0, -1)) {
    at = join(at, segment);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return at;
  }
  return undefined;
}

function notWritable(file: string, code: string): Localized {
  return {
    ko: `${file}에 쓸 수 없습니다 (${code}): 권한을 살피거나 --answers로 다른 폴더를 고르세요`,
    en: `can't write ${file} (${code}): look at its permissions, or choose another folder with --answers`,
  };
}
