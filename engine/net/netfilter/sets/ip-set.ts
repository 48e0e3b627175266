/**
 * Sets of addresses that rules ask about by name (ipset): of the types hash:ip, hash:net, hash:ip,port and list:set.
 * Source: ipset(8). Left out: other types, counters, comments, and time-outs (accepted, printed, not counted down).
 */
import { formatIPv4, parseCidr } from '../../ipv4.ts';
import { prefixMask } from '../masks.ts';

/** The types that there are. */
export type SetType = 'hash:ip' | 'hash:net' | 'hash:ip,port' | 'list:set';

/** One set. Members are by their text, in the order in which they were added. */
export interface IpSet {
  readonly type: SetType;
  readonly timeoutSeconds?: number;
  readonly members: Map<string, SetMember>;
}

/** A member. For list:set only the text counts: it is the name of another set. */
export interface SetMember {
  readonly address: number;
  readonly prefixLength: number;
  readonly protocol: number;
  readonly port: number;
  /** An exception to a wider network of the set. */
  readonly isException: boolean;
}

/** What a packet brings to a set: an address, and for types with a port the other dimension. */
export interface SetQuestion {
  readonly address: number;
  readonly protocol: number;
  readonly port: number;
}

/** All sets of a namespace by name. */
export type IpSets = Map<string, IpSet>;

/** The words of a type, or undefined for one that is not known here. */
export function setTypeOf(text: string): SetType | undefined {
  return (['hash:ip', 'hash:net', 'hash:ip,port', 'list:set'] as const).find((type) => type === text);
}

/** A member as it is written, with the text by which it is kept; or what is wrong with it, in ipset's words. */
export function parseMember(
  type: SetType,
  text: string,
): { readonly key: string; readonly member: SetMember } | { readonly problem: string } {
  const plain = { address: 0, prefixLength: 32, protocol: 0, port: 0, isException: false };
  if (type === 'list:set') return { key: text, member: Object.freeze(plain) };
  const comma = text.indexOf(',');
  const host = comma < 0 ? text : text.slice(0, comma);
  if (type === 'hash:ip,port' && comma < 0) {
    return { problem: `Syntax error: Second element is missing from ${text}.` };
  }
  const parsed = host.includes('/') ? parseCidr(host) : parseCidr(`${host}/32`);
  if (parsed === undefined || (type !== 'hash:net' && parsed.prefix.length !== 32)) {
    return { problem: `Syntax error: cannot parse ${host}: resolving to IPv4 address failed` };
  }
  const { network, length } = parsed.prefix;
  const member = { ...plain, address: network, prefixLength: length };
  if (type !== 'hash:ip,port') {
    const key = length === 32 ? formatIPv4(network) : `${formatIPv4(network)}/${length}`;
    return { key, member: Object.freeze(member) };
  }
  const [, name = 'tcp', portText = ''] = /^(?:(tcp|udp|sctp):)?(\d{1,5})$/.exec(text.slice(comma + 1)) ?? [];
  const port = Number(portText);
  if (portText === '' || port > 65_535) {
    return { problem: `Syntax error: cannot parse '${text.slice(comma + 1)}' as a TCP port` };
  }
  const protocol = protocolsOfSets.get(name) ?? 6;
  return {
    key: `${formatIPv4(network)},${name}:${port}`,
    member: Object.freeze({ ...member, protocol, port }),
  };
}

const protocolsOfSets: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
]);

/** Whether a set has what a packet brings. Sets inside of lists are asked in turn; lists in lists are not allowed. */
export function isInSet(sets: IpSets, set: IpSet, question: SetQuestion): boolean {
  const { address, protocol, port } = question;
  switch (set.type) {
    case 'hash:ip':
      return set.members.has(formatIPv4(address));
    case 'hash:ip,port':
      for (const name of protocolsOfSets.keys()) {
        if (protocolsOfSets.get(name) === protocol)
          return set.members.has(`${formatIPv4(address)},${name}:${port}`);
      }
      return false;
    case 'hash:net': {
      let longest: SetMember | undefined;
      for (const member of set.members.values()) {
        const isInside = (address & prefixMask(member.prefixLength)) >>> 0 === member.address;
        if (isInside && member.prefixLength > (longest?.prefixLength ?? -1)) longest = member;
      }
      return longest !== undefined && !longest.isException;
    }
    case 'list:set':
      for (const name of set.members.keys()) {
        const inner = sets.get(name);
        if (inner !== undefined && inner.type !== 'list:set' && isInSet(sets, inner, question)) return true;
      }
      return false;
  }
}

/** What a member's text asks for, as `ipset test` does. */
export function questionOf(member: SetMember): SetQuestion {
  const { address, protocol, port } = member;
  return { address, protocol, port };
}

/** Members that a set holds at most, unless it is a list of sets. Source: ipset(8), maxelem. */
export const mostMembers = 65_536;

/** Adds what a packet brings, where it is not there and there is room; a list takes it into the first of its sets. */
export function addQuestion(sets: IpSets, name: string, question: SetQuestion): void {
  const set = targetSet(sets, name);
  const entry = set === undefined ? undefined : memberOf(set.type, question);
  if (set === undefined || entry === undefined || set.members.has(entry.key)) return;
  if (set.members.size < mostMembers) set.members.set(entry.key, entry.member);
}

/** Takes off what a packet brings. */
export function removeQuestion(sets: IpSets, name: string, question: SetQuestion): void {
  const set = targetSet(sets, name);
  const entry = set === undefined ? undefined : memberOf(set.type, question);
  if (entry !== undefined) set?.members.delete(entry.key);
}

function targetSet(sets: IpSets, name: string): IpSet | undefined {
  const set = sets.get(name);
  if (set?.type !== 'list:set') return set;
  const [first] = set.members.keys();
  const inner = first === undefined ? undefined : sets.get(first);
  return inner?.type === 'list:set' ? undefined : inner;
}

function memberOf(
  type: SetType,
  { address, protocol, port }: SetQuestion,
): { readonly key: string; readonly member: SetMember } | undefined {
  const [name] = [...protocolsOfSets].find(([, number]) => number === protocol) ?? [];
  if (type === 'hash:ip,port' && name === undefined) return undefined;
  const host = formatIPv4(address);
  const parsed = parseMember(type, type === 'hash:ip,port' ? `${host},${name}:${port}` : host);
  return 'key' in parsed ? parsed : undefined;
}
