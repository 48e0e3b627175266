/**
 * busybox's ifconfig, route and arp, as far as they show something. Source: busybox 1.35, recorded in fixtures/busybox-net.txt.
 */
import { formatIPv4, parseIPv4 } from '../../net/ipv4.ts';
import {
  isLinks,
  isNeighbours,
  isRoutes,
  type LinkFacts,
  type RouteFacts,
} from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** ifconfig. */
export const ifconfig: Program = function* ({ argv }) {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  if (words.length > 1) {
    yield* sys.printError('ifconfig: SIOCSIFADDR: Operation not permitted\n');
    return 1;
  }
  const facts = yield* sys.inspect('links');
  const links = isLinks(facts) ? facts : [];
  const [name] = words;
  const isAll = argv.includes('-a');
  const shown = links
    .filter((link) => (name === undefined ? isAll || link.up : link.name === name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (shown.length === 0 && name !== undefined) {
    yield* sys.printError(`ifconfig: ${name}: error fetching interface information: Device not found\n`);
    return 1;
  }
  yield* sys.print(shown.map(linkText).join(''));
  return 0;
};

function linkText(link: LinkFacts): string {
  const isLoopback = link.kind === 'loopback';
  const [address] = link.addresses;
  const { receivedBytes, receivedPackets, sentBytes, sentPackets } = link.counters;
  const hardware = isLoopback ? 'Local Loopback  ' : `Ethernet  HWaddr ${link.mac.toUpperCase()}  `;
  const toAll = address?.broadcast === undefined ? '' : `  Bcast:${address.broadcast}`;
  const inet =
    address === undefined
      ? []
      : [`inet addr:${address.address}${toAll}  Mask:${maskOf(address.prefixLength)}`];
  const flags = [
    ...(link.up ? ['UP'] : []),
    isLoopback ? 'LOOPBACK' : 'BROADCAST',
    ...(link.up && link.hasCarrier ? ['RUNNING'] : []),
    ...(isLoopback ? [] : ['MULTICAST']),
  ];
  const lines = [
    ...inet,
    `${flags.join(' ')}  MTU:${link.mtuBytes}  Metric:1`,
    `RX packets:${receivedPackets} errors:0 dropped:0 overruns:0 frame:0`,
    `TX packets:${sentPackets} errors:0 dropped:0 overruns:0 carrier:0`,
    'collisions:0 txqueuelen:1000 ',
    `RX bytes:${bytesText(receivedBytes)}  TX bytes:${bytesText(sentBytes)}`,
  ];
  return `${link.name.padEnd(9)} Link encap:${hardware}\n${lines.map((line) => `          ${line}\n`).join('')}\n`;
}

/** Source: print_bytes_scaled in networking/interface.c: the largest unit of which there are less than a thousand. */
function bytesText(bytes: number): string {
  let whole = bytes;
  let tenths = 0;
  let unit = 0;
  for (; whole >= 1024 && unit < 3; unit += 1) {
    tenths = Math.floor(((whole % 1024) * 10) / 1024);
    whole = Math.floor(whole / 1024);
  }
  return `${bytes} (${whole}.${tenths} ${['B', 'KiB', 'MiB', 'GiB'][unit]})`;
}

function maskOf(prefixLength: number): string {
  return formatIPv4(prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);
}

/** route. */
export const route: Program = function* ({ argv }) {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  if (words.length > 0) {
    yield* sys.printError('route: SIOCADDRT: Operation not permitted\n');
    return 1;
  }
  const facts = yield* sys.inspect('routes');
  const isNumeric = argv.slice(1).some((word) => /^-[a-z]*n/.test(word));
  const rows = (isRoutes(facts) ? facts : []).map((each) => routeRow(each, isNumeric));
  yield* sys.print(
    `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n${rows.join('')}`,
  );
  return 0;
};

function routeRow({ destination, via, link = '*', metric = 0 }: RouteFacts, isNumeric: boolean): string {
  const [network = '', length = '32'] = destination === 'default' ? ['0.0.0.0', '0'] : destination.split('/');
  const isDefault = parseIPv4(network) === 0 && length === '0';
  const shown = isDefault && !isNumeric ? 'default' : network;
  const gateway = via ?? (isNumeric ? '0.0.0.0' : '*');
  const flags = `U${via === undefined ? '' : 'G'}${length === '32' ? 'H' : ''}`;
  return `${shown.padEnd(15)} ${gateway.padEnd(15)} ${maskOf(Number(length)).padEnd(15)} ${flags.padEnd(5)} ${String(metric).padEnd(6)} ${'0'.padEnd(2)} ${'0'.padStart(7)} ${link}\n`;
}

/** arp. */
export const arp: Program = function* () {
  const facts = yield* sys.inspect('neighbours');
  const rows = (isNeighbours(facts) ? facts : []).map(({ address, link, mac, state }) =>
    mac === undefined
      ? `? (${address}) at <incomplete>  on ${link}\n`
      : `? (${address}) at ${mac} [ether] ${state === 'PERMANENT' ? 'PERM' : ''} on ${link}\n`,
  );
  yield* sys.print(rows.join(''));
  return 0;
};
