/** An answer: the files of one exercise in somebody's folder of answers, read as they are. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AnswerFile, Localized } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { readFileBelow } from './read-file.ts';

/** One declared file. Exactly one of `text`, `missing` and `problem` speaks. */
export interface AnswerFileState extends AnswerFile {
  readonly text?: string;
  readonly missing?: true;
  readonly problem?: Localized;
}

/** What somebody handed in for one exercise. */
export interface Answer {
  /** In the order of exercise.yaml. */
  readonly files: readonly AnswerFileState[];
  /** Whether every file is missing or still the starter's. */
  readonly isTodo: boolean;
  /** Changes whenever a file does. */
  readonly digest: string;
}

/** Reads the declared files of an exercise below a folder of answers; nothing else in it is looked at. */
export function readAnswer(answersFolder: string, exercise: Exercise): Answer {
  return readAnswerIn(answersFolder, exercise.path, exercise);
}

/** The same where the files stand somewhere else than at the exercise's own path: `solution`, `wrong/<name>`. */
export function readAnswerIn(folder: string, below: string, exercise: Exercise): Answer {
  const files = exercise.definition.files.map(({ path, role }): AnswerFileState => {
    const read = readFileBelow(folder, below === '' ? path : `${below}/${path}`);
    if (read.ok) return { path, role, text: read.value };
    return read.error.missing ? { path, role, missing: true } : { path, role, problem: read.error.why };
  });
  return { files, isTodo: files.every((file) => isUntouched(exercise, file)), digest: digestOf(files) };
}

/** The starter's files by path; a file without a starter is not among them. */
export function readStarter(exercise: Exercise): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { path } of exercise.definition.files) {
    const read = readFileBelow(join(exercise.folder, 'starter'), path);
    if (read.ok) files.set(path, read.value);
  }
  return files;
}

function isUntouched(exercise: Exercise, file: AnswerFileState): boolean {
  if (file.problem !== undefined) return false;
  if (file.text === undefined) return true;
  const starter = readFileBelow(join(exercise.folder, 'starter'), file.path);
  return starter.ok && normalised(starter.value) === normalised(file.text);
}

/** Editors and git may change line ends without anybody having worked on the file. */
function normalised(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/\n*$/, '\n');
}

function digestOf(files: readonly AnswerFileState[]): string {
  const state = files.map((file) => [file.path, file.text ?? null, file.problem?.en ?? null]);
  return createHash('sha256').update(JSON.stringify(state)).digest('base64url');
}
