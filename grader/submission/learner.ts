/** Who an answer is by: `learner.yaml`, whose id seeds the clusters, so that neighbours find different values. */
import { randomUUID } from 'node:crypto';
import type { Localized } from '../exercise/schema.ts';
import { err, ok, type Result } from '../result.ts';
import { readFileBelow } from './read-file.ts';

/** The file's name in a folder of answers. */
export const learnerFile = 'learner.yaml';

/** The id used for answers that carry none. */
export const unknownLearner = 'unknown';

/** Reads the learner's id; undefined when there is no such file. */
export function readLearnerId(answersFolder: string): Result<string | undefined, Localized> {
  const read = readFileBelow(answersFolder, learnerFile);
  if (!read.ok) return read.error.missing ? ok(undefined) : err(inFile(read.error.why));
  const id = parseLearnerId(read.value);
  return id === undefined
    ? err(inFile({ ko: '`id: …` 한 줄이 있어야 합니다', en: 'it must hold the one line `id: …`' }))
    : ok(id);
}

/** The text of a new learner.yaml. */
export function newLearnerText(): string {
  return `# Made once. Your clusters grow from this id, and a grader finds the same ones: keep it.\nid: ${randomUUID()}\n`;
}

/**
 * The id in the file's text. The one line is read by hand, since a YAML parser would cost every command more time than the
 * rest of its work; quotes and comments are the only YAML that a plain id can carry.
 */
export function parseLearnerId(text: string): string | undefined {
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (!line.startsWith('id:')) continue;
    const value = line
      .slice(3)
      .replace(/\s#.*$/, '')
      .trim();
    const plain = /^"([^"\\]*)"$|^'([^']*)'$/.exec(value);
    const id = plain === null ? value : (plain[1] ?? plain[2] ?? '');
    return id.length >= 1 && id.length <= 200 ? id : undefined;
  }
  return undefined;
}

function inFile(why: Localized): Localized {
  return { ko: `${learnerFile}: ${why.ko}`, en: `${learnerFile}: ${why.en}` };
}
