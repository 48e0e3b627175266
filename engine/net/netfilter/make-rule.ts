/** Puts a rule together from what was read of it, and what a packet needs of that. */
import type { Match, Rule } from './rule.ts';

/** What a rule says. */
type RuleParts = Pick<
  Rule,
  'source' | 'destination' | 'inLink' | 'outLink' | 'protocol' | 'fragment' | 'matches' | 'target'
>;

/** Makes a rule, with what follows from its parts. Frozen. */
export function makeRule(parts: RuleParts): Rule {
  const { source, destination, inLink, outLink, protocol, fragment, matches, target } = parts;
  const header = { source, destination, inLink, outLink, protocol, fragment };
  const chance = Object.values(header).every((test) => test === undefined) ? chanceOf(matches) : undefined;
  const portMatch = protocol?.negated === false ? matches.find(isOfPort) : undefined;
  const tests = matches.filter((match) => match !== portMatch && !isEmpty(match));
  const from = source?.negated === false ? source : anyAddress;
  const to = destination?.negated === false ? destination : anyAddress;
  const isNegated = source?.negated === true || destination?.negated === true;
  const isPlain = !isNegated && inLink === undefined && outLink === undefined && fragment === undefined;
  // In this order: what most packets are turned away by comes first, and so lies together in memory.
  return Object.freeze({
    chance,
    sourceAddress: from.address,
    sourceMask: from.mask,
    destinationAddress: to.address,
    destinationMask: to.mask,
    protocol,
    port: portMatch?.destinationPorts?.first ?? anyPort,
    isPlain,
    tests: tests.length === 0 ? noTests : Object.freeze(tests),
    target,
    source,
    destination,
    inLink,
    outLink,
    fragment,
    matches: Object.freeze(matches),
  });
}

/** In the place of an address where none is asked for, or any but one. */
const anyAddress = { address: 0, mask: 0 } as const;

/** In the place of a port where none alone is asked for. */
export const anyPort = -1;

/** Most rules have nothing left to test: they share this. */
const noTests: readonly Match[] = Object.freeze([]);

type ProtocolMatch = Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' }>;

function isProtocolMatch(match: Match): match is ProtocolMatch {
  return match.kind === 'tcp' || match.kind === 'udp' || match.kind === 'sctp';
}

/** Whether a match asks for one destination port, and for nothing else. */
function isOfPort(match: Match): match is ProtocolMatch {
  if (!isProtocolMatch(match) || hasFlags(match) || match.sourcePorts !== undefined) return false;
  const ports = match.destinationPorts;
  return ports !== undefined && !ports.negated && ports.first === ports.last;
}

/** Whether every packet passes a match, of the protocol that it belongs to. */
function isEmpty(match: Match): boolean {
  if (match.kind === 'comment') return true;
  if (!isProtocolMatch(match) || hasFlags(match)) return false;
  return match.sourcePorts === undefined && match.destinationPorts === undefined;
}

function hasFlags(match: ProtocolMatch): boolean {
  return match.kind === 'tcp' && match.flags !== undefined;
}

/** The probability that is all these matches ask for; comments ask for nothing. */
function chanceOf(matches: readonly Match[]): number | undefined {
  const [only, ...more] = matches.filter(({ kind }) => kind !== 'comment');
  if (only?.kind !== 'statistic' || only.mode !== 'random' || only.negated || more.length > 0)
    return undefined;
  return only.threshold;
}
