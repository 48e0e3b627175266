/**
 * `iptables-restore`: the text of whole tables, put in place all together or, when a line is refused, not at all.
 * Differs: the real tool puts each table in place at its COMMIT; here a later table's error undoes earlier ones too.
 * Source: behaviour and messages of iptables-restore v1.8.9 (nf_tables), taken by giving it such input.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { RestoreError } from '../linux.ts';
import type { TableName } from '../trace.ts';
import { checkDraft } from './check-draft.ts';
import { DraftTable, type RuleLine } from './draft-table.ts';
import { findKnownLine, maxKnownLines, rememberLine } from './known-lines.ts';
import { splitArguments } from './parse-line.ts';
import { badArgument, parseRule } from './parse-rule.ts';
import type { Rule } from './rule.ts';
import { builtinChains, type NetfilterState } from './state.ts';

/** `--noflush`, `--counters`, and `--test`, which changes nothing. */
export interface RestoreOptions {
  readonly noflush?: boolean;
  readonly counters?: boolean;
  readonly test?: boolean;
}

/** The tool's name as its messages begin. */
const tool = 'iptables-restore v1.8.9 (nf_tables): ';
/** Source: NFT_CHAIN_MAXNAMELEN is longer, but iptables keeps to 29 with the final zero. */
const maxChainName = 28;

/** Applies restore input, as one text or by lines. On an error nothing is changed. */
export function restoreIptables(
  state: NetfilterState,
  input: string | readonly string[],
  options: RestoreOptions = {},
): Result<void, RestoreError> {
  const drafts = new Map<TableName, DraftTable>();
  const committed: DraftTable[] = [];
  let draft: DraftTable | undefined;
  // Lines of a huge input would only push each other out.
  const run = isHuge(input) ? undefined : {};
  let line = 0;
  for (const content of typeof input === 'string' ? lines(input) : input) {
    line += 1;
    if (draft?.appendKnown(content, line)) continue;
    if (run !== undefined && appendRemembered(content, draft, line, run)) continue;
    if (content === '' || content.startsWith('#')) continue;
    if (draft === undefined) {
      if (!content.startsWith('*')) return refuse(line, `iptables-restore: line ${line} failed`);
      const name = content.slice(1).trim();
      if (!isTableName(name)) {
        return refuse(line, `${tool}iptables-restore: line ${line} table name '${name}' invalid`);
      }
      draft = drafts.get(name) ?? new DraftTable(state, name, options.counters ?? false);
      drafts.set(name, draft);
      if (options.noflush !== true) draft.flush();
    } else if (content === 'COMMIT') {
      const missing = draft.missingJump();
      if (missing !== undefined) return refuse(line, `${tool}Chain '${missing}' does not exist`);
      const broken = checkDraft(draft);
      if (broken !== undefined) return refuse(broken.line, `${tool}\n${broken.message}`);
      committed.push(draft);
      draft = undefined;
    } else {
      const message = content.startsWith(':')
        ? readChain(content.slice(1), draft, line)
        : readCommand(content, draft, line, run);
      if (message !== undefined) return refuse(line, message);
    }
  }
  if (draft !== undefined) return refuse(line + 1, `iptables-restore: COMMIT expected at line ${line + 1}`);
  if (options.test !== true) for (const table of new Set(committed)) table.commit();
  return ok(undefined);
}

/** Whether input is longer than the lines that are remembered, each of about a hundred characters. */
function isHuge(input: string | readonly string[]): boolean {
  return input.length > (typeof input === 'string' ? maxKnownLines * 100 : maxKnownLines);
}

function refuse(line: number, message: string): Result<void, RestoreError> {
  return err({ line, message });
}

function* lines(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    yield (end < 0 ? text.slice(from) : text.slice(from, end)).trimEnd();
    if (end < 0) return;
    from = end + 1;
  }
}

function isTableName(name: string): name is TableName {
  return builtinChains.has(name as TableName);
}

/** `CHAIN POLICY [packets:bytes]`: makes a chain, or empties the one that is there; sets a built-in one's policy. */
function readChain(text: string, draft: DraftTable, line: number): string | undefined {
  const [name = '', policy, counter] = text.split(/[ \t]+/);
  if (name === '') return `${tool}iptables-restore: line ${line} chain name invalid`;
  if (name.length > maxChainName) {
    return `${tool}chain name \`${name}' too long (must be under ${maxChainName + 1} chars)`;
  }
  if (policy === undefined) return `${tool}iptables-restore: line ${line} policy invalid`;
  if (!draft.isBuiltin(name)) {
    draft.makeEmptyChain(name);
    return undefined;
  }
  if (policy !== '-' && !draft.setPolicy(name, policy, parseCounter(counter))) {
    return failed(line, 'Bad policy name.');
  }
  return undefined;
}

function failed(line: number, why: string): string {
  return `iptables-restore: line ${line} failed: ${why}`;
}

function parseCounter(text: string | undefined): { packets: number; bytes: number } | undefined {
  const parts = text === undefined ? null : /^\[([0-9]{1,15}):([0-9]{1,15})\]$/.exec(text);
  return parts === null ? undefined : { packets: Number(parts[1]), bytes: Number(parts[2]) };
}

/** Appends what a line made in an earlier run, or for another machine; false when it has to be read. */
function appendRemembered(text: string, draft: DraftTable | undefined, line: number, run: object): boolean {
  const known = draft === undefined ? undefined : findKnownLine(draft.name, text);
  if (draft === undefined || known === undefined || known.takenBy === run) return false;
  const { chain, rules } = known;
  if (!draft.hasChain(chain) || rules.some((rule) => draft.hasOldRule(chain, rule))) return false;
  known.takenBy = run;
  for (const rule of rules) draft.appendRule(chain, rule, ruleLine(text, line, rules), undefined);
  return true;
}

/** Only a line that stands for one rule is known again by its text. */
function ruleLine(text: string, number: number, rules: readonly Rule[]): RuleLine {
  return rules.length === 1 ? { number, text } : { number };
}

const noSuchChain = 'No chain/target/match by that name.';

/** One line that changes chains or rules: `-A`, `-I`, `-D`, `-R`, `-N`, `-X`, `-F` or `-P`. */
function readCommand(
  content: string,
  draft: DraftTable,
  line: number,
  run: object | undefined,
): string | undefined {
  let words = splitArguments(content);
  let counter: { packets: number; bytes: number } | undefined;
  if (content.startsWith('[')) {
    counter = parseCounter(words[0]);
    if (counter === undefined) return `${tool}invalid packet counter`;
    words = words.slice(1);
  }
  const [command = '', chain, ...rest] = words;
  switch (command) {
    case '-A':
    case '--append':
    case '-I':
    case '--insert':
    case '-D':
    case '--delete':
    case '-R':
    case '--replace':
      if (chain === undefined) return `${tool}option "${command}" requires an argument`;
      return changeRules(
        command.startsWith('--') ? (longCommands.get(command) ?? '') : command,
        chain,
        rest,
        {
          draft,
          line: { number: line, text: content },
          counter,
          run,
        },
      );
    case '-N':
    case '--new-chain':
      if (chain === undefined) return `${tool}option "${command}" requires an argument`;
      if (chain.length > maxChainName) {
        return `${tool}chain name \`${chain}' too long (must be under ${maxChainName + 1} chars)`;
      }
      if (draft.hasChain(chain)) return failed(line, 'Chain already exists.');
      draft.makeEmptyChain(chain);
      return undefined;
    case '-X':
    case '--delete-chain':
      if (chain === undefined) return `${tool}option "${command}" requires an argument`;
      if (draft.isBuiltin(chain) || !draft.hasChain(chain)) return failed(line, noSuchChain);
      draft.deleteChain(chain, line);
      return undefined;
    case '-F':
    case '--flush':
      if (chain === undefined) draft.flushRules();
      else if (!draft.hasChain(chain)) return failed(line, noSuchChain);
      else draft.emptyChain(chain);
      return undefined;
    case '-P':
    case '--policy':
      if (chain === undefined || rest[0] === undefined)
        return `${tool}option "${command}" requires an argument`;
      if (!draft.isBuiltin(chain)) return failed(line, 'Bad built-in chain name.');
      return draft.setPolicy(chain, rest[0], undefined) ? undefined : failed(line, 'Bad policy name.');
    default:
      return command.startsWith('-') ? `${tool}unknown option "${command}"` : badArgument(command);
  }
}

const longCommands: ReadonlyMap<string, string> = new Map([
  ['--append', '-A'],
  ['--insert', '-I'],
  ['--delete', '-D'],
  ['--replace', '-R'],
]);

function changeRules(
  command: string,
  chain: string,
  words: readonly string[],
  at: {
    readonly draft: DraftTable;
    readonly line: { readonly number: number; readonly text: string };
    readonly counter: { packets: number; bytes: number } | undefined;
    readonly run: object | undefined;
  },
): string | undefined {
  const { draft, line } = at;
  const takesNumber = command !== '-A' && /^[0-9]{1,9}$/.test(words[0] ?? '');
  const number = takesNumber ? Number(words[0]) : 1;
  const ruleWords = takesNumber ? words.slice(1) : words;
  if (takesNumber && number === 0) return `${tool}Invalid rule number \`0'`;
  if (command === '-D' && takesNumber && ruleWords.length === 0) {
    if (!draft.hasChain(chain)) return failed(line.number, noSuchChain);
    return draft.deleteRule(chain, number) ? undefined : failed(line.number, 'Index of deletion too big.');
  }
  const parsed = parseRule(ruleWords, draft.name, chain);
  if (!parsed.ok) return parsed.error.startsWith('Bad argument') ? parsed.error : `${tool}${parsed.error}`;
  if (!draft.hasChain(chain)) return failed(line.number, noSuchChain);
  const missing = parsed.value.rules.map((rule) => draft.missingSet(rule)).find((set) => set !== undefined);
  if (missing !== undefined) return `${tool}Set ${missing} doesn't exist.\n`;
  // Counters in front of a line count only where they were asked for, those of -c always.
  const counter = parsed.value.counter ?? (draft.keepsCounters ? at.counter : undefined);
  switch (command) {
    case '-A':
      for (const rule of parsed.value.rules) {
        draft.appendRule(chain, rule, ruleLine(line.text, line.number, parsed.value.rules), counter);
      }
      // A line that asks for a set is good only where the set is.
      if (counter === undefined && at.run !== undefined && !words.some((word) => word.endsWith('-set'))) {
        rememberLine(draft.name, line.text, { chain, rules: parsed.value.rules, takenBy: at.run });
      }
      return undefined;
    case '-I':
      return draft.insertRules(chain, number, parsed.value.rules, line, counter)
        ? undefined
        : failed(line.number, 'Index of insertion too big.');
    case '-R': {
      const [rule] = parsed.value.rules;
      const isReplaced = rule !== undefined && draft.replaceRule(chain, number, rule, line);
      return isReplaced ? undefined : failed(line.number, 'Index of replacement too big.');
    }
    default: {
      const isDeleted = parsed.value.rules.every((rule) => draft.deleteEqualRule(chain, rule));
      return isDeleted
        ? undefined
        : failed(line.number, 'Bad rule (does a matching rule exist in that chain?).');
    }
  }
}
