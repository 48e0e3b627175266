/**
 * `-j NETMAP`: every address of one network becomes the one at the same place of another: the destination's where packets come
 * in or are made, the source's where they go out.
 * Source: man iptables-extensions(8), netmap_tg in Linux net/netfilter/xt_NETMAP.c, and answers of iptables v1.8.9 (nf_tables).
 */
import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import type { Extension, OptionValues } from '../extension.ts';
import { prefixMask } from '../masks.ts';

/** What a rule holds of it. */
export interface NetmapTarget {
  readonly kind: 'NETMAP';
  readonly network: number;
  readonly prefixLength: number;
}

/** How `-j NETMAP` is read. */
export const netmapExtension: Extension<NetmapTarget> = {
  name: 'NETMAP',
  options: [{ name: '--to', mandatory: true }],
  build: (values) => readNetwork(values.text('--to') ?? '0.0.0.0', values),
};

function readNetwork(text: string, values: OptionValues): NetmapTarget {
  const slash = text.indexOf('/');
  const address = parseIPv4(slash < 0 ? text : text.slice(0, slash));
  // A name, which nobody resolves here.
  if (address === undefined) values.fail('getaddrinfo: Temporary failure in name resolution\n');
  const prefixLength = slash < 0 ? 32 : readLength(text.slice(slash + 1));
  if (prefixLength === undefined) {
    values.fail('NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-32).\n');
  }
  const length = prefixLength ?? 32;
  const network = ((address ?? 0) & prefixMask(length)) >>> 0;
  return Object.freeze({ kind: 'NETMAP', network, prefixLength: length });
}

/** A length, or a mask that is one. */
function readLength(text: string): number | undefined {
  if (/^[0-9]{1,2}$/.test(text)) return Number(text) <= 32 ? Number(text) : undefined;
  const mask = parseIPv4(text);
  for (let length = 0; length <= 32; length += 1) {
    if (mask !== undefined && prefixMask(length) >>> 0 === mask) return length;
  }
  return undefined;
}

/** Where an address comes to lie. */
export function mapAddress({ network, prefixLength }: NetmapTarget, address: number): number {
  return (network | (address & ~prefixMask(prefixLength))) >>> 0;
}

/** Its option as `iptables-save` prints it, with a space before. */
export function saveNetmap(target: NetmapTarget): string {
  return ` --to ${formatNetwork(target)}`;
}

/** As `iptables -L` shows it. */
export function listNetmap(target: NetmapTarget): string {
  return `to:${formatNetwork(target)}`;
}

function formatNetwork({ network, prefixLength }: NetmapTarget): string {
  return `${formatIPv4(network)}/${prefixLength}`;
}
