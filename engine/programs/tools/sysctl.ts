/** sysctl of procps: reads and writes kernel parameters of the network. Left out: configuration files, all other parameters. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { errnoText } from '../errno-text.ts';

/** sysctl. */
export const sysctl: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: {
      a: 'all',
      all: 'all',
      e: 'ignore',
      ignore: 'ignore',
      n: 'values',
      values: 'values',
      N: 'names',
      names: 'names',
      q: 'quiet',
      quiet: 'quiet',
      w: 'write',
      write: 'write',
    },
    values: {},
  });
  if (!parsed.ok) {
    yield* sys.printError(`sysctl: invalid option -- '${parsed.error.option.replace(/^-+/, '')}'\n`);
    return 1;
  }
  const { flags, operands } = parsed.value;
  const names = flags.has('all') ? yield* allNames() : operands;
  let failed = false;
  for (const operand of names) {
    const at = operand.indexOf('=');
    const name = (at < 0 ? operand : operand.slice(0, at)).trim();
    if (at < 0 && flags.has('write')) {
      yield* sys.printError('sysctl: command line(0): invalid syntax, continuing...\n');
      failed = true;
      continue;
    }
    const problem = at < 0 ? undefined : yield* write(name, operand.slice(at + 1).trim());
    const value = problem === undefined ? yield* sys.inspect('sysctl', { name }) : undefined;
    if (typeof value === 'string') {
      const line = flags.has('names')
        ? dotted(name)
        : flags.has('values')
          ? value
          : `${dotted(name)} = ${value}`;
      if (at < 0 || !flags.has('quiet')) yield* sys.print(`${line}\n`);
      continue;
    }
    const missing = `sysctl: cannot stat /proc/sys/${dotted(name).replaceAll('.', '/')}: No such file or directory\n`;
    if (flags.has('ignore') && (problem ?? missing) === missing) continue;
    yield* sys.printError(problem ?? missing);
    failed = true;
  }
  return failed ? 1 : 0;
};

/** Why a parameter was not set, as a line. */
function* write(name: string, value: string): sys.Sys<string | undefined> {
  const refused = yield* sys.configure({ part: 'sysctl', name, value });
  if (refused?.errno === undefined) return undefined;
  switch (refused.errno) {
    case 'ENOENT':
      return `sysctl: cannot stat /proc/sys/${dotted(name).replaceAll('.', '/')}: No such file or directory\n`;
    case 'EPERM':
      return `sysctl: permission denied on key "${dotted(name)}"\n`;
    default:
      return `sysctl: setting key "${dotted(name)}": ${errnoText(refused.errno)}\n`;
  }
}

function dotted(name: string): string {
  return name.replaceAll('/', '.');
}

function* allNames(): sys.Sys<readonly string[]> {
  const names = yield* sys.inspect('sysctl-names');
  return Array.isArray(names) ? names.map(String) : [];
}
