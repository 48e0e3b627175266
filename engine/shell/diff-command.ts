/**
 * `diff` of GNU diffutils, over the learner's files: normal and unified output, folders, `-q`, `-s`, `-r`, `-N` and labels.
 * Differs: every file's time is the present one, since the shell's files have none on the cluster's clock.
 * Source: diffutils 3.8, src/diff.c.
 */
import { formatEdits, formatHunks } from '../kubectl/diff/unified-diff.ts';
import { formatDate } from './gnu/date.ts';
import type { ShellFiles } from './shell-files.ts';
import type { ShellResult } from './shell-host.ts';

/** What a comparison needs besides its words. */
export interface DiffSurroundings {
  readonly files: Pick<ShellFiles, 'read' | 'list'>;
  readonly stdin: string;
  readonly nowMs: number;
}

interface Options {
  readonly letters: ReadonlySet<string>;
  readonly labels: readonly string[];
  /** As the heads in front of files of folders repeat them. */
  readonly words: readonly string[];
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** 0 equal, 1 different, 2 trouble. */
  readonly exitCode: number;
}

/** How deep folders are followed. */
const mostFolders = 32;

const longNames: ReadonlyMap<string, string> = new Map([
  ['--unified', 'u'],
  ['--brief', 'q'],
  ['--report-identical-files', 's'],
  ['--recursive', 'r'],
  ['--new-file', 'N'],
  ['--text', 'a'],
  ['--normal', ''],
]);

/** Runs `diff` with these words. */
export async function runDiff(args: readonly string[], surroundings: DiffSurroundings): Promise<ShellResult> {
  const letters = new Set<string>();
  const labels: string[] = [];
  const words: string[] = [];
  const paths: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    const known = longNames.get(word);
    if (word === '--') {
      paths.push(...args.slice(index + 1));
      break;
    }
    if (word === '--label' || word === '-L') {
      index += 1;
      labels.push(args[index] ?? '');
    } else if (word.startsWith('--label=')) labels.push(word.slice('--label='.length));
    else if (known !== undefined) letters.add(known);
    else if (word.startsWith('--')) return misuse(`unrecognized option '${word}'`);
    else if (word === '-U3') letters.add('u');
    else if (word.startsWith('-') && word !== '-') {
      const unknown = [...word.slice(1)].find((letter) => !'uqsrNa'.includes(letter));
      if (unknown !== undefined) return misuse(`invalid option -- '${unknown}'`);
      for (const letter of word.slice(1)) letters.add(letter);
    } else {
      paths.push(word);
      continue;
    }
    words.push(word);
  }
  const [from, to, extra] = paths;
  if (extra !== undefined) return misuse(`extra operand '${extra}'`);
  if (from === undefined || to === undefined) return misuse(`missing operand after '${from ?? 'diff'}'`);
  return compareOperands({ letters, labels, words }, surroundings, from, to);
}

function misuse(sentence: string): ShellResult {
  const stderr = `diff: ${sentence}\ndiff: Try 'diff --help' for more information.\n`;
  return { exitCode: 2, stdout: '', stderr };
}

async function compareOperands(
  options: Options,
  surroundings: DiffSurroundings,
  from: string,
  to: string,
): Promise<Output> {
  const { files } = surroundings;
  const [left, right] = [await files.list(from), await files.list(to)];
  if (left !== undefined && right !== undefined) return compareFolders(options, surroundings, [from, to], 0);
  // Of a folder and a file, the file of the same name in the folder is meant.
  const nameOf = (path: string) => path.split('/').at(-1) ?? '';
  const pair: readonly [string, string] = [
    left === undefined ? from : joinPath(from, nameOf(to)),
    right === undefined ? to : joinPath(to, nameOf(from)),
  ];
  return compareFiles(options, surroundings, pair);
}

async function compareFolders(
  options: Options,
  surroundings: DiffSurroundings,
  [from, to]: readonly [string, string],
  depth: number,
): Promise<Output> {
  const { files } = surroundings;
  const [left, right] = [(await files.list(from)) ?? [], (await files.list(to)) ?? []];
  const plain = (name: string) => name.replace(/\/$/, '');
  const names = [...new Set([...left, ...right].map(plain))].sort();
  const outputs: Output[] = [];
  const say = (stdout: string) => outputs.push({ stdout: `${stdout}\n`, stderr: '', exitCode: 1 });
  for (const name of names) {
    const pair: readonly [string, string] = [joinPath(from, name), joinPath(to, name)];
    const folders = [left, right].map((side) => side.includes(`${name}/`));
    const there = [left, right].map((side, at) => folders[at] === true || side.includes(name));
    const isNew = there.includes(false);
    if (isNew && !options.letters.has('N')) {
      say(`Only in ${there[0] === true ? from : to}: ${name}`);
    } else if (!isNew && folders[0] !== folders[1]) {
      const kinds = folders.map((isFolder) => (isFolder ? 'directory' : 'regular file'));
      say(`File ${pair[0]} is a ${kinds[0]} while file ${pair[1]} is a ${kinds[1]}`);
    } else if (!folders.includes(true)) {
      const output = await compareFiles(options, surroundings, pair);
      const isHeaded = output.stdout !== '' && !options.letters.has('q') && output.exitCode === 1;
      const head = isHeaded ? `${['diff', ...options.words, ...pair].join(' ')}\n` : '';
      outputs.push({ ...output, stdout: `${head}${output.stdout}` });
    } else if (!options.letters.has('r')) {
      outputs.push({
        stdout: `Common subdirectories: ${pair[0]} and ${pair[1]}\n`,
        stderr: '',
        exitCode: 0,
      });
    } else if (depth < mostFolders) {
      outputs.push(await compareFolders(options, surroundings, pair, depth + 1));
    }
  }
  return {
    stdout: outputs.map(({ stdout }) => stdout).join(''),
    stderr: outputs.map(({ stderr }) => stderr).join(''),
    exitCode: Math.max(0, ...outputs.map(({ exitCode }) => exitCode)),
  };
}

async function compareFiles(
  { letters, labels }: Options,
  { files, stdin, nowMs }: DiffSurroundings,
  pair: readonly [string, string],
): Promise<Output> {
  const texts = await Promise.all(pair.map(async (path) => (path === '-' ? stdin : files.read(path))));
  const mayMiss = letters.has('N') && texts.some((text) => text !== undefined);
  const missing = mayMiss ? [] : pair.filter((_, at) => texts[at] === undefined);
  if (missing.length > 0) {
    const stderr = missing.map((path) => `diff: ${path}: No such file or directory\n`).join('');
    return { stdout: '', stderr, exitCode: 2 };
  }
  const [from = '', to = ''] = texts;
  const [left, right] = pair;
  if (from === to) {
    const stdout = letters.has('s') ? `Files ${left} and ${right} are identical\n` : '';
    return { stdout, stderr: '', exitCode: 0 };
  }
  const isDifferent = (stdout: string): Output => ({ stdout, stderr: '', exitCode: 1 });
  if (letters.has('q')) return isDifferent(`Files ${left} and ${right} differ\n`);
  if (!letters.has('u')) return isDifferent(formatEdits(from, to));
  const head = (at: 0 | 1) => {
    const time = formatDate(texts[at] === undefined ? 0 : nowMs, '%F %T.%N +0000');
    return labels[at] ?? `${pair[at]}\t${time}`;
  };
  return isDifferent(`--- ${head(0)}\n+++ ${head(1)}\n${formatHunks(from, to)}`);
}

function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}
