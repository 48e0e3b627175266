/** `-m conntrack` and `-m state`: what connection tracking knows of the packet. `--ctexpire` is left out. */

import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import type { Connection, Tuple } from '../conntrack/connection.ts';
import type { Extension, OptionValues } from '../extension.ts';
import { formatMask, prefixMask } from '../masks.ts';
import { parsePort, parseProtocol, protocolNumbers } from '../protocols.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface ConntrackMatch {
  readonly kind: 'conntrack';
  readonly states?: NameTest;
  readonly protocol?: { readonly number: number; readonly negated: boolean };
  /** Tests of addresses and ports of the two tuples, in the order in which they are printed. */
  readonly tuples: readonly TupleTest[];
  readonly statuses?: NameTest;
  readonly direction?: { readonly name: 'ORIGINAL' | 'REPLY'; readonly negated: boolean };
}

/** What a rule holds of it: every test that is present has to be passed. */
export interface StateMatch {
  readonly kind: 'state';
  readonly states: NameTest;
}

interface NameTest {
  readonly names: readonly string[];
  readonly negated: boolean;
}

interface TupleTest {
  readonly option: (typeof tupleOptions)[number];
  /** An address with its mask, or the first and last port. */
  readonly low: number;
  readonly high: number;
  readonly negated: boolean;
}

const stateNames = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const plainStateNames = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'];
const statusNames = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'];
const tupleOptions = [
  '--ctorigsrc',
  '--ctorigdst',
  '--ctreplsrc',
  '--ctrepldst',
  '--ctorigsrcport',
  '--ctorigdstport',
  '--ctreplsrcport',
  '--ctrepldstport',
] as const;

/** How `-m conntrack` is read. */
export const conntrackExtension: Extension<ConntrackMatch> = {
  name: 'conntrack',
  options: [
    { name: '--ctstate', invertible: true },
    { name: '--ctproto', invertible: true },
    ...tupleOptions.map((name) => ({ name, invertible: true })),
    { name: '--ctstatus', invertible: true },
    { name: '--ctdir' },
  ],
  build: (values) => {
    const states = readNames(values, '--ctstate', stateNames, 'ctstate');
    const statuses = readNames(values, '--ctstatus', statusNames, 'ctstatus');
    const protocol = readProtocol(values);
    const direction = readDirection(values);
    const tuples = tupleOptions.flatMap((option) => readTuple(values, option) ?? []);
    const isEmpty = states === undefined && statuses === undefined && protocol === undefined;
    if (isEmpty && direction === undefined && tuples.length === 0) {
      values.failAtEnd('conntrack: At least one option is required');
    }
    return Object.freeze({
      kind: 'conntrack',
      ...(states === undefined ? {} : { states }),
      ...(protocol === undefined ? {} : { protocol }),
      tuples: Object.freeze(tuples),
      ...(statuses === undefined ? {} : { statuses }),
      ...(direction === undefined ? {} : { direction }),
    });
  },
};

/** How `-m state` is read. */
export const stateExtension: Extension<StateMatch> = {
  name: 'state',
  options: [{ name: '--state', invertible: true, mandatory: true }],
  build: (values) =>
    Object.freeze({
      kind: 'state',
      states:
        readNames(values, '--state', plainStateNames, 'state') ??
        Object.freeze({ names: [], negated: false }),
    }),
};

function readNames(
  values: OptionValues,
  option: string,
  known: readonly string[],
  word: string,
): NameTest | undefined {
  const text = values.text(option);
  if (text === undefined) return undefined;
  const given = text.split(',').map((name) => name.toUpperCase());
  if (word === 'state' && text.endsWith(',')) {
    values.fail('"--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED');
  }
  given.forEach((name, at) => {
    // The tool shows what is left of a list when a place in it is empty.
    const shown = name === '' && word === 'state' ? text.split(',').slice(at).join(',') : name;
    if (!known.includes(name)) values.fail(`Bad ${word} "${shown}"`);
  });
  return Object.freeze({
    names: Object.freeze(known.filter((name) => given.includes(name))),
    negated: values.isNegated(option),
  });
}

function readProtocol(
  values: OptionValues,
): { readonly number: number; readonly negated: boolean } | undefined {
  const text = values.text('--ctproto');
  if (text === undefined) return undefined;
  const number = parseProtocol(text);
  if (number === undefined) values.fail(`conntrack: Bad value for "--ctproto" option: "${text}"`);
  return Object.freeze({ number: number ?? 0, negated: values.isNegated('--ctproto') });
}

function readDirection(values: OptionValues): ConntrackMatch['direction'] {
  const text = values.text('--ctdir');
  if (text === undefined) return undefined;
  if (text !== 'ORIGINAL' && text !== 'REPLY') {
    values.fail(`conntrack: Bad value for "--ctdir" option: "${text}"`);
    return undefined;
  }
  return Object.freeze({ name: text, negated: values.isNegated('--ctdir') });
}

function readTuple(values: OptionValues, option: TupleTest['option']): TupleTest | undefined {
  const text = values.text(option);
  if (text === undefined) return undefined;
  const negated = values.isNegated(option);
  if (option.endsWith('port')) {
    const [first = '', last = first] = text.split(':');
    const low = parsePort(first);
    const high = parsePort(last);
    if (low === undefined || high === undefined) {
      values.fail(`conntrack: Bad value for "${option}" option: "${text}"`);
    }
    return Object.freeze({ option, low: low ?? 0, high: high ?? 0, negated });
  }
  const [host = '', prefix = '32'] = text.split('/');
  const address = parseIPv4(host);
  const mask =
    /^[0-9]{1,2}$/.test(prefix) && Number(prefix) <= 32 ? prefixMask(Number(prefix)) : parseIPv4(prefix);
  if (address === undefined || mask === undefined) values.fail(`host/network \`${text}' not found`);
  return Object.freeze({ option, low: ((address ?? 0) & (mask ?? 0)) >>> 0, high: mask ?? 0, negated });
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveConntrack(match: ConntrackMatch): string {
  const names = (option: string, test: NameTest | undefined) =>
    test === undefined ? '' : `${test.negated ? ' !' : ''} ${option} ${test.names.join(',')}`;
  const protocol =
    match.protocol === undefined
      ? ''
      : `${match.protocol.negated ? ' !' : ''} --ctproto ${match.protocol.number}`;
  const tuples = match.tuples.map(saveTuple).join('');
  const direction = match.direction === undefined ? '' : ` --ctdir ${match.direction.name}`;
  return `${names('--ctstate', match.states)}${protocol}${tuples}${names('--ctstatus', match.statuses)}${direction}`;
}

function saveTuple(test: TupleTest): string {
  return `${test.negated ? ' !' : ''} ${test.option} ${formatTuple(test)}`;
}

function formatTuple(test: TupleTest): string {
  if (test.option.endsWith('port'))
    return test.low === test.high ? `${test.low}` : `${test.low}:${test.high}`;
  const mask = formatMask(test.high);
  return mask === '32' ? formatIPv4(test.low) : `${formatIPv4(test.low)}/${mask}`;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveState(match: StateMatch): string {
  return `${match.states.negated ? ' !' : ''} --state ${match.states.names.join(',')}`;
}

/** As `iptables -L` shows it. */
export function listConntrack(match: ConntrackMatch): string {
  return saveConntrack(match).trimStart().replaceAll('--', '');
}

/** As `iptables -L` shows it. */
export function listState(match: StateMatch): string {
  return `${match.states.negated ? '! ' : ''}state ${match.states.names.join(',')}`;
}

/** Whether the packet passes the test. */
export function matchesState(match: StateMatch, view: PacketView): boolean {
  return match.states.names.includes(view.connectionState) !== match.states.negated;
}

/** Whether the packet passes the test. */
export function matchesConntrack(match: ConntrackMatch, view: PacketView): boolean {
  const { states, protocol, statuses, direction, tuples } = match;
  const { connection } = view;
  if (states !== undefined && hasState(states.names, view) === states.negated) return false;
  if (protocol !== undefined) {
    if (connection === undefined) return false;
    if ((protocolNumbers[connection.protocol] === protocol.number) === protocol.negated) return false;
  }
  if (statuses !== undefined) {
    if (connection === undefined || hasStatus(statuses.names, connection) === statuses.negated) return false;
  }
  if (direction !== undefined) {
    if (connection === undefined) return false;
    if ((view.direction === 'original') !== (direction.name === 'ORIGINAL')) return false;
  }
  return tuples.every((test) => connection !== undefined && matchesTuple(test, connection));
}

function hasState(names: readonly string[], view: PacketView): boolean {
  if (names.includes(view.connectionState)) return true;
  if (view.connection?.sourceNat === true && names.includes('SNAT')) return true;
  return view.connection?.destinationNat === true && names.includes('DNAT');
}

function hasStatus(names: readonly string[], connection: Connection): boolean {
  return names.some(
    (name) =>
      (name === 'SEEN_REPLY' && connection.seenReply) ||
      (name === 'ASSURED' && connection.assured) ||
      (name === 'CONFIRMED' && connection.confirmed),
  );
}

function matchesTuple(test: TupleTest, connection: Connection): boolean {
  const tuple: Tuple = test.option.startsWith('--ctorig') ? connection.original : connection.reply;
  const isSource = test.option.includes('src');
  if (test.option.endsWith('port')) {
    const port = isSource ? tuple.sourcePort : tuple.destinationPort;
    return (port >= test.low && port <= test.high) !== test.negated;
  }
  const address = parseIPv4(isSource ? tuple.source : tuple.destination) ?? 0;
  return ((address & test.high) >>> 0 === test.low) !== test.negated;
}
