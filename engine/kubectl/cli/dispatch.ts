/**
 * From a command line to the command that it names: what cobra does between `Execute` and a command's own function.
 */

import { ok } from '../../base/result.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Command } from './command.ts';
import { type FlagSpec, type ParsedArguments, parseArguments } from './flag-table.ts';
import { globalFlags } from './flags.ts';

/** A command with the words that lead to it. */
export interface FoundCommand {
  readonly command: Command;
  /** `kubectl create deployment` */
  readonly path: string;
  /** Its own flags and the global ones. */
  readonly flags: readonly FlagSpec[];
  readonly parsed: ParsedArguments;
}

/** Finds the command and reads its flags. A failure has kubectl's words for unknown commands and flags. */
export function findCommand(root: Command, argv: readonly string[]): Outcome<FoundCommand> {
  let command = root;
  let path = root.name;
  let words = argv;
  for (;;) {
    const at = firstPlainWord(words, flagsOf(command));
    const word = at === undefined ? undefined : words[at];
    if (word === undefined || at === undefined) break;
    const child = command.subcommands?.find((one) => one.name === word || one.aliases?.includes(word));
    if (child === undefined) {
      if (command === root) return unknownCommand(root, word, argv);
      break;
    }
    command = child;
    path = `${path} ${child.name}`;
    words = words.toSpliced(at, 1);
  }
  const flags = flagsOf(command);
  const parsed = parseArguments(words, flags);
  if (!parsed.ok) {
    const code = command.misuseExitCode;
    if (code === undefined) return failure(`${parsed.error}\nSee '${path} --help' for usage.`);
    const misuse = failure(`${parsed.error}\nSee '${path} -h' for help and examples`);
    return { ok: false, error: { kind: 'code', code, failure: misuse.error } };
  }
  return ok({ command, path, flags, parsed: parsed.value });
}

/** The flags of a command; its own hide global ones of the same name, as `--profile` of debug does. */
function flagsOf(command: Command): readonly FlagSpec[] {
  const own = new Set(command.flags.map(({ name }) => name));
  return [...command.flags, ...globalFlags.filter(({ name }) => !own.has(name))];
}

/** The flags that must be there and aren't, in cobra's words. */
export function missingFlags(command: Command, parsed: ParsedArguments): string | undefined {
  const missing = (command.requiredFlags ?? []).filter((name) => !parsed.flags.isSet(name));
  if (missing.length === 0) return undefined;
  return `required flag(s) ${missing.map((name) => JSON.stringify(name)).join(', ')} not set`;
}

/** The index of the first word that is neither a flag nor a flag's value. */
function firstPlainWord(words: readonly string[], flags: readonly FlagSpec[]): number | undefined {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') return undefined;
    if (!word.startsWith('-') || word === '-') return index;
    if (takesNextWord(word, flags)) index += 1;
  }
  return undefined;
}

/** A flag that isn't known counts as one that takes a value, as in cobra. */
function takesNextWord(word: string, flags: readonly FlagSpec[]): boolean {
  if (word.includes('=')) return false;
  const isLong = word.startsWith('--');
  if (!isLong && word.length !== 2) return false;
  const spec = flags.find((flag) => (isLong ? flag.name === word.slice(2) : flag.short === word.slice(1)));
  return spec === undefined || (spec.type !== 'bool' && spec.bare === undefined);
}

function unknownCommand(
  root: Command,
  word: string,
  argv: readonly string[],
): { readonly ok: false; readonly error: Failure } {
  // Source: k8s.io/kubectl/pkg/cmd, HandlePluginCommand: the first words would name a plugin.
  const [first = ''] = argv;
  if (first.startsWith('-')) {
    const text = `Error: flags cannot be placed before plugin name: ${first}`;
    return { ok: false, error: { kind: 'exit', code: 1, text } };
  }
  const suggestions = suggestionsFor(root, word);
  const hint =
    suggestions.length === 0
      ? ''
      : `\n\nDid you mean this?\n${suggestions.map((name) => `\t${name}\n`).join('')}`;
  return failure(`unknown command ${JSON.stringify(word)} for "kubectl"${hint}`);
}

/** In the order of the commands. Source: github.com/spf13/cobra, SuggestionsFor with its default distance of 2. */
function suggestionsFor(root: Command, word: string): readonly string[] {
  const typed = word.toLowerCase();
  return (root.subcommands ?? [])
    .filter(
      (one) =>
        editDistance(typed, one.name.toLowerCase()) <= 2 ||
        one.name.toLowerCase().startsWith(typed) ||
        one.suggestFor?.some((other) => other.toLowerCase() === typed),
    )
    .map((one) => one.name);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  // A longer word is no misspelt command; the bound keeps the table small.
  if (a.length > 64) return a.length;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = a.charAt(row - 1) === b.charAt(column - 1) ? 0 : 1;
      current.push(
        Math.min(
          (current[column - 1] ?? 0) + 1,
          (previous[column] ?? 0) + 1,
          (previous[column - 1] ?? 0) + change,
        ),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
