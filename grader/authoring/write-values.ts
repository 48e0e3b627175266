/**
 * Fills in the values that find exercises ask for, in the solutions: they hold for one seed and one state of the engine only,
 * so they are computed and written down, never typed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { computeValue, type ValueContext } from '../checks/computed-value.ts';
import type { FindCheck } from '../exercise/schema.ts';
import type { Exercise } from '../exercise/workbook.ts';
import type { Worlds } from '../runner/worlds.ts';
import { readSolutions, type WrongAnswer } from './solutions.ts';

/** What the values are computed with. */
export interface WriteValuesOptions {
  readonly worlds: Worlds;
  readonly root: string;
  /** The learner that the solutions are made for. */
  readonly learnerId: string;
}

/** Writes `values` files of the solution and of wrong answers that say `instead`. Returns the files written. */
export async function writeValues(
  exercise: Exercise,
  options: WriteValuesOptions,
): Promise<readonly string[]> {
  const checks = exercise.definition.checks.filter((check) => check.kind === 'find');
  if (checks.length === 0) return [];
  const context = await createContext(exercise, options);
  const right = new Map<string, string>();
  for (const check of checks) right.set(check.key, await findValue(context, check));
  const folder = join(options.root, 'solutions', exercise.path);
  const written = writeFiles(exercise, checks, right, join(folder, 'solution'));
  for (const wrong of readSolutions(options.root, exercise).wrong) {
    const values = await wrongValues(context, checks, wrong, right);
    written.push(...writeFiles(exercise, checks, values, join(folder, wrong.name)));
  }
  return written;
}

async function createContext(exercise: Exercise, options: WriteValuesOptions): Promise<ValueContext> {
  const cluster = await options.worlds.fork(exercise, options.learnerId);
  return { engine: options.worlds.engine, cluster };
}

async function findValue(context: ValueContext, check: Pick<FindCheck, 'id' | 'value'>): Promise<string> {
  const computed = await computeValue(context, check.value);
  if (!computed.ok)
    throw new Error(`${check.id}: its value can't be computed: ${JSON.stringify(computed.error)}`);
  return computed.value;
}

/** The right values with those replaced that the wrong answer confuses. */
async function wrongValues(
  context: ValueContext,
  checks: readonly FindCheck[],
  wrong: WrongAnswer,
  right: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map(right);
  for (const [key, instead] of Object.entries(wrong.reason.instead)) {
    if (typeof instead === 'object') {
      values.set(key, instead.text);
      continue;
    }
    const check = checks.find((candidate) => candidate.key === key);
    const confusion = check?.confusions.find(({ is }) => is === instead);
    if (check === undefined || confusion === undefined) {
      throw new Error(`${wrong.name}: no check of ${key} has the confusion ${instead}`);
    }
    values.set(key, await findValue(context, { id: check.id, value: confusion.value }));
  }
  return values;
}

/** The starter's file as it is, comments included, with a value behind each key. */
function writeFiles(
  exercise: Exercise,
  checks: readonly FindCheck[],
  values: ReadonlyMap<string, string>,
  folder: string,
): string[] {
  const paths = [...new Set(checks.map((check) => check.file))];
  return paths.map((path) => {
    const starter = readFileSync(join(exercise.folder, 'starter', path), 'utf8');
    const keys = checks.filter(({ file }) => file === path).map(({ key }) => key);
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      keys.reduce((text, key) => withValue(text, key, values.get(key) ?? ''), starter),
    );
    return target;
  });
}

function withValue(text: string, key: string, value: string): string {
  const line = stringify({ [key]: value }).trimEnd();
  const place = new RegExp(`^${key}:.*$`, 'm');
  return place.test(text) ? text.replace(place, () => line) : `${text}${line}\n`;
}
