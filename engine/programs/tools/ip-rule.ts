/**
 * `ip rule`: which packets ask which routing table. Source: iproute2 6.1 (ip/iprule.c), its words recorded in
 * fixtures/iproute2-rules.txt. Left out: selectors by tos, ports, protocols and users, `goto`, `nop` and suppressors.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { RuleSpec } from '../../net/process/configure.ts';
import { isRules, type RuleFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import { formatJson, type ShowOptions } from './ip-output.ts';
import {
  formatTable,
  isPrefix,
  type Plan,
  parseNumber,
  parseTable,
  refuse,
  wrongArgument,
} from './ip-words.ts';

type Field = Partial<RuleSpec>;
type Read = { readonly field: Field } | { readonly refused: Plan };

/** What `ip rule add|del|flush` asks for; undefined when the action is none. */
export function planRule(action: string, words: readonly string[]): Plan | undefined {
  if (action === 'flush') return { part: 'rule', action };
  if (action !== 'add' && action !== 'delete') return undefined;
  const made = action === 'add' ? 'add' : 'del';
  if (words.length === 0) return refuse(`"ip rule ${made}" requires arguments.`, 1);
  let rule: RuleSpec = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === 'not') rule = { ...rule, inverted: true };
    else if (word === 'blackhole' || word === 'unreachable' || word === 'prohibit')
      rule = { ...rule, action: word };
    else if (unsimulated.has(word)) return refuse(`ip: rules with ${word} are not simulated`, 255);
    else {
      const read = readers.get(word);
      if (read === undefined)
        return refuse(`Error: argument "${word}" is wrong: Failed to parse rule type`, 255);
      const value = words[index + 1];
      if (value === undefined) return refuse('Command line is not complete. Try option "help"', 255);
      const known = read(value);
      if ('refused' in known) return known.refused;
      rule = { ...rule, ...known.field };
      index += 1;
    }
  }
  return { part: 'rule', action: made, rule };
}

/** `ip rule`, with `table` or `lookup` only those that ask it. */
export function* showRules(words: readonly string[], options: ShowOptions): sys.Sys<number> {
  const facts = yield* sys.inspect('rules');
  const asked = words[0] === 'table' || words[0] === 'lookup' ? (words[1] ?? '') : undefined;
  const table = asked === undefined ? undefined : parseTable(asked);
  if (asked !== undefined && table === undefined) {
    yield* sys.printError(`Error: argument "${asked}" is wrong: invalid table ID\n\n`);
    return 255;
  }
  const rules = isRules(facts) ? facts : [];
  const shown = rules.filter(({ action }) => table === undefined || action === table);
  if (options.json) {
    yield* sys.print(formatJson(shown.map(ruleJson), options));
    return 0;
  }
  yield* sys.print(
    shown
      .map(({ preference, selector, action }) => {
        const last = typeof action === 'number' ? `lookup ${formatTable(action)}` : action;
        return `${preference}:\t${selector} ${last}\n`;
      })
      .join(''),
  );
  return 0;
}

/** The words of a selector by the names that JSON has for them. */
function ruleJson({ preference, selector, action }: RuleFacts): JsonObject {
  const words = selector.split(' ');
  const members: Record<string, JsonValue> = { priority: preference };
  if (words[0] === 'not') members.not = null;
  for (let index = words[0] === 'not' ? 1 : 0; index < words.length; index += 2) {
    const [word = '', value = ''] = words.slice(index, index + 2);
    const [left = '', right] = value.split('/');
    if (word === 'fwmark')
      Object.assign(members, { fwmark: left }, right === undefined ? {} : { fwmask: right });
    else if (word === 'from' || word === 'to') {
      const name = word === 'from' ? 'src' : 'dst';
      Object.assign(members, { [name]: left }, right === undefined ? {} : { [`${name}len`]: Number(right) });
    } else members[word] = value;
  }
  return { ...members, ...(typeof action === 'number' ? { table: formatTable(action) } : { action }) };
}

const unsimulated: ReadonlySet<string> = new Set(
  'tos dsfield ipproto sport dport uidrange tun_id realms goto nop suppress_prefixlength suppress_ifgroup l3mdev protocol'.split(
    ' ',
  ),
);

const readers: ReadonlyMap<string, (value: string) => Read> = new Map([
  ['from', (value: string): Read => prefixField(value, (from) => ({ from }))],
  ['to', (value: string): Read => prefixField(value, (to) => ({ to }))],
  ['fwmark', readMark],
  ['iif', (inLink: string): Read => ({ field: { inLink } })],
  ['dev', (inLink: string): Read => ({ field: { inLink } })],
  ['oif', (outLink: string): Read => ({ field: { outLink } })],
  ['table', readTable],
  ['lookup', readTable],
  ...['pref', 'preference', 'priority', 'order'].map((word): [string, (value: string) => Read] => [
    word,
    readPreference,
  ]),
]);

function prefixField(value: string, field: (prefix: string) => Field): Read {
  if (value === 'all' || value === 'any' || value === 'default') return { field: {} };
  const prefix = value.includes('/') ? value : `${value}/32`;
  return isPrefix(prefix)
    ? { field: field(prefix) }
    : { refused: refuse(`Error: any valid prefix is expected rather than "${value}".`, 1) };
}

function readMark(text: string): Read {
  const [left = '', right, ...more] = text.split('/');
  const value = parseNumber(left);
  if (value === undefined) return { refused: wrongArgument(left, 'fwmark value is invalid') };
  const mask = right === undefined ? 0xffffffff : parseNumber(right);
  return mask === undefined || more.length > 0
    ? { refused: wrongArgument(right ?? '', 'fwmask value is invalid') }
    : { field: { mark: { value, mask } } };
}

function readTable(text: string): Read {
  const action = parseTable(text);
  return action === undefined ? { refused: wrongArgument(text, 'invalid table ID') } : { field: { action } };
}

function readPreference(text: string): Read {
  const preference = parseNumber(text);
  return preference === undefined
    ? { refused: wrongArgument(text, 'preference value is invalid') }
    : { field: { preference } };
}
