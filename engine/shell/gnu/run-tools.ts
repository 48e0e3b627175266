/** Tools that run other commands: `xargs`, `timeout`, `watch`. Source: findutils 4.9, coreutils 9.1, procps 4.0. */
import { type OptionError, parseArguments } from '../../programs/arguments.ts';
import type { CommandSurroundings } from '../kubectl-host.ts';
import type { LineClock } from '../line-clock.ts';
import type { ShellHost, ShellResult } from '../shell-host.ts';

/** A word as a line of the shell takes it for itself. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function failed(sentence: string, exitCode: number): ShellResult {
  return { exitCode, stdout: '', stderr: `${sentence}\n` };
}

function optionProblem(name: string, { option, kind }: OptionError): string {
  const letter = option.replace(/^-+/, '');
  return kind === 'needs-value'
    ? `${name}: option requires an argument -- '${letter}'`
    : `${name}: invalid option -- '${letter}'`;
}

const noShell = 'this command needs the shell to run another one, and there is none here';

/** `xargs`. Differs: `-P` runs one after the other. */
export async function runXargs(
  args: readonly string[],
  { files, stdin, run }: CommandSurroundings,
): Promise<ShellResult> {
  const read = parseArguments(args, {
    flags: { 0: '0', null: '0', r: 'r', 'no-run-if-empty': 'r', t: 't', verbose: 't', x: 'x', exit: 'x' },
    values: {
      n: 'n',
      'max-args': 'n',
      I: 'I',
      replace: 'I',
      L: 'L',
      'max-lines': 'L',
      P: 'P',
      'max-procs': 'P',
      d: 'd',
      delimiter: 'd',
      a: 'a',
      'arg-file': 'a',
      s: 's',
      E: 'E',
    },
    stopAtOperand: true,
  });
  if (!read.ok)
    return failed(`${optionProblem('xargs', read.error)}\nTry 'xargs --help' for more information.`, 1);
  if (run === undefined) return failed(`xargs: ${noShell}`, 1);
  const { flags, operands, value } = read.value;
  const path = value('a');
  const text = path === undefined ? stdin : await files.read(path);
  if (text === undefined)
    return failed(`xargs: Cannot open input file ‘${path}’: No such file or directory`, 1);
  const replaced = value('I');
  const delimiter = flags.has('0')
    ? '\0'
    : value('d')?.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\0', '\0');
  const split = splitInput(text, { delimiter, isByLine: replaced !== undefined });
  if (split === undefined)
    return failed(
      'xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option',
      1,
    );
  const command = operands.length === 0 ? ['echo'] : operands;
  const groups = groupsOf(split, {
    most: Number(value('n') ?? 0),
    lines: Number(value('L') ?? 0),
    isOneEach: replaced !== undefined,
  });
  if (groups.length === 0 && !flags.has('r') && replaced === undefined) groups.push([]);
  let whole: ShellResult = { exitCode: 0, stdout: '', stderr: '' };
  for (const group of groups) {
    const words =
      replaced === undefined
        ? [...command, ...group]
        : command.map((word) => word.replaceAll(replaced, group[0] ?? ''));
    const told = flags.has('t') ? `${words.join(' ')}\n` : '';
    const ended = await run(words.map(quoted).join(' '));
    whole = {
      exitCode: ended.exitCode === 0 ? whole.exitCode : ended.exitCode >= 126 ? ended.exitCode : 123,
      stdout: whole.stdout + ended.stdout,
      stderr: whole.stderr + told + asProgram(ended.stderr),
    };
    if (ended.exitCode === 255) return { ...whole, exitCode: 124 };
  }
  return whole;
}

/** xargs starts programs itself, and says so itself where there is none. */
function asProgram(stderr: string): string {
  return stderr.replace(/^bash: (.*): command not found$/m, 'xargs: $1: No such file or directory');
}

/** Words with the number of the line that each stands on; undefined when a quote is open. */
function splitInput(
  text: string,
  { delimiter, isByLine }: { readonly delimiter: string | undefined; readonly isByLine: boolean },
): readonly { readonly word: string; readonly line: number }[] | undefined {
  if (delimiter !== undefined) {
    const parts = text.split(delimiter);
    if (parts.at(-1) === '') parts.pop();
    return parts.map((word, line) => ({ word, line }));
  }
  const words: { word: string; line: number }[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    let word: string | undefined;
    const source = isByLine ? content.trimStart() : content;
    for (let at = 0; at < source.length; at += 1) {
      const character = source.charAt(at);
      if (character === "'" || character === '"') {
        const end = source.indexOf(character, at + 1);
        if (end < 0) return undefined;
        word = (word ?? '') + source.slice(at + 1, end);
        at = end;
      } else if (character === '\\') {
        at += 1;
        word = (word ?? '') + source.charAt(at);
      } else if (!isByLine && /\s/.test(character)) {
        if (word !== undefined) words.push({ word, line });
        word = undefined;
      } else word = (word ?? '') + character;
    }
    if (word !== undefined) words.push({ word, line });
  }
  return words;
}

function groupsOf(
  words: readonly { readonly word: string; readonly line: number }[],
  { most, lines, isOneEach }: { readonly most: number; readonly lines: number; readonly isOneEach: boolean },
): string[][] {
  const groups: string[][] = [];
  let onLines = new Set<number>();
  for (const { word, line } of words) {
    const last = groups.at(-1);
    const isFull =
      last === undefined ||
      isOneEach ||
      (most > 0 && last.length >= most) ||
      (lines > 0 && !onLines.has(line) && onLines.size >= lines);
    if (isFull) {
      groups.push([word]);
      onLines = new Set([line]);
    } else {
      last.push(word);
      onLines.add(line);
    }
  }
  return groups;
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['', 1_000],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
/** Source: timeout(1): the exit status of a command that timed out. */
const timedOut = 124;

/** Looks a command of ours up by its name. */
type FindCommand = (
  name: string,
) => ((args: readonly string[], surroundings: CommandSurroundings) => Promise<ShellResult>) | undefined;

/** Exit statuses of commands that a signal ended. Source: signal(7). */
const killed = new Map([
  ['KILL', 137],
  ['9', 137],
]);
const terminated = 143;

/**
 * `timeout`: the time is the cluster's. Differs: of a command that is no program of ours, and no script given with -c,
 * nothing is seen that it printed before its time was up.
 *
 * @param find the shell's commands by name.
 */
export async function runTimeout(
  args: readonly string[],
  surroundings: CommandSurroundings,
  { clock, find }: { readonly clock: Pick<LineClock, 'limit'>; find: FindCommand },
): Promise<ShellResult> {
  const { run } = surroundings;
  const more = "Try 'timeout --help' for more information.";
  const read = parseArguments(args, {
    flags: { 'preserve-status': 'p', foreground: 'f', v: 'v', verbose: 'v' },
    values: { s: 's', signal: 's', k: 'k', 'kill-after': 'k' },
    stopAtOperand: true,
  });
  if (!read.ok)
    return failed(`timeout: invalid option -- '${read.error.option.replace(/^-+/, '')}'\n${more}`, 125);
  const [duration, name, ...rest] = read.value.operands;
  if (duration === undefined || name === undefined) return failed(more, 125);
  const [, amount, unit = ''] = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(duration) ?? [];
  if (amount === undefined) return failed(`timeout: invalid time interval ‘${duration}’\n${more}`, 125);
  if (run === undefined) return failed(`timeout: ${noShell}`, 125);
  const ms = Number(amount) * (unitMs.get(unit) ?? 1_000);
  const line = [name, ...rest].map(quoted).join(' ');
  if (ms === 0) return run(line);
  const limit = clock.limit(ms);
  const own = find(name);
  const ended =
    own !== undefined
      ? await own(rest, surroundings)
      : ['bash', 'sh'].includes(name) && rest[0] === '-c'
        ? await runScript([name, ...rest], surroundings, run, limit.signal)
        : await run(line, limit.signal);
  limit.end();
  if (!limit.signal.aborted) return ended;
  const signal = (read.value.value('s') ?? 'TERM').toUpperCase().replace(/^SIG/, '');
  const status = killed.get(signal) ?? (read.value.flags.has('p') ? terminated : timedOut);
  return { ...ended, stderr: withoutAbort(ended.stderr), exitCode: status };
}

/**
 * A script of `bash -c`. Its output goes to files, since of a script that is ended from outside the library keeps no
 * output.
 */
async function runScript(
  [name, option, script = '', ...rest]: readonly string[],
  { files }: CommandSurroundings,
  run: NonNullable<CommandSurroundings['run']>,
  signal: AbortSignal,
): Promise<ShellResult> {
  const paths = { stdout: '/tmp/.timeout-stdout', stderr: '/tmp/.timeout-stderr' };
  await files.write(paths.stdout, '');
  await files.write(paths.stderr, '');
  const redirected = `exec >${paths.stdout} 2>${paths.stderr}\n${script}`;
  const ended = await run(
    [name, option, redirected, ...rest].map((word) => quoted(word ?? '')).join(' '),
    signal,
  );
  const stdout = (await files.read(paths.stdout)) ?? '';
  const stderr = (await files.read(paths.stderr)) ?? '';
  await run(`rm -f ${paths.stdout} ${paths.stderr}`);
  return { ...ended, stdout: stdout + ended.stdout, stderr: stderr + ended.stderr };
}

/** What the library says of a line that was ended from outside. */
function withoutAbort(text: string): string {
  return text.replaceAll(/^(?:bash: )?execution aborted\n/gm, '');
}

/** `watch`: shows a command's output again and again, until Ctrl-C. */
export async function runWatch(
  args: readonly string[],
  { run, terminal, signal }: CommandSurroundings,
  host: Pick<ShellHost, 'advance' | 'api'>,
): Promise<ShellResult> {
  const read = parseArguments(args, {
    flags: {
      d: 'd',
      differences: 'd',
      t: 't',
      'no-title': 't',
      g: 'g',
      chgexit: 'g',
      e: 'e',
      errexit: 'e',
      b: 'b',
      beep: 'b',
      c: 'c',
      color: 'c',
      x: 'x',
      exec: 'x',
    },
    values: { n: 'n', interval: 'n' },
    stopAtOperand: true,
  });
  const usage = '\nUsage:\n watch [options] command\n';
  if (!read.ok)
    return failed(`watch: invalid option -- '${read.error.option.replace(/^-+/, '')}'\n${usage}`, 1);
  const { flags, operands, value } = read.value;
  if (operands.length === 0) return failed(usage.trimStart(), 1);
  if (terminal === undefined || run === undefined)
    return failed(
      'watch: there is no terminal here to show it at; kubectl get -w and kubectl wait do without',
      1,
    );
  const seconds = Math.max(0.1, Number(value('n') ?? '2') || 2);
  const command = operands.join(' ');
  let last: string | undefined;
  const isOver = () => signal?.aborted === true;
  while (!isOver()) {
    const { stdout, stderr, exitCode } = await run(flags.has('x') ? operands.map(quoted).join(' ') : command);
    const shown = stdout + stderr;
    const time = new Date(host.api.now()).toUTCString().replace(' GMT', '');
    const title = flags.has('t') ? '' : `Every ${seconds.toFixed(1)}s: ${command}    ${time}\n\n`;
    // Clears the screen and begins at its corner.
    terminal.print('stdout', `\u001b[H\u001b[2J${title}${shown}`);
    if ((flags.has('g') && last !== undefined && last !== shown) || (flags.has('e') && exitCode !== 0)) break;
    last = shown;
    for (let leftMs = seconds * 1_000; leftMs > 0 && !isOver(); ) {
      const passedMs = await terminal.pause();
      host.advance(passedMs);
      leftMs -= passedMs;
    }
  }
  return { exitCode: 0, stdout: '', stderr: '' };
}
