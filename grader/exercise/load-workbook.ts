/** Reading the workbook's folders into a {@link Workbook}, with every problem found on the way. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createDefinitionReader,
  type DefinitionReader,
  type Definitions,
  readCompiledDefinitions,
} from './definitions.ts';
import { nearest } from './nearest.ts';
import type { ContentProblem } from './problem.ts';
import type { ChapterDefinition, Localized } from './schema.ts';
import type { Chapter, Exercise, Section, Workbook } from './workbook.ts';

/** A workbook as far as it could be read: what has problems is left out of it. */
export interface LoadedWorkbook {
  readonly workbook: Workbook;
  readonly problems: readonly ContentProblem[];
}

/** The folder that this package stands in: the first above this module that holds `package.json` and `chapters`. */
export function findWorkbookRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'chapters'))) return folder;
    if (dirname(folder) === folder)
      throw new Error(`no folder above ${from} holds package.json and chapters`);
  }
}

/**
 * Loads every chapter under `root`/chapters, in the order of their folders' names; sections and exercises in the order of
 * chapter.yaml.
 */
export async function loadWorkbook(
  root: string,
  read: DefinitionReader = createDefinitionReader(readCompiledDefinitions()),
): Promise<LoadedWorkbook> {
  const loader = new WorkbookLoader(root, read);
  const chaptersFolder = join(root, 'chapters');
  const names = existsSync(chaptersFolder)
    ? readdirSync(chaptersFolder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => entry.name)
        .sort()
    : [];
  const chapters: Chapter[] = [];
  for (const name of names) {
    const chapter = await loader.chapter(join(chaptersFolder, name), name);
    if (chapter !== undefined) chapters.push(chapter);
  }
  const exercises = chapters.flatMap((chapter) => chapter.sections.flatMap((section) => section.exercises));
  loader.checkIds(exercises);
  return { workbook: { root, chapters, exercises }, problems: loader.problems };
}

class WorkbookLoader {
  readonly problems: ContentProblem[] = [];
  readonly #root: string;
  readonly #read: DefinitionReader;
  /** Ids as chapters list them: a needed exercise that is broken itself is not unknown. */
  readonly #listed = new Set<string>();

  constructor(root: string, read: DefinitionReader) {
    this.#root = root;
    this.#read = read;
  }

  async chapter(folder: string, name: string): Promise<Chapter | undefined> {
    const file = join(folder, 'chapter.yaml');
    const definition = await this.#definition('chapter', file);
    if (definition === undefined) return undefined;
    if (definition.id !== name) this.#idIsNotFolder(file, definition.id, name);
    const sections: Section[] = [];
    for (const section of definition.sections) {
      sections.push(await this.#section(join(folder, section.id), name, section));
    }
    const glossary = await this.#glossary(folder, sections);
    return { id: definition.id, title: definition.title, folder, sections, glossary };
  }

  /** Ids must be unique in the workbook, and what an exercise needs must exist. */
  checkIds(exercises: readonly Exercise[]): void {
    const first = new Map<string, Exercise>();
    for (const exercise of exercises) {
      const other = first.get(exercise.id);
      if (other === undefined) first.set(exercise.id, exercise);
      else {
        this.#problem(join(exercise.folder, 'exercise.yaml'), {
          ko: `id "${exercise.id}"는 ${other.path}에서 이미 쓰입니다: 다른 id를 고르세요`,
          en: `the id "${exercise.id}" is taken by ${other.path}: choose another`,
        });
      }
    }
    for (const exercise of exercises) {
      for (const needed of exercise.definition.needs) {
        if (this.#listed.has(needed)) continue;
        this.#unknownId(join(exercise.folder, 'exercise.yaml'), 'needs', needed, this.#listed);
      }
    }
  }

  async #section(
    folder: string,
    chapter: string,
    section: ChapterDefinition['sections'][number],
  ): Promise<Section> {
    const exercises: Exercise[] = [];
    const fast = section.fast ?? section.exercises[0] ?? '';
    if (!section.exercises.includes(fast))
      this.#unknownId(join(folder, '..', 'chapter.yaml'), 'fast', fast, section.exercises);
    for (const id of section.exercises) {
      this.#listed.add(id);
      const file = join(folder, id, 'exercise.yaml');
      const definition = await this.#definition('exercise', file);
      if (definition === undefined) continue;
      if (definition.id !== id) this.#idIsNotFolder(file, definition.id, id);
      exercises.push({
        id: definition.id,
        path: `${chapter}/${section.id}/${id}`,
        folder: join(folder, id),
        definition,
      });
    }
    return { id: section.id, title: section.title, folder, exercises, fast };
  }

  /** A chapter without glossary.yaml has no terms of its own. */
  async #glossary(folder: string, sections: readonly Section[]): Promise<Chapter['glossary']> {
    const file = join(folder, 'glossary.yaml');
    if (!existsSync(file)) return [];
    const terms = (await this.#definition('glossary', file))?.terms ?? [];
    const ids = sections.map(({ id }) => id);
    for (const { section } of terms) {
      if (!ids.includes(section)) this.#unknownId(file, 'section', section, ids);
    }
    return terms;
  }

  async #definition<K extends keyof Definitions>(kind: K, file: string) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      this.#problem(file, {
        ko: '이 파일이 없거나 읽을 수 없습니다: 만들거나 목록에서 빼세요',
        en: 'this file is missing or unreadable: write it, or take it off the list',
      });
      return undefined;
    }
    const parsed = await this.#read(kind, text, relative(this.#root, file));
    if (parsed.ok) return parsed.value;
    this.problems.push(...parsed.error);
    return undefined;
  }

  #idIsNotFolder(file: string, id: string, folder: string): void {
    this.#problem(file, {
      ko: `id "${id}"가 폴더 이름 "${folder}"와 다릅니다: 같게 하세요`,
      en: `the id "${id}" is not the folder's name "${folder}": make them the same`,
    });
  }

  #unknownId(file: string, key: string, id: string, known: Iterable<string>): void {
    const meant = nearest(id, known);
    this.#problem(file, {
      ko: `${key}: "${id}"라는 id가 없습니다${meant === undefined ? '' : `. "${meant}"인가요?`}`,
      en: `${key}: there is no "${id}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    });
  }

  #problem(file: string, message: Localized): void {
    this.problems.push({ file: relative(this.#root, file), line: 1, column: 1, message });
  }
}
