/**
 * Mutants: every answer that differs from the solution in one place, made by a fixed list of operators. A check that lets
 * one pass does not look at what the mutant broke.
 */
import { type Document, isMap, parseAllDocuments, parseDocument } from 'yaml';
import { splitScript } from '../../exercise/script.ts';
import type { Answer, AnswerFileState } from '../../submission/answer.ts';
import { type Change, changesOf, dropped, type Path } from './manifest-operators.ts';

/** A changed answer. Its name says where and what, and is unique for its exercise. */
export interface Mutant {
  readonly name: string;
  readonly answer: Answer;
}

/** All mutants of an answer whose files can be read. */
export function mutantsOf(answer: Answer): readonly Mutant[] {
  return answer.files.flatMap((file, index) =>
    changedTexts(file).map(({ name, text }) => ({
      name: `${file.path}: ${name}`,
      answer: { ...answer, isTodo: false, files: answer.files.with(index, { ...file, text }) },
    })),
  );
}

interface ChangedText {
  readonly name: string;
  readonly text: string;
}

function changedTexts({ role, text }: AnswerFileState): readonly ChangedText[] {
  if (text === undefined) return [];
  if (role === 'manifest') return changeManifest(text);
  return role === 'script' ? changeScript(text) : changeValues(text);
}

function changeManifest(text: string): readonly ChangedText[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document, index) =>
    changesOf(document.toJS()).map((change) => ({
      name: describe(change, document, documents.length),
      text: documents.map((other, at) => textOf(at === index ? applied(change, other) : other)).join('---\n'),
    })),
  );
}

/** `drop Service/web spec.ports[0].targetPort`, the object only where the file holds several. */
function describe({ operator, path, to }: Change, document: Document, documents: number): string {
  const object = documents === 1 ? '' : `${document.get('kind')}/${document.getIn(['metadata', 'name'])} `;
  const value = to === dropped ? '' : ` → ${String(to)}`;
  return `${operator} ${object}${formatPath(path)}${value}`;
}

function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

function applied({ path, to }: Change, document: Document): Document {
  const changed = document.clone();
  if (to === dropped) changed.deleteIn(path);
  else changed.setIn(path, to);
  return changed;
}

/** The document alone: its text begins with the line that parts it from the one before. */
function textOf(document: Document): string {
  return document.toString().replace(/^---\n/, '');
}

/** Each command dropped, repeated, and swapped with the next; comments are no commands. */
function changeScript(text: string): readonly ChangedText[] {
  const commands = splitScript(text);
  const script = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  return commands.flatMap((command, at) => {
    const next = commands[at + 1];
    const swap = `swap commands ${at + 1} and ${at + 2}`;
    return [
      { name: `drop command ${at + 1}`, text: script(commands.toSpliced(at, 1)) },
      { name: `repeat command ${at + 1}`, text: script(commands.toSpliced(at, 0, command)) },
      ...(next === undefined ? [] : [{ name: swap, text: script(commands.toSpliced(at, 2, next, command)) }]),
    ];
  });
}

/** Each value dropped, and changed in its last character. */
function changeValues(text: string): readonly ChangedText[] {
  const document = parseDocument(text);
  if (!isMap(document.contents)) return [];
  return document.contents.items.flatMap(({ key }) => {
    const name = String(key);
    const value = String(document.get(name));
    const last = value.at(-1) === '7' ? '8' : '7';
    return [
      { operator: 'drop', path: [name], to: dropped },
      { operator: 'value', path: [name], to: `${value.slice(0, -1)}${last}` },
    ].map((change) => ({ name: `${change.operator} ${name}`, text: textOf(applied(change, document)) }));
  });
}
