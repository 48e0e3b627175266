/** `-m udp` and `-m sctp`: source and destination ports. Chunk types of sctp are left out. */
import type { Extension, OptionSpec, OptionValues } from '../extension.ts';
import { parsePort } from '../protocols.ts';
import type { PacketView } from '../view.ts';

/** A range of ports; both ends belong to it. */
export interface PortTest {
  readonly first: number;
  readonly last: number;
  readonly negated: boolean;
}

/** What a rule holds of it: every test that is present has to be passed. */
export interface PortsMatch {
  readonly kind: 'udp' | 'sctp';
  readonly sourcePorts?: PortTest;
  readonly destinationPorts?: PortTest;
}

/** The options that tcp, udp and sctp share. */
export const portOptions: readonly OptionSpec[] = [
  {
    name: '--source-port',
    aliases: ['--sport'],
    invertible: true,
    onceMessage: "Only one `--source-port' allowed",
  },
  {
    name: '--destination-port',
    aliases: ['--dport'],
    invertible: true,
    onceMessage: "Only one `--destination-port' allowed",
  },
];

/** How `-m udp` is read. */
export const udpExtension: Extension<PortsMatch> = {
  name: 'udp',
  options: portOptions,
  build: (values, rule) => buildPorts('udp', 17, values, rule.protocol),
};

/** How `-m sctp` is read. */
export const sctpExtension: Extension<PortsMatch> = {
  name: 'sctp',
  options: portOptions,
  build: (values, rule) => buildPorts('sctp', 132, values, rule.protocol),
};

function buildPorts(
  kind: PortsMatch['kind'],
  number: number,
  values: OptionValues,
  protocol: number | undefined,
): PortsMatch {
  if (protocol !== number) values.failAtEnd(`${kind.toUpperCase()} match requires '-p ${kind}'`);
  return Object.freeze({ kind, ...readPorts(values) });
}

/** The tests that `--sport` and `--dport` stand for; a range of all ports tests nothing, as iptables prints it. */
export function readPorts(values: OptionValues): {
  sourcePorts?: PortTest;
  destinationPorts?: PortTest;
} {
  const sourcePorts = readRange(values, '--source-port');
  const destinationPorts = readRange(values, '--destination-port');
  return {
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(destinationPorts === undefined ? {} : { destinationPorts }),
  };
}

function readRange(values: OptionValues, name: string): PortTest | undefined {
  const text = values.text(name);
  if (text === undefined) return undefined;
  const negated = values.isNegated(name);
  const range = parsePortRange(text, ':', values);
  if (range === undefined || (range.first === 0 && range.last === 65535 && !negated)) return undefined;
  return Object.freeze({ ...range, negated });
}

/** `80`, `80:90`, `:90` or `80:`, with complaints in iptables' words. */
export function parsePortRange(
  text: string,
  separator: string,
  values: OptionValues,
): { readonly first: number; readonly last: number } | undefined {
  const colon = text.indexOf(separator);
  const low = colon < 0 ? text : text.slice(0, colon) || '0';
  const high = colon < 0 ? text : text.slice(colon + 1) || '65535';
  const first = parsePort(low);
  const last = parsePort(high);
  if (first === undefined || last === undefined) {
    values.fail(`invalid port/service \`${first === undefined ? low : high}' specified`);
    return undefined;
  }
  if (first > last) values.fail('invalid portrange (min > max)');
  return { first, last };
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function savePorts(match: { sourcePorts?: PortTest; destinationPorts?: PortTest }): string {
  return `${saveRange('--sport', match.sourcePorts)}${saveRange('--dport', match.destinationPorts)}`;
}

function saveRange(option: string, test: PortTest | undefined): string {
  return test === undefined ? '' : `${test.negated ? ' !' : ''} ${option} ${formatPortRange(test, ':')}`;
}

/** `80`, or `80:90`. */
export function formatPortRange(range: { first: number; last: number }, separator: string): string {
  return range.first === range.last ? String(range.first) : `${range.first}${separator}${range.last}`;
}

/** As `iptables -L` shows it. */
export function listPorts(match: { sourcePorts?: PortTest; destinationPorts?: PortTest }): string {
  return `${listRange('spt', match.sourcePorts)}${listRange('dpt', match.destinationPorts)}`;
}

function listRange(name: string, test: PortTest | undefined): string {
  if (test === undefined) return '';
  const plural = test.first === test.last ? '' : 's';
  return ` ${name}${plural}:${test.negated ? '!' : ''}${formatPortRange(test, ':')}`;
}

/** Whether the packet passes the test. */
export function matchesPorts(
  match: { sourcePorts?: PortTest; destinationPorts?: PortTest },
  view: PacketView,
): boolean {
  return (
    (match.sourcePorts === undefined || inRange(match.sourcePorts, view.packet.sourcePort)) &&
    (match.destinationPorts === undefined || inRange(match.destinationPorts, view.packet.destinationPort))
  );
}

function inRange(test: PortTest, port: number): boolean {
  return (port >= test.first && port <= test.last) !== test.negated;
}
