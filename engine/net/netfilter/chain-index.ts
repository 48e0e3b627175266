/**
 * Finds the rules of a long chain that a packet can match at all, by its destination, source, protocol and port, so
 * that a chain of ten thousand rules costs a packet about what one of ten does. Every rule stands in exactly one
 * bucket; a packet's buckets, merged by position, hold every rule that could match it, in order.
 */
import type { PortTest } from './matches/ports.ts';
import type { Chain, Rule } from './rule.ts';
import type { PacketView } from './view.ts';

/** Positions of rules in their chain, ascending, by what they test exactly. */
interface ChainIndex {
  readonly byDestinationAndPort: ReadonlyMap<number, readonly number[]>;
  readonly byDestination: ReadonlyMap<number, readonly number[]>;
  readonly byPort: ReadonlyMap<number, readonly number[]>;
  readonly bySource: ReadonlyMap<number, readonly number[]>;
  readonly others: readonly number[];
}

/** Chains shorter than this are walked. Measured: looking in five maps costs about as much as testing eight rules. */
const minIndexedRules = 8;

// Chains are frozen, so an index stays right; it is made for the first packet, since most chains are replaced unmet.
const knownIndexes = new WeakMap<Chain, ChainIndex | 'useless'>();

/** The index of a chain; undefined when walking is as good. */
export function indexOf(chain: Chain): ChainIndex | undefined {
  if (chain.rules.length < minIndexedRules) return undefined;
  const known = knownIndexes.get(chain);
  if (known !== undefined) return known === 'useless' ? undefined : known;
  const index = indexRules(chain.rules);
  knownIndexes.set(chain, index ?? 'useless');
  return index;
}

/** Has a chain walked from its first rule to its last, which is what the index is held against. */
export function walkPlainly(chain: Chain): void {
  knownIndexes.set(chain, 'useless');
}

function indexRules(rules: readonly Rule[]): ChainIndex | undefined {
  // Where most rules stand in no bucket (chances, marks) they would all be walked anyway.
  if (rules.filter(hasKey).length * 2 < rules.length) return undefined;
  const byDestinationAndPort = new Map<number, number[]>();
  const byDestination = new Map<number, number[]>();
  const byPort = new Map<number, number[]>();
  const bySource = new Map<number, number[]>();
  const others: number[] = [];
  rules.forEach((rule, position) => {
    const destination = exactAddress(rule.destination);
    const source = exactAddress(rule.source);
    const port = exactPort(rule);
    if (destination !== undefined && port !== undefined) {
      add(byDestinationAndPort, joinKeys(destination, port), position);
    } else if (destination !== undefined) add(byDestination, destination, position);
    else if (port !== undefined) add(byPort, port, position);
    else if (source !== undefined) add(bySource, source, position);
    else others.push(position);
  });
  return { byDestinationAndPort, byDestination, byPort, bySource, others };
}

function hasKey(rule: Rule): boolean {
  return (
    exactAddress(rule.destination) !== undefined ||
    exactAddress(rule.source) !== undefined ||
    exactPort(rule) !== undefined
  );
}

function add(map: Map<number, number[]>, key: number, position: number): void {
  const positions = map.get(key);
  if (positions === undefined) map.set(key, [position]);
  else positions.push(position);
}

function exactAddress(test: Rule['source']): number | undefined {
  return test !== undefined && !test.negated && test.mask === 0xffffffff ? test.address : undefined;
}

/** Protocol and destination port in one number, when a rule tests exactly one of each. */
function exactPort(rule: Rule): number | undefined {
  if (rule.protocol === undefined || rule.protocol.negated) return undefined;
  for (const match of rule.matches) {
    if (match.kind !== 'tcp' && match.kind !== 'udp' && match.kind !== 'sctp') continue;
    const port = singlePort(match.destinationPorts);
    if (port !== undefined) return portKey(rule.protocol.number, port);
  }
  return undefined;
}

function singlePort(test: PortTest | undefined): number | undefined {
  return test !== undefined && !test.negated && test.first === test.last ? test.first : undefined;
}

/** Protocol and port in at most 18 bits; protocols without ports share one code. */
function portKey(protocol: number, port: number): number {
  const code = protocol === 6 ? 0 : protocol === 17 ? 1 : protocol === 132 ? 2 : 3;
  return code * 0x10000 + port;
}

/** Destination and port in one number, below 2^50 and so exact. */
function joinKeys(destination: number, port: number): number {
  return destination * 0x40000 + port;
}

/** The buckets that a packet has to be looked for in; merged by position they are all rules that may match it. */
export function candidateBuckets(index: ChainIndex, view: PacketView): (readonly number[])[] {
  const port = portKey(view.protocol, view.packet.destinationPort);
  const buckets: (readonly number[])[] = [];
  addBucket(buckets, index.byDestinationAndPort.get(joinKeys(view.destination, port)));
  addBucket(buckets, index.byDestination.get(view.destination));
  addBucket(buckets, index.byPort.get(port));
  addBucket(buckets, index.bySource.get(view.source));
  if (index.others.length > 0) buckets.push(index.others);
  return buckets;
}

function addBucket(buckets: (readonly number[])[], bucket: readonly number[] | undefined): void {
  if (bucket !== undefined) buckets.push(bucket);
}
