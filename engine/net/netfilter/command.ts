/**
 * `iptables -A …` and its like: one command, put in place at once or refused in the words of the tool.
 * Source: behaviour and messages of iptables v1.8.9 (nf_tables), recorded in fixtures/commands.txt.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { TableName } from '../trace.ts';
import { setCounter } from './counters.ts';
import { targetExtensions } from './extensions.ts';
import { parseRule } from './parse-rule.ts';
import { renderIptablesSave, renderRule } from './render.ts';
import { restoreIptables } from './restore.ts';
import { chainsOf, emptyTable, findChain, isHook, type NetfilterState } from './state.ts';
import { isVerdict } from './targets/verdict.ts';

/** Why a command was refused. */
export interface RefusedCommand {
  readonly stderr: string;
  readonly exitCode: number;
}

/** A command with its arguments: `-A INPUT -j ACCEPT`. */
export interface IptablesCommand {
  readonly table: TableName;
  readonly words: readonly string[];
}

const zero = { packets: 0, bytes: 0 };
const tool = 'iptables v1.8.9 (nf_tables): ';
const noSuchChain = 'No chain/target/match by that name.';

const longNames: ReadonlyMap<string, string> = new Map([
  ['--append', '-A'],
  ['--check', '-C'],
  ['--delete', '-D'],
  ['--delete-chain', '-X'],
  ['--flush', '-F'],
  ['--insert', '-I'],
  ['--new-chain', '-N'],
  ['--policy', '-P'],
  ['--rename-chain', '-E'],
  ['--replace', '-R'],
  ['--zero', '-Z'],
]);

/** Carries a command out. */
export function runIptablesCommand(
  state: NetfilterState,
  { table, words }: IptablesCommand,
): Result<void, RefusedCommand> {
  const [given = '', chain, ...rest] = words;
  const command = longNames.get(given) ?? given;
  switch (command) {
    case '-C':
      return checkRule(state, table, chain, rest);
    case '-E':
      return renameChain(state, table, chain, rest[0]);
    case '-Z':
      return zeroCounters(state, table, chain, rest[0]);
    case '-N': {
      const clash = chain === undefined ? undefined : clashOf(chain);
      return clash === undefined ? runLine(state, table, words) : misuse(clash);
    }
    case '-X':
      if (chain === undefined) return deleteChains(state, table);
      // A built-in chain is always in use.
      return isHook(chain) && findChain(emptyTable(table), chain) !== undefined
        ? err({ stderr: `${tool} CHAIN_DEL failed (Device or resource busy): chain ${chain}\n`, exitCode: 4 })
        : runLine(state, table, words);
    case '-P':
      return rest[0] === undefined && chain !== undefined
        ? misuse('-P requires a chain and a policy')
        : runLine(state, table, words);
    case '-I':
    case '-R':
      return rest[0] === '0' ? misuse("Invalid rule number `0'") : runLine(state, table, words);
    default:
      return runLine(state, table, words);
  }
}

function runLine(
  state: NetfilterState,
  table: TableName,
  words: readonly string[],
): Result<void, RefusedCommand> {
  const text = `*${table}\n${words.map(quote).join(' ')}\nCOMMIT\n`;
  const restored = restoreIptables(state, text, { noflush: true });
  return restored.ok ? ok(undefined) : err(wordsOf(restored.error.message));
}

/** As one argument of restore input; a line's end can't be part of one. */
function quote(word: string): string {
  const oneLine = word.replaceAll('\n', ' ');
  return /^[^\s"\\]+$/.test(oneLine) ? oneLine : `"${oneLine.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** What the tool says where iptables-restore would name the line. */
function wordsOf(message: string): RefusedCommand {
  const plain = message.replace(/^iptables-restore v1\.8\.9 \(nf_tables\): /, '');
  const failed = /^iptables-restore: line \d+ failed: (.*)$/.exec(plain)?.[1];
  if (failed !== undefined) {
    const more = failed === 'Bad policy name.' ? " Run `dmesg' for more information." : '';
    return { stderr: `iptables: ${failed}${more}\n`, exitCode: 1 };
  }
  const refused = /^\nline \d+: (.*)$/.exec(plain)?.[1];
  if (refused !== undefined) return { stderr: `${tool} ${refused}\n`, exitCode: 4 };
  return misuseOf(plain.startsWith('Bad argument') ? plain : `${tool}${plain}`);
}

function misuse(text: string): Result<never, RefusedCommand> {
  return err(misuseOf(`${tool}${text}`));
}

function misuseOf(text: string): RefusedCommand {
  const help = "Try `iptables -h' or 'iptables --help' for more information.";
  return { stderr: `${text}\n${help}\n`, exitCode: 2 };
}

function failed(text: string): Result<never, RefusedCommand> {
  return err({ stderr: `iptables: ${text}\n`, exitCode: 1 });
}

function clashOf(name: string): string | undefined {
  if (name.startsWith('-') || name.startsWith('!')) {
    return `chain name not allowed to start with \`${name.charAt(0)}'`;
  }
  return isVerdict(name) || targetExtensions.has(name)
    ? 'chain name may not clash with target name'
    : undefined;
}

function checkRule(
  state: NetfilterState,
  table: TableName,
  chain: string | undefined,
  words: readonly string[],
): Result<void, RefusedCommand> {
  if (chain === undefined) return misuse('option "-C" requires an argument');
  const parsed = parseRule(words, table, chain);
  if (!parsed.ok) return err(wordsOf(parsed.error));
  const there = findChain(state.tables.get(table) ?? emptyTable(table), chain)?.rules ?? [];
  const texts = new Set(there.map((rule) => renderRule(chain, rule)));
  const isThere = parsed.value.rules.every((rule) => texts.has(renderRule(chain, rule)));
  return isThere ? ok(undefined) : failed('Bad rule (does a matching rule exist in that chain?).');
}

/** Without a name: every user chain, of which none may be in use from outside. */
function deleteChains(state: NetfilterState, table: TableName): Result<void, RefusedCommand> {
  const known = state.tables.get(table);
  const names = known === undefined ? [] : [...chainsOf(known)].map(({ name }) => name);
  const user = names.filter((name) => !isHook(name));
  if (user.length === 0) return ok(undefined);
  const lines = user.map((name) => `-X ${quote(name)}\n`).join('');
  const restored = restoreIptables(state, `*${table}\n${lines}COMMIT\n`, { noflush: true });
  return restored.ok ? ok(undefined) : err(wordsOf(restored.error.message));
}

function renameChain(
  state: NetfilterState,
  table: TableName,
  from: string | undefined,
  to: string | undefined,
): Result<void, RefusedCommand> {
  if (from === undefined || to === undefined) {
    return misuse('-E requires old-chain-name and new-chain-name');
  }
  const clash = clashOf(to);
  if (clash !== undefined) return misuse(clash);
  const chains = state.tables.get(table) ?? emptyTable(table);
  // The tool looks for the new name first.
  if (findChain(chains, to) !== undefined) return failed('File exists.');
  if (isHook(from) || findChain(chains, from) === undefined) return failed(noSuchChain);
  const dump = renderIptablesSave(state, { table, counters: true });
  const old = from.replace(/[^\w-]/g, '\\$&');
  const places = [`^(:)${old}(?= )`, `^(\\S+ -A )${old}(?= |$)`, `( -[jg] )${old}$`].map(
    (place) => new RegExp(place),
  );
  const renamed = dump
    .split('\n')
    .map((line) =>
      places.reduce((text, place) => text.replace(place, (_, before) => `${before}${to}`), line),
    );
  const restored = restoreIptables(state, renamed.join('\n'), { counters: true });
  return restored.ok ? ok(undefined) : err(wordsOf(restored.error.message));
}

function zeroCounters(
  state: NetfilterState,
  table: TableName,
  chain: string | undefined,
  number: string | undefined,
): Result<void, RefusedCommand> {
  const known = state.tables.get(table) ?? emptyTable(table);
  const named = chain === undefined ? undefined : findChain(known, chain);
  if (chain !== undefined && named === undefined) return failed(noSuchChain);
  for (const each of named === undefined ? chainsOf(known) : [named]) {
    const position = Number(number) - 1;
    if (number === undefined) state.counters.delete(each);
    else if (each.rules[position] !== undefined) setCounter(state.counters, each, position, zero);
  }
  return ok(undefined);
}
