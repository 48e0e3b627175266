/** `kubedrill new [CHAPTER/]SECTION/ID`: the files of a new exercise, ready to be written over. */

import type { ExercisePlace } from '../../authoring/lay-out-exercise.ts';
import { loadWorkbook } from '../../exercise/load-workbook.ts';
import { nearest } from '../../exercise/nearest.ts';
import type { Localized } from '../../exercise/schema.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, UsageError } from '../io.ts';

const word = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Makes the files and prints their paths. A chapter is needed only where the section is a new one. */
export async function runNew(context: CommandContext, place: string): Promise<number> {
  const root = context.workbookRoot({ mayBeNew: true });
  const parts = place.split('/');
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => word.test(part))) {
    throw new UsageError(badPlace(place)[context.language]);
  }
  const { layOutExercise } = await import('../../authoring/lay-out-exercise.ts');
  const made = layOutExercise(root, await findPlace(context, root, parts));
  if (!made.ok) throw new UsageError(made.error[context.language]);
  for (const path of made.value) context.print(path);
  return exitCodes.ok;
}

async function findPlace(
  context: CommandContext,
  root: string,
  parts: readonly string[],
): Promise<ExercisePlace> {
  const [first = '', second = '', third] = parts;
  if (third !== undefined) return { chapter: first, section: second, id: third };
  const { workbook } = await loadWorkbook(root);
  const chapter = workbook.chapters.find(({ sections }) => sections.some(({ id }) => id === first));
  if (chapter !== undefined) return { chapter: chapter.id, section: first, id: second };
  const sections = workbook.chapters.flatMap((known) => known.sections.map(({ id }) => id));
  throw new UsageError(unknownSection(first, nearest(first, sections))[context.language]);
}

function badPlace(place: string): Localized {
  return {
    ko: `"${place}": SECTION/ID 또는 CHAPTER/SECTION/ID로, 소문자 단어를 하이픈으로 이어 쓰세요`,
    en: `"${place}": write SECTION/ID or CHAPTER/SECTION/ID, each lower-case words joined by hyphens`,
  };
}

function unknownSection(section: string, meant: string | undefined): Localized {
  return {
    ko: `"${section}"라는 절이 없습니다. ${meant === undefined ? '새 절은 CHAPTER/SECTION/ID로 만드세요' : `"${meant}"인가요?`}`,
    en: `there is no section "${section}"; ${meant === undefined ? 'make a new one with CHAPTER/SECTION/ID' : `did you mean "${meant}"?`}`,
  };
}
