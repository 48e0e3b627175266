/**
 * Addresses and networks in the fields of objects.
 * Source: k8s.io/apimachinery/pkg/util/validation/ip.go; ValidateEndpointIP in pkg/apis/core/validation.
 */
import ipaddr from 'ipaddr.js';
import { invalid } from '../field-errors.ts';
import type { FieldError } from '../scheme.ts';

/** An address as Go's sloppy parser reads it: leading zeros and IPv4 inside IPv6 are let pass. */
interface ParsedAddress {
  /** IPv4 for IPv4-mapped IPv6 addresses, too. */
  readonly family: 'IPv4' | 'IPv6';
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  /** As Go writes it. */
  readonly canonical: string;
  readonly hasLeadingZeros: boolean;
  readonly isMapped: boolean;
}

/** Reads an address; undefined when it is none. */
function parseAddress(value: string): ParsedAddress | undefined {
  return value.includes(':') ? parseIPv6(value) : parseIPv4(value);
}

function parseIPv4(value: string): ParsedAddress | undefined {
  const parts = value.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,20}$/.test(part) && Number(part) < 256))
    return undefined;
  const canonical = parts.map(Number).join('.');
  const address = ipaddr.IPv4.parse(canonical);
  return { family: 'IPv4', address, canonical, hasLeadingZeros: canonical !== value, isMapped: false };
}

function parseIPv6(value: string): ParsedAddress | undefined {
  if (value.includes('%') || !ipaddr.IPv6.isValid(value)) return undefined;
  const address = ipaddr.IPv6.parse(value);
  if (!address.isIPv4MappedAddress()) {
    return {
      family: 'IPv6',
      address,
      canonical: address.toRFC5952String(),
      hasLeadingZeros: false,
      isMapped: false,
    };
  }
  const inner = address.toIPv4Address();
  return {
    family: 'IPv4',
    address: inner,
    canonical: inner.toString(),
    hasLeadingZeros: false,
    isMapped: true,
  };
}

/** Whether the text is an IPv6 address (one that maps IPv4 is not). */
export function isIPv6Text(value: string): boolean {
  return parseAddress(value)?.family === 'IPv6';
}

/** Whether the text is an address at all, leading zeros let pass. */
export function isAddressText(value: string): boolean {
  return parseAddress(value) !== undefined;
}

/**
 * Whether every address of one network, as the sloppy parser reads both, is in the other, which is larger; undefined when
 * one of them is no network.
 */
export function isStrictSubnet(inner: string, outer: string): boolean | undefined {
  const [small, large] = [parseNetwork(inner), parseNetwork(outer)];
  if (small === undefined || large === undefined) return undefined;
  const [innerAddress, outerAddress] = [small.address.address, large.address.address];
  if (innerAddress.kind() !== outerAddress.kind()) return false;
  return small.length > large.length && innerAddress.match(outerAddress, large.length);
}

/** A network as the sloppy parser reads it. */
interface ParsedNetwork {
  readonly canonical: string;
  readonly length: number;
  readonly singleAddress: string;
  readonly address: ParsedAddress;
  readonly hasHostBits: boolean;
  readonly hasLeadingZeros: boolean;
}

function parseNetwork(value: string): ParsedNetwork | undefined {
  const slash = value.indexOf('/');
  const address = slash < 0 ? undefined : parseAddress(value.slice(0, slash));
  const lengthText = value.slice(slash + 1);
  if (address === undefined || !/^[0-9]{1,3}$/.test(lengthText)) return undefined;
  const width = address.family === 'IPv4' && !address.isMapped ? 32 : 128;
  const length = Number(lengthText);
  if (length > width) return undefined;
  const network = networkAddress(address, length);
  return {
    canonical: `${network}/${length}`,
    length,
    singleAddress: `${address.canonical}/${width}`,
    address,
    hasHostBits: network !== address.canonical,
    hasLeadingZeros: address.hasLeadingZeros || String(length) !== lengthText,
  };
}

function networkAddress({ address, canonical, isMapped }: ParsedAddress, length: number): string {
  if (isMapped) return canonical;
  const text = `${address.toNormalizedString()}/${length}`;
  if (address instanceof ipaddr.IPv4) return ipaddr.IPv4.networkAddressFromCIDR(text).toString();
  return ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String();
}

/** The problems of an address in a field that is older than strict parsing. */
export function validateLegacyAddress(path: string, value: string): FieldError[] {
  const parsed = parseAddress(value);
  if (parsed === undefined) {
    return [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  }
  if (parsed.hasLeadingZeros) return [invalid(path, value, 'must not have leading 0s')];
  return parsed.isMapped ? [invalid(path, value, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** The problems of an address in a field that has always been strict. */
export function validateAddress(path: string, value: string): FieldError[] {
  const errors = validateLegacyAddress(path, value);
  const canonical = parseAddress(value)?.canonical ?? value;
  if (errors.length > 0 || canonical === value) return errors;
  return [invalid(path, value, `must be in canonical form (${JSON.stringify(canonical)})`)];
}

/** The problems of a network in a field that is older than strict parsing. */
export function validateLegacyNetwork(path: string, value: string): FieldError[] {
  const parsed = parseNetwork(value);
  if (parsed === undefined) {
    return [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  }
  if (parsed.hasLeadingZeros)
    return [invalid(path, value, 'must not have leading 0s in IP or prefix length')];
  if (parsed.address.isMapped) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')];
  return parsed.hasHostBits ? [invalid(path, value, 'must not have bits set beyond the prefix length')] : [];
}

/** The problems of an address that traffic is to be sent to. */
export function validateEndpointAddress(path: string, value: string): FieldError[] {
  const parsed = parseAddress(value);
  if (parsed === undefined) return [invalid(path, value, 'must be a valid IP address')];
  const range = parsed.address.range();
  if (range === 'unspecified') return [invalid(path, value, `may not be unspecified (${value})`)];
  if (range === 'loopback')
    return [invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (range === 'linkLocal') {
    return [invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  }
  if (/^(?:224\.0\.0\.|ff.2:)/.test(parsed.canonical)) {
    return [invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  }
  return [];
}

/** What the server warns of an address that it accepts. */
export function addressWarnings(path: string, value: string): readonly string[] {
  const parsed = parseAddress(value);
  if (parsed === undefined) return [];
  const quoted = JSON.stringify(parsed.canonical);
  if (parsed.hasLeadingZeros || parsed.isMapped) {
    return [`${path}: non-standard IP address ${JSON.stringify(value)} is invalid: use ${quoted}`];
  }
  if (parsed.family === 'IPv6' && parsed.canonical !== value) {
    return [
      `${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${quoted})`,
    ];
  }
  return [];
}

/** What the server warns of a network that it accepts. */
export function networkWarnings(path: string, value: string): readonly string[] {
  const parsed = parseNetwork(value);
  if (parsed === undefined) return [];
  const shown = JSON.stringify(value);
  const warnings: string[] = [];
  if (parsed.hasHostBits) {
    const either = `${JSON.stringify(parsed.canonical)} or ${JSON.stringify(parsed.singleAddress)}`;
    warnings.push(`${path}: CIDR value ${shown} is ambiguous in this context (should be ${either}?)`);
  }
  if (parsed.hasLeadingZeros || parsed.address.isMapped) {
    warnings.push(
      `${path}: non-standard CIDR value ${shown} is invalid: use ${JSON.stringify(parsed.canonical)}`,
    );
  }
  if (warnings.length === 0 && parsed.address.family === 'IPv6' && parsed.canonical !== value) {
    const quoted = JSON.stringify(parsed.canonical);
    warnings.push(`${path}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format (${quoted})`);
  }
  return warnings;
}
