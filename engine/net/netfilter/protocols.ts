/** Names and numbers of IP protocols and of the services that rules name. */
import type { Protocol } from '../trace.ts';

/** Numbers of the protocols that a packet of the simulation can have. */
export const protocolNumbers: Readonly<Record<Protocol, number>> = Object.freeze({
  icmp: 1,
  tcp: 6,
  udp: 17,
  sctp: 132,
});

/** The names that iptables knows by itself, and those of /etc/protocols that rule sets use. */
const numbersByName: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['dccp', 33],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['ospf', 89],
  ['vrrp', 112],
  ['sctp', 132],
  ['udplite', 136],
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

/** The port of a number or a service's name. */
export function parsePort(text: string): number | undefined {
  if (/^[0-9]{1,5}$/.test(text)) {
    const port = Number(text);
    return port <= 65535 ? port : undefined;
  }
  return servicePorts.get(text);
}

/** Whether a protocol has ports that rules can test: tcp, udp, udplite, sctp or dccp. */
export function hasPorts(protocol: number | undefined): boolean {
  return protocol === 6 || protocol === 17 || protocol === 33 || protocol === 132 || protocol === 136;
}
