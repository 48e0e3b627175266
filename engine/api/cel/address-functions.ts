/** Addresses and networks. Source: k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go. */
import ipaddr from 'ipaddr.js';
import type { FunctionTable } from './function-table.ts';
import { CelError, type CelValue, isSpecial } from './values.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const text = (value: CelValue | undefined): string => (typeof value === 'string' ? value : '');

function readAddress(value: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(value)) return ipaddr.IPv4.parse(value);
  if (!value.includes(':') || value.includes('%') || !ipaddr.IPv6.isValid(value)) return undefined;
  const address = ipaddr.IPv6.parse(value);
  return address.isIPv4MappedAddress() ? undefined : address;
}

function addressOf(value: CelValue | undefined): Address {
  if (value !== undefined && isSpecial(value) && value.special === 'ip') return value.address;
  const address = readAddress(text(value));
  if (address !== undefined) return address;
  throw new CelError(
    `IP Address ${JSON.stringify(text(value))} parse error during conversion from string: ParseAddr(${JSON.stringify(text(value))}): unable to parse IP`,
  );
}

interface Network {
  readonly address: Address;
  readonly length: number;
}

function readNetwork(value: string): Network | undefined {
  const [base = '', length = '', ...rest] = value.split('/');
  const address = readAddress(base);
  if (address === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  return Number(length) <= (address.kind() === 'ipv4' ? 32 : 128)
    ? { address, length: Number(length) }
    : undefined;
}

function networkOf(value: CelValue | undefined): Network {
  if (value !== undefined && isSpecial(value) && value.special === 'cidr') return value;
  const network = readNetwork(text(value));
  if (network !== undefined) return network;
  const why = text(value).includes('/') ? 'unable to parse' : "no '/'";
  const prefix = 'network address parse error during conversion from string';
  throw new CelError(`${prefix}: ${prefix}: netip.ParsePrefix(${JSON.stringify(text(value))}): ${why}`);
}

function holdsAddress({ address, length }: Network, other: Address): boolean {
  if (address instanceof ipaddr.IPv4) return other instanceof ipaddr.IPv4 && other.match(address, length);
  return other instanceof ipaddr.IPv6 && other.match(address, length);
}

function holdsNetwork(outer: Network, inner: Network): boolean {
  return inner.length >= outer.length && holdsAddress(outer, inner.address);
}

function masked({ address, length }: Network): Address {
  const shown = `${address.toNormalizedString()}/${length}`;
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(shown)
    : ipaddr.IPv6.networkAddressFromCIDR(shown);
}

function formatAddress(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

const family = (address: Address): bigint => (address.kind() === 'ipv4' ? 4n : 6n);
const inRange = (value: CelValue | undefined, ...ranges: readonly string[]) =>
  ranges.includes(addressOf(value).range());

export const addressFunctions: FunctionTable = {
  'ip(string): net.IP': (a) => ({ special: 'ip', address: addressOf(a) }),
  'isIP(string): bool': (a) => readAddress(text(a)) !== undefined,
  'ip.isCanonical(string): bool': (a) => formatAddress(addressOf(a)) === text(a),
  'net.IP.family(): int': (a) => family(addressOf(a)),
  'net.IP.isUnspecified(): bool': (a) =>
    inRange(a, 'unspecified') && /^(?:::|0\.0\.0\.0)$/.test(formatAddress(addressOf(a))),
  'net.IP.isLoopback(): bool': (a) => inRange(a, 'loopback'),
  'net.IP.isLinkLocalMulticast(): bool': (a) => /^(?:224\.0\.0\.|ff.2:)/.test(formatAddress(addressOf(a))),
  'net.IP.isLinkLocalUnicast(): bool': (a) => inRange(a, 'linkLocal'),
  'net.IP.isGlobalUnicast(): bool': (a) =>
    !inRange(a, 'unspecified', 'loopback', 'multicast', 'linkLocal', 'broadcast'),
  'string(net.IP): string': (a) => formatAddress(addressOf(a)),
  'cidr(string): net.CIDR': (a) => ({ special: 'cidr', ...networkOf(a) }),
  'isCIDR(string): bool': (a) => readNetwork(text(a)) !== undefined,
  'net.CIDR.containsIP(net.IP): bool': (a, b) => holdsAddress(networkOf(a), addressOf(b)),
  'net.CIDR.containsIP(string): bool': (a, b) => holdsAddress(networkOf(a), addressOf(b)),
  'net.CIDR.containsCIDR(net.CIDR): bool': (a, b) => holdsNetwork(networkOf(a), networkOf(b)),
  'net.CIDR.containsCIDR(string): bool': (a, b) => holdsNetwork(networkOf(a), networkOf(b)),
  'net.CIDR.ip(): net.IP': (a) => ({ special: 'ip', address: networkOf(a).address }),
  'net.CIDR.prefixLength(): int': (a) => BigInt(networkOf(a).length),
  'net.CIDR.masked(): net.CIDR': (a) => ({
    special: 'cidr',
    address: masked(networkOf(a)),
    length: networkOf(a).length,
  }),
  'string(net.CIDR): string': (a) => `${formatAddress(networkOf(a).address)}/${networkOf(a).length}`,
};
