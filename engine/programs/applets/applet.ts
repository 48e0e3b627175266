/** What the small commands have in common: options with busybox's errors, and input from files or standard input. */
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import { errnoText } from '../errno-text.ts';

/** One command. */
export interface Applet {
  readonly name: string;
  /** What stands after the name in the usage line. */
  readonly usage: string;
  /** Letters of options without value; long names are spelled `long=letter`. */
  readonly flags?: string;
  /** Letters of options with a value. */
  readonly values?: string;
  readonly long?: Readonly<Record<string, string>>;
  readonly stopAtOperand?: boolean;
  run(args: ParsedArguments, start: ProcessStart): sys.Sys<number>;
}

/** An applet as a program. */
export function createApplet(applet: Applet): Program {
  const table = optionTable(applet);
  return function* (start) {
    const parsed = parseArguments(start.argv.slice(1), table);
    if (parsed.ok) return yield* applet.run(parsed.value, start);
    const { kind, option } = parsed.error;
    const isLong = option.startsWith('--');
    const what =
      kind === 'needs-value'
        ? `option requires an argument -- '${option.replace(/^-+/, '')}'`
        : isLong
          ? `unrecognized option '${option}'`
          : `invalid option -- '${option.slice(1)}'`;
    yield* sys.printError(`${applet.name}: ${what}\n${usageText(applet)}`);
    return 1;
  };
}

/** The usage as busybox prints it. */
export function usageText(applet: Pick<Applet, 'name' | 'usage'>): string {
  return `BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nUsage: ${applet.name} ${applet.usage}\n`;
}

/** The text of each file, or of standard input (`-`, or no files), in order; what can't be read is said and skipped. */
export function* readInputs(
  name: string,
  files: readonly string[],
): sys.Sys<{
  readonly inputs: readonly { readonly file: string; readonly text: string }[];
  readonly failed: boolean;
}> {
  const inputs: { file: string; text: string }[] = [];
  let failed = false;
  for (const file of files.length === 0 ? ['-'] : files) {
    if (file === '-') {
      inputs.push({ file, text: sys.toText(yield* sys.readAllStdin()) });
      continue;
    }
    const content = yield* sys.readFile(file);
    if (content.ok) {
      inputs.push({ file, text: sys.toText(content.value) });
    } else {
      failed = true;
      const problem = content.error === 'EISDIR' ? 'read error' : `can't open '${file}'`;
      yield* sys.printError(`${name}: ${problem}: ${errnoText(content.error)}\n`);
    }
  }
  return { inputs, failed };
}

/** Lines without their ends; a last empty line is none. */
export function toLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Lines as text, each with its end. */
export function fromLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function optionTable(applet: Applet): OptionTable {
  const letters = (text = '') => Object.fromEntries([...text].map((letter) => [letter, letter]));
  const flags = letters(applet.flags);
  const values = letters(applet.values);
  for (const [name, letter] of Object.entries(applet.long ?? {})) {
    if (Object.hasOwn(values, letter)) values[name] = letter;
    else flags[name] = letter;
  }
  return {
    flags,
    values,
    ...(applet.stopAtOperand === undefined ? {} : { stopAtOperand: applet.stopAtOperand }),
  };
}
