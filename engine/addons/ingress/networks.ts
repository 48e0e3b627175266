/** IPv4 networks of source-range annotations. */

/** A network: its address and mask as numbers. */
export interface IPv4Network {
  readonly address: number;
  readonly mask: number;
}

/** `10.0.0.0/8` or a single address; undefined when it is neither. */
export function parseIPv4Network(text: string): IPv4Network | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const length = Number(match[5] ?? 32);
  if (bytes.some((byte) => byte > 255) || length > 32) return undefined;
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
  const address = bytes.reduce((value, byte) => value * 256 + byte, 0);
  return { address: (address & mask) >>> 0, mask };
}

/** Whether an address lies in one of the networks. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return false;
  const asked = parseIPv4Network(address);
  if (asked === undefined) return false;
  return networks.some((text) => {
    const network = parseIPv4Network(text);
    return network !== undefined && (asked.address & network.mask) >>> 0 === network.address;
  });
}
