/**
 * The last step of the build: writes every definition down beside the hash of its text, so that commands start without
 * parsing any. Run as a program: `node build/grader/authoring/compile-definitions.js`.
 */
import { writeFileSync } from 'node:fs';
import {
  compiledDefinitionsFile,
  createDefinitionReader,
  type DefinitionReader,
  type Definitions,
  hashDefinition,
  noneCompiled,
} from '../exercise/definitions.ts';
import { findWorkbookRoot, loadWorkbook } from '../exercise/load-workbook.ts';

const compiled: { [K in keyof Definitions]: Record<string, Definitions[K]> } = {
  chapter: {},
  glossary: {},
  exercise: {},
};
const readAnew = createDefinitionReader(noneCompiled);

/** Parses as always and remembers what came out. What has problems is left to be told of when it is read. */
const readAndRemember: DefinitionReader = async <K extends keyof Definitions>(
  kind: K,
  text: string,
  file: string,
) => {
  const parsed = await readAnew(kind, text, file);
  if (parsed.ok) {
    const known: Record<string, Definitions[K]> = compiled[kind];
    known[hashDefinition(text)] = parsed.value;
  }
  return parsed;
};

await loadWorkbook(findWorkbookRoot(), readAndRemember);
writeFileSync(compiledDefinitionsFile, JSON.stringify(compiled));
