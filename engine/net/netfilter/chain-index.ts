/**
 * Finds the rules of a long chain that a packet can match at all, by its destination, source, protocol and port, so
 * that a chain of ten thousand rules costs a packet about what one of ten does. Every rule stands in exactly one
 * bucket; a packet's buckets, merged by position, hold every rule that could match it, in order.
 */
import type { PortTest } from './matches/ports.ts';
import type { Chain, Rule } from './rule.ts';
import type { PacketView } from './view.ts';

/** Where the buckets begin, by what their rules test exactly. */
interface ChainIndex {
  readonly byDestinationAndPort: ReadonlyMap<number, number>;
  readonly byDestination: ReadonlyMap<number, number>;
  readonly byPort: ReadonlyMap<number, number>;
  readonly bySource: ReadonlyMap<number, number>;
  readonly others: number | undefined;
  /** The buckets one behind the other: positions of rules in their chain, ascending, and {@link endOfBucket}. */
  readonly positions: Int32Array;
}

/** Stands behind the last position of each bucket. */
export const endOfBucket = -1;

/** Chains shorter than this are walked. Measured: looking in five maps costs about as much as testing eight rules. */
const minIndexedRules = 8;

// Chains are frozen, so an index stays right; it is made for the first packet, since most chains are replaced unmet.
const knownIndexes = new WeakMap<Chain, ChainIndex | 'useless'>();

/** The index of a chain; undefined when walking is as good. */
export function indexOf(chain: Chain): ChainIndex | undefined {
  const { rules } = chain;
  if (rules.length < minIndexedRules) return undefined;
  const known = knownIndexes.get(chain);
  if (known !== undefined) return known === 'useless' ? undefined : known;
  const index = indexRules(rules);
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
  const byDestinationAndPort: Buckets = new Map();
  const byDestination: Buckets = new Map();
  const byPort: Buckets = new Map();
  const bySource: Buckets = new Map();
  const others: Buckets = new Map();
  rules.forEach((rule, position) => {
    const destination = exactAddress(rule.destination);
    const source = exactAddress(rule.source);
    const port = exactPort(rule);
    if (destination !== undefined && port !== undefined) {
      add(byDestinationAndPort, joinKeys(destination, port), position);
    } else if (destination !== undefined) add(byDestination, destination | 0, position);
    else if (port !== undefined) add(byPort, port, position);
    else if (source !== undefined) add(bySource, source | 0, position);
    else add(others, 0, position);
  });
  const positions: number[] = [];
  return {
    byDestinationAndPort: layOut(byDestinationAndPort, positions),
    byDestination: layOut(byDestination, positions),
    byPort: layOut(byPort, positions),
    bySource: layOut(bySource, positions),
    others: layOut(others, positions).get(0),
    positions: Int32Array.from(positions),
  };
}

type Buckets = Map<number, number[]>;

/** Lays buckets behind those that are there, and says where each begins. */
function layOut(buckets: Buckets, positions: number[]): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  for (const [key, bucket] of buckets) {
    starts.set(key, positions.length);
    for (const position of bucket) positions.push(position);
    positions.push(endOfBucket);
  }
  return starts;
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

/** All bits of a mask. */
const allOnes = -1;

function exactAddress(test: Rule['source']): number | undefined {
  return test !== undefined && !test.negated && test.mask === allOnes ? test.address : undefined;
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

/** Destination and port mixed into 32 bits, which maps find fastest; a clash only brings rules that do not match. */
function joinKeys(destination: number, port: number): number {
  return destination ^ Math.imul(port, 0x9e3779b1);
}

/** Where the buckets begin that a packet has to be looked for in; merged they are all rules that may match it. */
export function candidateBuckets(index: ChainIndex, view: PacketView): number[] {
  const port = portKey(view.protocol, view.packet.destinationPort);
  const starts: number[] = [];
  addStart(starts, index.byDestinationAndPort.get(joinKeys(view.destination, port)));
  addStart(starts, index.byDestination.get(view.destination | 0));
  addStart(starts, index.byPort.get(port));
  addStart(starts, index.bySource.get(view.source | 0));
  addStart(starts, index.others);
  return starts;
}

function addStart(starts: number[], start: number | undefined): void {
  if (start !== undefined) starts.push(start);
}
