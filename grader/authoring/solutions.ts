/** What `solutions/` holds for one exercise: reference answers, and wrong ones with the reason each must fail for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseDefinition } from '../exercise/parse-definition.ts';
import { type ContentProblem, formatContentProblem } from '../exercise/problem.ts';
import { type WrongReason, wrongReasonSchema } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { type Answer, readAnswerIn } from '../submission/answer.ts';

/** An answer of the workbook's own, named as its folder: `solution`, `alternatives/by-hand`, `wrong/node-address`. */
export interface NamedAnswer {
  readonly name: string;
  readonly answer: Answer;
}

/** A wrong answer with what must be said about it. */
export interface WrongAnswer extends NamedAnswer {
  readonly reason: WrongReason;
}

/** Everything there is for one exercise. */
export interface Solutions {
  /** The solution first, then its alternatives. */
  readonly right: readonly NamedAnswer[];
  readonly wrong: readonly WrongAnswer[];
  /** What keeps some of it from being used. */
  readonly problems: readonly string[];
}

/** Reads the folder of one exercise under `solutions`. */
export function readSolutions(root: string, exercise: Exercise): Solutions {
  const folder = join(root, 'solutions', exercise.path);
  const problems: string[] = [];
  const read = (name: string): NamedAnswer => ({ name, answer: readAnswerIn(folder, name, exercise) });
  if (!existsSync(join(folder, 'solution'))) problems.push('it has no solution');
  const right = ['solution', ...listFolders(folder, 'alternatives')].map(read);
  const wrong = listFolders(folder, 'wrong').flatMap((name): readonly WrongAnswer[] => {
    const reason = readReason(root, join(folder, name, 'reason.yaml'));
    if (reason.ok) return [{ ...read(name), reason: reason.value }];
    problems.push(...reason.error.map((problem) => formatContentProblem(problem, 'en')));
    return [];
  });
  return { right, wrong, problems };
}

function readReason(root: string, file: string) {
  const name = relative(root, file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    const message = { ko: '이 파일이 없습니다', en: 'this file is missing' };
    const problem: ContentProblem = { file: name, line: 1, column: 1, message };
    return { ok: false, error: [problem] } as const;
  }
  return parseDefinition(text, name, wrongReasonSchema);
}

function listFolders(folder: string, below: string): readonly string[] {
  const at = join(folder, below);
  if (!existsSync(at)) return [];
  return readdirSync(at, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${below}/${entry.name}`)
    .sort();
}
