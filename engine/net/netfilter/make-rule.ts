/** Puts a rule together from what was read of it, and what a packet needs of that. */
import type { Match, Rule } from './rule.ts';

/** Makes a rule, with what follows from its parts. Frozen. */
export function makeRule(parts: Omit<Rule, 'chance' | 'port' | 'tests'>): Rule {
  const { source, destination, inLink, outLink, protocol, fragment, matches, target } = parts;
  const header = { source, destination, inLink, outLink, protocol, fragment };
  const chance = Object.values(header).every((test) => test === undefined) ? chanceOf(matches) : undefined;
  const portMatch = protocol?.negated === false ? matches.find(isOfPort) : undefined;
  const tests = matches.filter((match) => match !== portMatch && !isEmpty(match));
  return Object.freeze({
    chance,
    ...header,
    port: portMatch?.destinationPorts?.first ?? anyPort,
    tests: tests.length === 0 ? noTests : Object.freeze(tests),
    target,
    matches: Object.freeze(matches),
  });
}

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
