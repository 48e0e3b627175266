/** Address masks as numbers and as rules print them. */
import { formatIPv4 } from '../ipv4.ts';

/** The mask of a prefix length from 0 to 32. */
export function prefixMask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** A mask as `-s` prints it: a prefix length, or a dotted quad when its bits do not stand together. */
export function formatMask(mask: number): string {
  const length = Math.clz32(~mask);
  return prefixMask(length) === mask >>> 0 ? String(length) : formatIPv4(mask);
}
