/**
 * Definitions by the text they were parsed from. Reading YAML and checking it costs more than everything else that
 * `kubedrill list` does, so the build writes each definition down beside the hash of its text; a text that has changed
 * since has another hash and is parsed anew, so what was written down can't be out of date.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ParsedDefinition } from './parse-definition.ts';
import type { ChapterDefinition, ExerciseDefinition, Glossary } from './schema.ts';
import { fillDefinition } from './terms.ts';

/** The kinds of definition files. */
export interface Definitions {
  readonly chapter: ChapterDefinition;
  readonly glossary: Glossary;
  readonly exercise: ExerciseDefinition;
}

/** What the build wrote down: definitions by kind and by their text's hash. */
export type CompiledDefinitions = {
  readonly [K in keyof Definitions]: Readonly<Record<string, Definitions[K]>>;
};

/** What is known before anything was written down. */
export const noneCompiled: CompiledDefinitions = { chapter: {}, glossary: {}, exercise: {} };

/** Where the build writes them, beside this module. There is none where the sources run uncompiled. */
export const compiledDefinitionsFile: string = fileURLToPath(
  new URL('./compiled-definitions.json', import.meta.url),
);

/** Gives the definition in a text; `file` only names it in problems. */
export type DefinitionReader = <K extends keyof Definitions>(
  kind: K,
  text: string,
  file: string,
) => Promise<ParsedDefinition<Definitions[K]>>;

/** A reader that looks a text up among `compiled` first and loads the parsers only for one that is not there. */
export function createDefinitionReader(compiled: CompiledDefinitions): DefinitionReader {
  return async <K extends keyof Definitions>(kind: K, text: string, file: string) => {
    const known: Readonly<Record<string, Definitions[K]>> = compiled[kind];
    const hash = hashDefinition(text);
    const value = Object.hasOwn(known, hash) ? known[hash] : undefined;
    return value === undefined ? parseAnew(kind, text, file) : { ok: true, value };
  };
}

/** What the build wrote down; nothing when it wrote nothing or it can't be read, since all of it can be made again. */
export function readCompiledDefinitions(): CompiledDefinitions {
  try {
    return { ...noneCompiled, ...JSON.parse(readFileSync(compiledDefinitionsFile, 'utf8')) };
  } catch {
    return noneCompiled;
  }
}

/** The key under which a text's definition is written down. */
export function hashDefinition(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

async function parseAnew<K extends keyof Definitions>(
  kind: K,
  text: string,
  file: string,
): Promise<ParsedDefinition<Definitions[K]>> {
  const [{ parseDefinition }, schema] = await Promise.all([
    import('./parse-definition.ts'),
    import('./schema.ts'),
  ]);
  const schemas: {
    readonly [Kind in keyof Definitions]: Parameters<typeof parseDefinition<Definitions[Kind]>>[2];
  } = {
    chapter: schema.chapterSchema,
    glossary: schema.glossarySchema,
    exercise: schema.exerciseSchema,
  };
  return parseDefinition(text, file, schemas[kind], kind === 'exercise' ? fillDefinition : undefined);
}
