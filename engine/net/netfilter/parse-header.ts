/** Reads the tests of a packet's header that need no match: addresses (`-s`, `-d`) and links (`-i`, `-o`). */
import { err, ok, type Result } from '../../base/result.ts';
import { parseIPv4 } from '../ipv4.ts';
import type { AddressTest, LinkTest } from './header-tests.ts';
import { prefixMask } from './masks.ts';

/** Source: IFNAMSIZ in linux/if.h, with its final zero. */
const maxLinkName = 15;

/** `10.0.0.0/8`, `10/8`, `10.0.0.0/255.0.0.0` or a single address; the error is the tool's message. */
export function parseAddressTest(text: string, negated: boolean): Result<AddressTest, string> {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const address = parseIPv4(slash < 0 ? host : padAddress(host));
  if (address === undefined) return err(`host/network \`${host}' not found`);
  const maskText = slash < 0 ? '32' : text.slice(slash + 1);
  const isLength = /^[0-9]{1,3}$/.test(maskText) && Number(maskText) <= 32;
  const mask = isLength ? prefixMask(Number(maskText)) : parseIPv4(maskText);
  if (mask === undefined) return err(`invalid mask \`${maskText}' specified`);
  return ok(Object.freeze({ address: (address & mask) >>> 0, mask, negated }));
}

/** An address of which only the first parts are given, as in `10/8`. */
function padAddress(host: string): string {
  const missing = 4 - host.split('.').length;
  return missing > 0 ? host + '.0'.repeat(missing) : host;
}

/** A link's name, or a prefix of it and `+`; the error is the tool's message. */
export function parseLinkTest(name: string, negated: boolean): Result<LinkTest, string> {
  if (name.length > maxLinkName) {
    return err(`interface name \`${name}' must be shorter than IFNAMSIZ (${maxLinkName})`);
  }
  return ok(Object.freeze({ name, negated }));
}

/** 0.0.0.0/0 tests nothing and is not printed, unless it is negated. */
export function isTest(test: AddressTest | undefined): test is AddressTest {
  return test !== undefined && (test.mask !== 0 || test.negated);
}

/** `+` alone means every link. */
export function isLinkTest(test: LinkTest | undefined): test is LinkTest {
  return test !== undefined && (test.name !== '+' || test.negated);
}
