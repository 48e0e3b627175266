/** Names and numbers of IP protocols and of the services that rules name. */
import type { Protocol } from '../trace.ts';
import { parseUint } from './extension.ts';

/** Numbers of the protocols that a packet of the simulation can have. */
export const protocolNumbers: Readonly<Record<Protocol, number>> = Object.freeze({
  icmp: 1,
  tcp: 6,
  udp: 17,
  sctp: 132,
});

/** The names that iptables knows by itself, and those of /etc/protocols as Debian 12 has it. */
const numbersByName: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['icmp', 1],
  ['igmp', 2],
  ['ggp', 3],
  ['ipencap', 4],
  ['st', 5],
  ['tcp', 6],
  ['egp', 8],
  ['igp', 9],
  ['pup', 12],
  ['udp', 17],
  ['hmp', 20],
  ['xns-idp', 22],
  ['rdp', 27],
  ['iso-tp4', 29],
  ['dccp', 33],
  ['xtp', 36],
  ['ddp', 37],
  ['idpr-cmtp', 38],
  ['ipv6', 41],
  ['ipv6-route', 43],
  ['ipv6-frag', 44],
  ['idrp', 45],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['skip', 57],
  ['ipv6-icmp', 58],
  ['ipv6-nonxt', 59],
  ['ipv6-opts', 60],
  ['rspf', 73],
  ['vmtp', 81],
  ['eigrp', 88],
  ['ospf', 89],
  ['ax.25', 93],
  ['ipip', 94],
  ['etherip', 97],
  ['encap', 98],
  ['pim', 103],
  ['ipcomp', 108],
  ['vrrp', 112],
  ['l2tp', 115],
  ['isis', 124],
  ['sctp', 132],
  ['fc', 133],
  ['mobility-header', 135],
  ['udplite', 136],
  ['mpls-in-ip', 137],
  ['manet', 138],
  ['hip', 139],
  ['shim6', 140],
  ['wesp', 141],
  ['rohc', 142],
  ['ethernet', 143],
]);

const namesByNumber: ReadonlyMap<number, string> = new Map(
  [...numbersByName].map(([name, number]) => [number, name]),
);

/** Entries of /etc/services that rules are commonly written with. */
const servicePorts: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['ntp', 123],
  ['https', 443],
]);

/** The number of a protocol given by name or number, from 0 (all) to 255. */
export function parseProtocol(text: string): number | undefined {
  if (/^[0-9]{1,3}$/.test(text)) {
    const number = Number(text);
    return number <= 255 ? number : undefined;
  }
  return numbersByName.get(text.toLowerCase());
}

/** A protocol as `-p` is printed. */
export function formatProtocol(number: number): string {
  return namesByNumber.get(number) ?? String(number);
}

/** The port of a number, as strtoul reads it, or of a service's name. */
export function parsePort(text: string): number | undefined {
  const number = parseUint(text);
  if (number === undefined) return servicePorts.get(text);
  return number <= 65535 ? number : undefined;
}

/** Whether a protocol has ports that rules can test: tcp, udp, udplite, sctp or dccp. */
export function hasPorts(protocol: number | undefined): boolean {
  return protocol === 6 || protocol === 17 || protocol === 33 || protocol === 132 || protocol === 136;
}
