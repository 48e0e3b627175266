/**
 * Finds the rules of a long chain that a packet can match at all, by its destination, source, protocol and port, so
 * that a chain of ten thousand rules costs a packet about what one of ten does. Every rule stands in exactly one
 * bucket; a packet's buckets, merged by position, hold every rule that could match it, in order.
 */
import type { PortTest } from './matches/ports.ts';
import type { ChainIndex, Rule } from './rule.ts';
import type { PacketView } from './view.ts';

/** Chains shorter than this are walked. Measured: looking in five maps costs about as much as testing eight rules. */
const minIndexedRules = 8;

const none: readonly number[] = Object.freeze([]);

/** The index of a chain's rules; undefined when walking is as good. */
export function indexRules(rules: readonly Rule[]): ChainIndex | undefined {
  if (rules.length < minIndexedRules) return undefined;
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
  if (others.length === rules.length) return undefined;
  return Object.freeze({
    byDestinationAndPort: Object.freeze(byDestinationAndPort),
    byDestination: Object.freeze(byDestination),
    byPort: Object.freeze(byPort),
    bySource: Object.freeze(bySource),
    others: Object.freeze(others),
  });
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
export function candidateBuckets(index: ChainIndex, view: PacketView): readonly (readonly number[])[] {
  const port = portKey(view.protocol, view.packet.destinationPort);
  return [
    index.byDestinationAndPort.get(joinKeys(view.destination, port)) ?? none,
    index.byDestination.get(view.destination) ?? none,
    index.byPort.get(port) ?? none,
    index.bySource.get(view.source) ?? none,
    index.others,
  ];
}
