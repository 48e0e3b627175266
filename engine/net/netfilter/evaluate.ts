/** Walks the chains of one table with a packet and does what the rules that match say. */
import { assertNever, invariant } from '../../base/result.ts';
import { parseIPv4 } from '../ipv4.ts';
import type { PacketHeader, RuleRef, TableName } from '../trace.ts';
import { chainAt } from './chain-directory.ts';
import { candidateBuckets, endOfBucket, indexOf } from './chain-index.ts';
import { type Chances, noChance } from './chances.ts';
import { applyNat, type NatEnd, type NatRange, setUpNat } from './conntrack/nat.ts';
import { leaveUntracked } from './conntrack/track.ts';
import { countPacket } from './counters.ts';
import { saveTarget } from './extensions.ts';
import { matchesAddress, matchesLink } from './header-tests.ts';
import { anyPort } from './make-rule.ts';
import { matchesAddrtype } from './matches/addrtype.ts';
import { matchesConntrack, matchesState } from './matches/conntrack.ts';
import { matchesIcmp } from './matches/icmp.ts';
import { matchesIprange } from './matches/iprange.ts';
import { matchesLimit } from './matches/limit.ts';
import { matchesMark } from './matches/mark.ts';
import { matchesMultiport } from './matches/multiport.ts';
import { matchesPhysdev } from './matches/physdev.ts';
import { matchesPorts } from './matches/ports.ts';
import { matchesRecent } from './matches/recent.ts';
import { matchesSet } from './matches/set.ts';
import { isDrawn, matchesStatistic } from './matches/statistic.ts';
import { matchesTcp } from './matches/tcp.ts';
import type { HookResult } from './netfilter.ts';
import { renderRule } from './render.ts';
import type { Chain, Match, Rule, Target } from './rule.ts';
import type { NetfilterState, Table } from './state.ts';
import { applyConnmark, applyMark, listChange } from './targets/mark.ts';
import type { NatTarget } from './targets/nat.ts';
import { mapAddress, type NetmapTarget } from './targets/netmap.ts';
import { applySet } from './targets/set.ts';
import { type PacketView, packetLength } from './view.ts';

/** What a table decided: go on, or the end of the packet. */
export type TableResult = 'accept' | Exclude<HookResult, { verdict: 'accept' }>;

interface TableWalk {
  readonly state: NetfilterState;
  readonly view: PacketView;
  readonly name: TableName;
  readonly table: Table;
}

/** Runs the chain of the view's hook in a table; the policy decides when no rule did. */
export function runTable(state: NetfilterState, view: PacketView, name: TableName): TableResult {
  const table = state.tables.get(name);
  const { hook, at } = view.context;
  const chain = table?.builtin.get(hook);
  if (table === undefined || chain === undefined) return 'accept';
  const outcome = walkChain({ state, view, name, table }, chain);
  if (outcome !== 'return') return outcome;
  countPacket(state.counters, chain, chain.rules.length, packetLength(view.packet));
  if (chain.policy !== 'DROP') return 'accept';
  view.context.record({ step: 'policy', at, hook, table: name, policy: 'DROP' });
  return { verdict: 'drop', chain: hook, table: name };
}

function walkChain(walk: TableWalk, chain: Chain): TableResult | 'return' {
  const { rules } = chain;
  if (chain.chances !== undefined) return walkChances(walk, chain, chain.chances);
  const index = indexOf(chain);
  if (index === undefined) {
    for (let position = 0; position < rules.length; position += 1) {
      const outcome = tryRule(walk, chain, position);
      if (outcome !== 'next') return outcome;
    }
    return 'return';
  }
  return walkBuckets(walk, chain, index.nexts, candidateBuckets(index, walk.view));
}

/** Draws for each rule without looking at it; the rule that is drawn, and one that asks for more, is met as any other. */
function walkChances(walk: TableWalk, chain: Chain, chances: Chances): TableResult | 'return' {
  const { view } = walk;
  for (let position = 0; position < chances.length; position += 1) {
    const chance = chances[position] ?? noChance;
    if (chance !== noChance && view.rulesLeft > 0 && !isDrawn(chance, view)) {
      view.rulesLeft -= 1;
      continue;
    }
    const outcome = chance === noChance ? tryRule(walk, chain, position) : meetRule(walk, chain, position);
    if (outcome !== 'next') return outcome;
  }
  return 'return';
}

/** Walks several ascending lists of positions, given by their first ones, as if they were one. */
function walkBuckets(
  walk: TableWalk,
  chain: Chain,
  nexts: Int32Array,
  cursors: number[],
): TableResult | 'return' {
  for (;;) {
    let position = chain.rules.length;
    let first = -1;
    for (let bucket = 0; bucket < cursors.length; bucket += 1) {
      const candidate = cursors[bucket] ?? endOfBucket;
      if (candidate !== endOfBucket && candidate < position) {
        position = candidate;
        first = bucket;
      }
    }
    if (first < 0) return 'return';
    cursors[first] = nexts[position] ?? endOfBucket;
    const outcome = tryRule(walk, chain, position);
    if (outcome !== 'next') return outcome;
  }
}

function tryRule(walk: TableWalk, chain: Chain, position: number): TableResult | 'return' | 'next' {
  const { view } = walk;
  const rule = chain.rules[position];
  if (rule === undefined) return 'next';
  if (view.rulesLeft > 0 && !matchesRule(rule, view)) {
    view.rulesLeft -= 1;
    return 'next';
  }
  return meetRule(walk, chain, position);
}

/** Does what a rule says whose tests the packet has passed, unless it has met too many. */
function meetRule(walk: TableWalk, chain: Chain, position: number): TableResult | 'return' | 'next' {
  const { view } = walk;
  const rule = chain.rules[position];
  if (rule === undefined) return 'next';
  view.rulesLeft -= 1;
  if (view.rulesLeft < 0) return { verdict: 'drop', chain: chain.name, table: walk.name };
  countPacket(walk.state.counters, chain, position, packetLength(view.packet));
  return rule.target === undefined ? 'next' : act({ walk, chain, position, rule }, rule.target);
}

function matchesRule(rule: Rule, view: PacketView): boolean {
  if (rule.chance !== undefined) return isDrawn(rule.chance, view);
  if ((view.source & rule.sourceMask) !== rule.sourceAddress) return false;
  if ((view.destination & rule.destinationMask) !== rule.destinationAddress) return false;
  const { protocol } = rule;
  if (protocol !== undefined && (protocol.number === view.protocol) === protocol.negated) return false;
  if (rule.port !== anyPort && rule.port !== view.packet.destinationPort) return false;
  if (!rule.isPlain && !matchesHeader(rule, view)) return false;
  const { tests } = rule;
  for (let index = 0; index < tests.length; index += 1) {
    const match = tests[index];
    if (match !== undefined && !matchesMatch(match, view)) return false;
  }
  return true;
}

/** What is seldom asked of a header: an address that is not meant, links, fragments. */
function matchesHeader({ source, destination, inLink, outLink, fragment }: Rule, view: PacketView): boolean {
  if (source !== undefined && !matchesAddress(source, view.source)) return false;
  if (destination !== undefined && !matchesAddress(destination, view.destination)) return false;
  if (inLink !== undefined && !matchesLink(inLink, view.context.inLink)) return false;
  if (outLink !== undefined && !matchesLink(outLink, view.context.outLink)) return false;
  return fragment === undefined || fragment.negated;
}

function matchesMatch(match: Match, view: PacketView): boolean {
  switch (match.kind) {
    case 'comment':
      return true;
    case 'tcp':
      return matchesTcp(match, view);
    case 'udp':
    case 'sctp':
      return matchesPorts(match, view);
    case 'icmp':
      return matchesIcmp(match, view);
    case 'multiport':
      return matchesMultiport(match, view);
    case 'addrtype':
      return matchesAddrtype(match, view);
    case 'conntrack':
      return matchesConntrack(match, view);
    case 'state':
      return matchesState(match, view);
    case 'mark':
    case 'connmark':
      return matchesMark(match, view);
    case 'statistic':
      return matchesStatistic(match, view);
    case 'recent':
      return matchesRecent(match, view);
    case 'iprange':
      return matchesIprange(match, view);
    case 'limit':
      return matchesLimit(match, view);
    case 'physdev':
      return matchesPhysdev(match, view);
    case 'set':
      return matchesSet(match, view);
    default:
      return assertNever(match);
  }
}

/** A rule that matched, and where it stands. */
interface MatchedRule {
  readonly walk: TableWalk;
  readonly chain: Chain;
  readonly position: number;
  readonly rule: Rule;
}

function act(matched: MatchedRule, target: Target): TableResult | 'return' | 'next' {
  const { walk, chain } = matched;
  const { view, name, table } = walk;
  switch (target.kind) {
    case 'verdict':
      record(matched, target.verdict);
      if (target.verdict === 'RETURN') return 'return';
      if (target.verdict === 'ACCEPT') return 'accept';
      return { verdict: 'drop', chain: chain.name, table: name, rule: refTo(matched) };
    case 'jump': {
      const next = chainAt(table.user, target.number);
      invariant(next !== undefined, `a jump leads to chain ${target.chain}, which does not exist`);
      if (view.context.isRecording) record(matched, `${target.isGoto ? 'goto' : 'jump'} ${target.chain}`);
      const outcome = walkChain(walk, next);
      return outcome === 'return' && !target.isGoto ? 'next' : outcome;
    }
    case 'REJECT':
      record(matched, `REJECT with ${target.type}`);
      return { verdict: 'reject', rule: refTo(matched), with: target.type };
    case 'MARK':
      if (view.context.isRecording) record(matched, `MARK ${listChange(target)}`);
      applyMark(target, view);
      return 'next';
    case 'CONNMARK':
      record(matched, saveTarget(target).replace(' -j ', ''));
      applyConnmark(target, view);
      return 'next';
    case 'NOTRACK':
      record(matched, 'NOTRACK');
      leaveUntracked(view);
      return 'next';
    case 'LOG':
    case 'NFLOG':
    case 'TCPMSS':
    case 'TRACE':
    case 'TOS':
      record(matched, target.kind);
      return 'next';
    case 'SET':
      record(matched, saveTarget(target).replace(' -j ', ''));
      applySet(target, view);
      return 'next';
    case 'NETMAP':
      return mapNetwork(matched, target);
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return translate(matched, target);
    default:
      return assertNever(target);
  }
}

/** Binds the connection as a NAT rule says. A packet without a connection passes the rule unchanged. */
function translate(matched: MatchedRule, target: NatTarget): TableResult {
  const { view, name } = matched.walk;
  if (view.connection === undefined) return 'accept';
  const end: NatEnd = target.kind === 'DNAT' || target.kind === 'REDIRECT' ? 'destination' : 'source';
  const addresses = target.addresses ?? ownAddress(view, target);
  if (addresses === 'none') {
    record(matched, target.kind);
    return { verdict: 'drop', chain: matched.chain.name, table: name, rule: refTo(matched) };
  }
  const random = target.random || target.randomFully;
  return bind(matched, target.kind, end, { addresses, ports: target.ports, random });
}

/** Moves the end that the hook is about to its place in another network. */
function mapNetwork(matched: MatchedRule, target: NetmapTarget): TableResult {
  const { view } = matched.walk;
  const { hook } = view.context;
  const end: NatEnd = hook === 'PREROUTING' || hook === 'OUTPUT' ? 'destination' : 'source';
  const address = mapAddress(target, end === 'source' ? view.source : view.destination);
  return bind(matched, target.kind, end, {
    addresses: { first: address, last: address },
    ports: undefined,
    random: false,
  });
}

function bind(matched: MatchedRule, kind: string, end: NatEnd, range: NatRange): TableResult {
  const { view } = matched.walk;
  const { connection } = view;
  if (connection === undefined) return 'accept';
  setUpNat(view, connection, end, range);
  const isChanged = applyNat(view, connection, end);
  if (!view.context.isRecording) return 'accept';
  const { packet } = view;
  const where = end === 'source' ? packet.source : packet.destination;
  const port = end === 'source' ? packet.sourcePort : packet.destinationPort;
  const action = `${kind} to ${where}${packet.protocol === 'icmp' ? '' : `:${port}`}`;
  record(matched, action, isChanged ? headerOf(view) : undefined);
  return 'accept';
}

/** The address that MASQUERADE and REDIRECT take: the outgoing link's, or the incoming one's; `none` drops the packet. */
function ownAddress(
  view: PacketView,
  target: NatTarget,
): { readonly first: number; readonly last: number } | 'none' | undefined {
  const { context } = view;
  if (target.kind === 'DNAT' || target.kind === 'SNAT') return undefined;
  const isLocalRedirect = target.kind === 'REDIRECT' && context.hook === 'OUTPUT';
  const link = target.kind === 'MASQUERADE' ? context.outLink : context.inLink;
  const text = isLocalRedirect ? '127.0.0.1' : link === undefined ? undefined : context.linkAddress(link);
  const address = text === undefined ? undefined : parseIPv4(text);
  return address === undefined ? 'none' : { first: address, last: address };
}

function record(matched: MatchedRule, action: string, header?: PacketHeader): void {
  const { context } = matched.walk.view;
  if (!context.isRecording) return;
  const { at, hook } = context;
  const rule = refTo(matched);
  context.record({ step: 'rule', at, hook, rule, action, ...(header === undefined ? {} : { header }) });
}

// Rules are frozen and met by many packets, in every fork: what names one is made once.
const knownRefs = new WeakMap<Rule, RuleRef>();

/** Names a rule. */
function refTo({ walk, chain, position, rule }: MatchedRule): RuleRef {
  const known = knownRefs.get(rule);
  const number = position + 1;
  if (known?.table === walk.name && known.chain === chain.name && known.number === number) return known;
  const text = renderRule(chain.name, rule);
  const ref = Object.freeze({ table: walk.name, chain: chain.name, number, text });
  knownRefs.set(rule, ref);
  return ref;
}

/** The addresses and ports of the packet as it is now. */
export function headerOf(view: PacketView): PacketHeader {
  const { protocol, source, sourcePort, destination, destinationPort } = view.packet;
  return { protocol, source, sourcePort, destination, destinationPort };
}
