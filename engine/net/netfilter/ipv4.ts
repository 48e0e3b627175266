/** IPv4 addresses as unsigned 32-bit numbers, the form in which rules compare them. */

/** Reads a dotted quad; undefined for anything else. */
export function parseIpv4(text: string): number | undefined {
  let address = 0;
  let part = -1;
  let parts = 1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) {
      if (part < 0) return undefined;
      address = (address << 8) | part;
      part = -1;
      parts += 1;
    } else {
      if (code < 0x30 || code > 0x39) return undefined;
      part = (part < 0 ? 0 : part * 10) + code - 0x30;
      if (part > 255) return undefined;
    }
  }
  if (parts !== 4 || part < 0) return undefined;
  return ((address << 8) | part) >>> 0;
}

/** The dotted quad of an address. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The mask of a prefix length from 0 to 32. */
export function prefixMask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** A mask as `-s` prints it: a prefix length, or a dotted quad when its bits do not stand together. */
export function formatMask(mask: number): string {
  const length = Math.clz32(~mask);
  return prefixMask(length) === mask ? String(length) : formatIpv4(mask);
}
