/** `sed` as GNU has it. Source: sed 4.9. */
import { parseArguments } from '../../programs/arguments.ts';
import { parseSed, type SedProblem } from '../../programs/sed/parse-sed.ts';
import { runSed, type SedInput } from '../../programs/sed/run-sed.ts';
import type { CommandSurroundings } from '../kubectl-host.ts';
import type { ShellResult } from '../shell-host.ts';

/** Exit codes: of a jump to nowhere, and of an input that is no file. Source: sed/basicdefs.h, EXIT_PANIC. */
const noLabel = 4;
const notReadable = 4;

const usage = 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...';

/** Runs `sed`; with `-i` the files are changed, each kept under the suffix that was given. */
export async function runSedCommand(
  args: readonly string[],
  { files, stdin }: Pick<CommandSurroundings, 'files' | 'stdin'>,
): Promise<ShellResult> {
  // The suffix may be left out, and is written right behind the option.
  const suffix = args
    .map((word) => /^(?:-[nrEsuz]*i|--in-place=?)(.*)$/.exec(word)?.[1])
    .find((found) => found !== undefined);
  const words = args.map((word) =>
    word.replace(/^(-[nrEsuz]*i).+$/, '$1').replace(/^--in-place=.*$/, '--in-place'),
  );
  const read = parseArguments(words, {
    flags: {
      n: 'n',
      quiet: 'n',
      silent: 'n',
      r: 'E',
      E: 'E',
      'regexp-extended': 'E',
      s: 's',
      separate: 's',
      i: 'i',
      'in-place': 'i',
      u: 'u',
      unbuffered: 'u',
      z: 'z',
      'null-data': 'z',
    },
    values: { e: 'e', expression: 'e', f: 'f', file: 'f' },
  });
  if (!read.ok) {
    const { option, kind } = read.error;
    const letter = option.replace(/^-+/, '');
    return failed(
      kind === 'needs-value'
        ? `option requires an argument -- '${letter}'\n${usage}`
        : `invalid option -- '${letter}'\n${usage}`,
      1,
    );
  }
  const { flags, operands, entries } = read.value;
  const scripts: string[] = [];
  for (const [kind, text] of entries) {
    const script = kind === 'e' ? text : text === '-' ? stdin : await files.read(text);
    if (script === undefined) return failed(`couldn't open file ${text}: No such file or directory`, 1);
    scripts.push(script.replace(/\n$/, ''));
  }
  const names = [...operands];
  if (entries.length === 0) {
    const script = names.shift();
    if (script === undefined) return { exitCode: 1, stdout: '', stderr: `${usage}\n` };
    scripts.push(script);
  }
  const program = parseSed(scripts, { isExtended: flags.has('E') });
  if (!program.ok) return failed(wordsFor(program.error), program.error.expression === 0 ? noLabel : 1);
  const isInPlace = flags.has('i');
  const { inputs, missing } = await readInputs(names, { files, stdin, isInPlace });
  const { outputs, exitCode } = runSed(program.value, inputs, {
    isQuiet: flags.has('n'),
    isSeparate: isInPlace || flags.has('s'),
    endsWithNul: flags.has('z'),
  });
  let stdout = '';
  for (const [index, output] of outputs.entries()) {
    const input = inputs[index];
    if (!isInPlace || input === undefined || input.file === '-') {
      stdout += output;
      continue;
    }
    if (suffix !== undefined && suffix !== '') await files.write(backupName(input.file, suffix), input.text);
    await files.write(input.file, output);
  }
  const stderr = missing.map((line) => `sed: ${line}\n`).join('');
  return {
    exitCode:
      exitCode !== 0 || missing.length === 0
        ? exitCode
        : missing.some((line) => !line.startsWith("can't"))
          ? notReadable
          : 2,
    stdout,
    stderr,
  };
}

/** Source: sed(1): a `*` in the suffix stands for the file's name. */
function backupName(path: string, suffix: string): string {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const backup = suffix.includes('*') ? suffix.replaceAll('*', name) : `${name}${suffix}`;
  return backup.includes('/') ? backup : path.slice(0, slash + 1) + backup;
}

async function readInputs(
  names: readonly string[],
  { files, stdin, isInPlace }: Pick<CommandSurroundings, 'files' | 'stdin'> & { readonly isInPlace: boolean },
): Promise<{ readonly inputs: readonly SedInput[]; readonly missing: readonly string[] }> {
  if (names.length === 0) return { inputs: [{ file: '-', text: stdin }], missing: [] };
  const inputs: SedInput[] = [];
  const missing: string[] = [];
  for (const file of names) {
    const text = file === '-' ? stdin : await files.read(file);
    if (text !== undefined) inputs.push({ file, text });
    else if ((await files.list(file)) === undefined)
      missing.push(`can't read ${file}: No such file or directory`);
    else
      missing.push(
        isInPlace ? `couldn't edit ${file}: not a regular file` : `read error on ${file}: Is a directory`,
      );
  }
  return { inputs, missing };
}

function wordsFor({ expression, character, words }: SedProblem): string {
  return expression === 0 ? words : `-e expression #${expression}, char ${character}: ${words}`;
}

function failed(sentence: string, exitCode: number): ShellResult {
  return { exitCode, stdout: '', stderr: `sed: ${sentence}\n` };
}
