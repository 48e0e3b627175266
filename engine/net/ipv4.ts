/**
 * IPv4 addresses and prefixes as numbers, for the places where a packet is compared with many of them. Only the dotted
 * form with four decimal parts is read, as `ip` and the kernel write it; the older forms of inet_aton are not.
 */

/** A prefix: its network address with the host bits cleared. */
export interface Prefix {
  readonly network: number;
  /** 0 to 32. */
  readonly length: number;
}

/** The address as an unsigned 32-bit number, or undefined when the text is no address. */
export function parseIPv4(text: string): number | undefined {
  let value = 0;
  let part = -1;
  let digits = 0;
  let parts = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : 46;
    if (code === 46) {
      if (digits === 0 || parts === 4) return undefined;
      value = value * 256 + part;
      parts += 1;
      part = -1;
      digits = 0;
    } else {
      if (code < 48 || code > 57 || (digits > 0 && part === 0)) return undefined;
      part = digits === 0 ? code - 48 : part * 10 + code - 48;
      digits += 1;
      if (part > 255) return undefined;
    }
  }
  return parts === 4 ? value : undefined;
}

/** The dotted form. */
export function formatIPv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** A netmask of so many leading ones, as an unsigned number. */
function netmaskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The network part of an address. */
export function networkOf(address: number, length: number): number {
  return (address & netmaskOf(length)) >>> 0;
}

/** Whether an address lies in a prefix. */
export function prefixContains(prefix: Prefix, address: number): boolean {
  return networkOf(address, prefix.length) === prefix.network;
}

/** Reads `a.b.c.d/n` or a single address (`/32`); host bits are kept in `address` and cleared in `prefix`. */
export function parseCidr(text: string): { readonly address: number; readonly prefix: Prefix } | undefined {
  const slash = text.indexOf('/');
  const address = parseIPv4(slash < 0 ? text : text.slice(0, slash));
  const lengthText = slash < 0 ? '32' : text.slice(slash + 1);
  if (address === undefined || !/^(?:[12]?\d|3[0-2])$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  return { address, prefix: { network: networkOf(address, length), length } };
}
