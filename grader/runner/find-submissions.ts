/** From the folders that an instructor names to the submissions in them. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Workbook } from '../exercise/workbook.ts';
import { learnerFile } from '../submission/learner.ts';

/** One submission: a folder of answers with the name under which it is listed. */
export interface Submission {
  readonly name: string;
  /** Undefined when the folder holds no answers. */
  readonly answersFolder: string | undefined;
}

/**
 * A folder is a folder of answers, or holds one named `answers`, or holds a folder for each submission, in the order of
 * their names. Undefined when it is none of these.
 */
export function findSubmissions(folder: string, workbook: Workbook): readonly Submission[] | undefined {
  const own = findAnswers(folder, workbook);
  if (own !== undefined) return [{ name: folder, answersFolder: own }];
  const inner = listFolders(folder).map((name) => ({
    name: join(folder, name),
    answersFolder: findAnswers(join(folder, name), workbook),
  }));
  return inner.some(({ answersFolder }) => answersFolder !== undefined) ? inner : undefined;
}

function findAnswers(folder: string, workbook: Workbook): string | undefined {
  if (isAnswersFolder(folder, workbook)) return folder;
  const below = join(folder, 'answers');
  const stat = lstatSync(below, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return undefined;
  return isAnswersFolder(below, workbook) || listFolders(below).length === 0 ? below : undefined;
}

/** Answers are told by their chapters, or by the learner's file. */
function isAnswersFolder(folder: string, workbook: Workbook): boolean {
  if (basename(folder) === 'answers' && statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    return true;
  const marks = [learnerFile, ...workbook.chapters.map((chapter) => chapter.id)];
  return marks.some((mark) => lstatSync(join(folder, mark), { throwIfNoEntry: false }) !== undefined);
}

function listFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
