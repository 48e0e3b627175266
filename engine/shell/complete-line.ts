/**
 * Tab: what may stand at the cursor. kubectl is asked itself, as its completion script for bash does; other words are
 * commands, machines or files. Left out: what bash would expand first (variables, globs).
 */
import { defaultLimits } from '../base/limits.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import { type CommandSurroundings, createKubectlHost } from './kubectl-host.ts';
import type { ShellHost } from './shell-host.ts';

/** What may stand in place of the word before the cursor. */
export interface LineCompletion {
  /** Where that word begins in the line. */
  readonly start: number;
  readonly choices: readonly CompletionChoice[];
}

/** One word. */
export interface CompletionChoice {
  /** As it stands in a line, quoted where it must be. */
  readonly text: string;
  /** What is listed: the last part of a path. */
  readonly label: string;
  readonly description?: string;
  /** Whether the word is whole, so that a space may follow. */
  readonly isWhole: boolean;
}

/** What completion looks at. */
export interface CompletionSources {
  readonly host: ShellHost;
  readonly surroundings: CommandSurroundings;
  /** Names of all commands. */
  readonly commands: readonly string[];
  /** What an alias stands for. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** Bits of a directive. Source: cobra, completions.go. */
const noSpace = 2;
const noFiles = 4;
/** More choices than anybody reads are cut. */
const mostChoices = 500;

/** Completes the word that ends where the text ends; the text is the line up to the cursor. */
export async function completeLine(text: string, sources: CompletionSources): Promise<LineCompletion> {
  const { words, start, isRedirected } = readWords(text);
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1).filter((_, at, all) => !isAssignment(all, at));
  const choices = await choose(sources, expandAlias(before, sources.aliases), { typed, isRedirected });
  return { start, choices: choices.slice(0, mostChoices) };
}

interface Wanted {
  readonly typed: string;
  readonly isRedirected: boolean;
}

async function choose(
  sources: CompletionSources,
  before: readonly string[],
  { typed, isRedirected }: Wanted,
): Promise<readonly CompletionChoice[]> {
  const { surroundings, host, commands, aliases } = sources;
  const [name, ...args] = before;
  if (isRedirected) return completeFiles(surroundings, typed);
  if (name === undefined) {
    if (typed.includes('/')) return completeFiles(surroundings, typed);
    const names = new Set([...commands, ...builtins, ...aliases.keys()]);
    return [...names]
      .filter((one) => one.startsWith(typed))
      .sort()
      .map(wholeWord);
  }
  if (name === 'kubectl') return completeKubectl(host, surroundings, [...args, typed]);
  if (name === 'ssh' && args.every((word) => word.startsWith('-'))) {
    return host.machines.filter((machine) => machine.startsWith(typed)).map(wholeWord);
  }
  const files = await completeFiles(surroundings, typed);
  return name === 'cd' ? files.filter(({ isWhole }) => !isWhole) : files;
}

/** Commands of bash itself that people type. */
const builtins = ['cd', 'exit', 'export', 'fg', 'for', 'if', 'set', 'source', 'type', 'unset', 'while'];

async function completeKubectl(
  host: ShellHost,
  surroundings: CommandSurroundings,
  words: readonly string[],
): Promise<readonly CompletionChoice[]> {
  const captured = createKubectlHost(host, surroundings, defaultLimits.maxOutputBytes);
  await runKubectl(['__complete', ...words], captured.host);
  const lines = captured
    .stdout()
    .split('\n')
    .filter((line) => line !== '');
  const directive = Number(lines.findLast((line) => /^:\d+$/.test(line))?.slice(1) ?? 0);
  const choices = lines
    .filter((line) => !/^:\d+$/.test(line))
    .map((line): CompletionChoice => {
      const [text = '', description] = line.split('\t');
      const word = { text, label: text, isWhole: (directive & noSpace) === 0 && !text.endsWith('=') };
      return description === undefined ? word : { ...word, description };
    });
  if (choices.length > 0 || (directive & noFiles) !== 0) return choices;
  return completeFiles(surroundings, words.at(-1) ?? '');
}

async function completeFiles(
  { files, cwd, env }: CommandSurroundings,
  typed: string,
): Promise<readonly CompletionChoice[]> {
  const cut = typed.lastIndexOf('/') + 1;
  const folder = typed.slice(0, cut);
  const part = typed.slice(cut);
  const path = folder.startsWith('~/') ? `${env.get('HOME') ?? ''}${folder.slice(1)}` : folder;
  const names = (await files.list(path === '' ? cwd : path)) ?? [];
  return names
    .filter((name) => name.startsWith(part) && (part !== '' || !name.startsWith('.')))
    .map((name) => ({
      text: folder + name.replaceAll(/[^\p{L}\p{N}_@%+:,./=-]/gu, '\\$&'),
      label: name,
      isWhole: !name.endsWith('/'),
    }));
}

function wholeWord(text: string): CompletionChoice {
  return { text, label: text, isWhole: true };
}

/** `NAME=value` before a command. */
function isAssignment(words: readonly string[], at: number): boolean {
  return words.slice(0, at + 1).every((word) => /^[A-Za-z_]\w*=/.test(word));
}

function expandAlias(words: readonly string[], aliases: ReadonlyMap<string, string>): readonly string[] {
  const [name = '', ...rest] = words;
  const meaning = aliases.get(name);
  return meaning === undefined ? words : [...meaning.trim().split(/\s+/), ...rest];
}

/** The words of the command that the end of the text belongs to; the last is the one being typed. */
function readWords(text: string): {
  readonly words: readonly string[];
  readonly start: number;
  readonly isRedirected: boolean;
} {
  let words: string[] = [];
  let word: string | undefined;
  let start = text.length;
  let quote = '';
  let isRedirected = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (word === undefined && !/[\s|;&<>()]/.test(character)) start = at;
    if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at += 1;
      word = (word ?? '') + text.charAt(at);
    } else if (/[|;&()\n]/.test(character)) {
      words = [];
      word = undefined;
      isRedirected = false;
    } else if (/[\s<>]/.test(character)) {
      if (word !== undefined && !isRedirected) words.push(word);
      if (word !== undefined) isRedirected = false;
      word = undefined;
      if (character === '<' || character === '>') isRedirected = true;
    } else word = (word ?? '') + character;
  }
  return { words: [...words, word ?? ''], start: word === undefined ? text.length : start, isRedirected };
}
