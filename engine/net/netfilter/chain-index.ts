/**
 * Finds the rules of a long chain that a packet can match at all, by its destination, source, protocol and port, so
 * that a chain of ten thousand rules costs a packet about what one of ten does. Every rule stands in exactly one
 * bucket; a packet's buckets, merged by position, hold every rule that could match it, in order.
 */
import type { CommonEnds } from './common-ends.ts';
import type { PortTest } from './matches/ports.ts';
import type { Chain, Rule } from './rule.ts';
import type { PacketView } from './view.ts';

/** Buckets as lists of ascending positions of rules, in two arrays: so a packet reads few places in memory. */
interface ChainIndex {
  /** The first position in each bucket, or {@link endOfBucket}. Their number is a power of two. */
  readonly firsts: Int32Array;
  /** For each rule the next position in its bucket, or {@link endOfBucket}. */
  readonly nexts: Int32Array;
  /** By how much a mixed key is shifted to the number of its bucket. */
  readonly shift: number;
}

/** Stands behind the last position of each bucket. */
export const endOfBucket = -1;

/** Chains shorter than this are walked. Measured: looking for five keys costs about as much as testing eight rules. */
const minIndexedRules = 8;

/** What a key is made of. */
const destinationAndPort = 1;
const destinationAlone = 2;
const portAlone = 3;
const sourceAlone = 4;
/** The key of rules that ask for none of these. */
const anyKey = 0;

/**
 * For each rule of a chain what a packet has to bring to match it, in one number. The keys of those that stood in the chain
 * before, at its start or end, are taken from there, since who adds a rule to ten thousand writes them all again.
 * Undefined for chains that are walked.
 */
export function ruleKeysOf(
  rules: readonly Rule[],
  before: Int32Array | undefined,
  kept: CommonEnds,
): Int32Array | undefined {
  if (rules.length < minIndexedRules) return undefined;
  const keys = new Int32Array(rules.length);
  const { first, last } = before === undefined ? { first: 0, last: 0 } : kept;
  if (before !== undefined) {
    keys.set(before.subarray(0, first));
    keys.set(before.subarray(before.length - last), keys.length - last);
  }
  for (let position = first; position < rules.length - last; position += 1) {
    const rule = rules[position];
    if (rule !== undefined) keys[position] = keyOfRule(rule);
  }
  return keys;
}

// Chains are frozen, so an index stays right; it is made for the first packet, since most chains are replaced unmet.
const knownIndexes = new WeakMap<Int32Array, ChainIndex | 'useless'>();

/** The index of a chain; undefined when walking is as good. */
export function indexOf({ keys }: Chain): ChainIndex | undefined {
  if (keys === undefined) return undefined;
  const known = knownIndexes.get(keys);
  if (known !== undefined) return known === 'useless' ? undefined : known;
  const index = indexKeys(keys);
  knownIndexes.set(keys, index ?? 'useless');
  return index;
}

function indexKeys(keys: Int32Array): ChainIndex | undefined {
  let others = 0;
  for (const key of keys) if (key === anyKey) others += 1;
  // Where most rules stand in no bucket (chances, marks) they would all be walked anyway.
  if (others * 2 > keys.length) return undefined;
  // Two buckets a rule, so that few hold rules of two keys.
  const bits = 33 - Math.clz32(keys.length);
  const shift = 32 - bits;
  const firsts = new Int32Array(1 << bits).fill(endOfBucket);
  const nexts = new Int32Array(keys.length);
  for (let position = keys.length - 1; position >= 0; position -= 1) {
    const bucket = bucketOf(keys[position] ?? anyKey, shift);
    nexts[position] = firsts[bucket] ?? endOfBucket;
    firsts[bucket] = position;
  }
  return { firsts, nexts, shift };
}

/** 2^32 divided by the golden ratio: multiplied with it, near keys come to lie far from each other. */
const spread = 0x9e3779b1;

function bucketOf(key: number, shift: number): number {
  return Math.imul(key, spread) >>> shift;
}

/** Mixes what a rule tests into 32 bits; a clash only brings rules that do not match. */
function mixKey(kind: number, address: number, port: number): number {
  return Math.imul(Math.imul(address ^ port, spread) ^ port, spread) ^ kind;
}

function keyOfRule(rule: Rule): number {
  const destination = exactAddress(rule.destination);
  const port = exactPort(rule);
  if (destination !== undefined && port !== undefined) return mixKey(destinationAndPort, destination, port);
  if (destination !== undefined) return mixKey(destinationAlone, destination, 0);
  if (port !== undefined) return mixKey(portAlone, 0, port);
  const source = exactAddress(rule.source);
  return source === undefined ? anyKey : mixKey(sourceAlone, source, 0);
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

/** The first positions of the buckets that a packet belongs to; merged they hold all rules that may match it. */
export function candidateBuckets(index: ChainIndex, view: PacketView): number[] {
  const port = portKey(view.protocol, view.packet.destinationPort);
  const starts: number[] = [];
  addStart(starts, index, mixKey(destinationAndPort, view.destination, port));
  addStart(starts, index, mixKey(destinationAlone, view.destination, 0));
  addStart(starts, index, mixKey(portAlone, 0, port));
  addStart(starts, index, mixKey(sourceAlone, view.source, 0));
  addStart(starts, index, anyKey);
  return starts;
}

/** Keys may share a bucket, which must not be walked twice. */
function addStart(starts: number[], { firsts, shift }: ChainIndex, key: number): void {
  const start = firsts[bucketOf(key, shift)] ?? endOfBucket;
  if (start !== endOfBucket && !starts.includes(start)) starts.push(start);
}
