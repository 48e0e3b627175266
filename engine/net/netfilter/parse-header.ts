/** Reads the tests of a packet's header that need no match: addresses (`-s`, `-d`) and links (`-i`, `-o`). */
import { err, ok, type Result } from '../../base/result.ts';
import { parseIPv4 } from '../ipv4.ts';
import type { AddressTest, LinkTest } from './header-tests.ts';
import { prefixMask } from './masks.ts';

/** Source: IFNAMSIZ in linux/if.h, with its final zero. */
const maxLinkName = 15;

/** `10.0.0.0/8`, `10/8`, `10.0.0.0/255.0.0.0` or a single address; the error is the tool's message. */
function parseAddressTest(text: string, negated: boolean): Result<AddressTest, string> {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  // The one name that every machine's /etc/hosts has.
  const address = host === 'localhost' ? 0x7f000001 : parseIPv4(slash < 0 ? host : padAddress(host));
  if (address === undefined) return err(`host/network \`${host}' not found`);
  const maskText = slash < 0 ? '32' : text.slice(slash + 1);
  const isLength = /^[0-9]{1,3}$/.test(maskText) && Number(maskText) <= 32;
  const mask = isLength ? prefixMask(Number(maskText)) : parseIPv4(maskText);
  if (mask === undefined) return err(`invalid mask \`${maskText}' specified`);
  return ok(mask === 0xffffffff ? addressTest(address, mask, negated) : networkTest(address, mask, negated));
}

function addressTest(address: number, mask: number, negated: boolean): AddressTest {
  return Object.freeze({ address: address & mask, mask: mask | 0, negated });
}

// A proxy asks about one network in each Service's chain: rules share its test, which is frozen.
const networkTests = new Map<string, AddressTest>();
/** Networks whose tests are shared, until others take their place. */
const maxNetworkTests = 256;

function networkTest(address: number, mask: number, negated: boolean): AddressTest {
  const key = `${address & mask}/${mask}${negated}`;
  const known = networkTests.get(key);
  if (known !== undefined) return known;
  if (networkTests.size >= maxNetworkTests) networkTests.clear();
  const test = addressTest(address, mask, negated);
  networkTests.set(key, test);
  return test;
}

/** An address of which only the first parts are given, as in `10/8`. */
function padAddress(host: string): string {
  const missing = 4 - host.split('.').length;
  return missing > 0 ? host + '.0'.repeat(missing) : host;
}

/** Addresses as they were given: the tool looks at them when everything else of the line was right. */
export interface GivenAddresses {
  readonly text: string;
  readonly negated: boolean;
}

/** Where a packet comes from and goes to, as one rule tests it. */
export interface AddressPair {
  readonly source: AddressTest | undefined;
  readonly destination: AddressTest | undefined;
}

/** Rules that one line may stand for. */
const maxPairs = 1024;

/** Every source with every destination, a rule for each pair; the error is the tool's message. */
export function pairAddresses(
  from: GivenAddresses | undefined,
  to: GivenAddresses | undefined,
): Result<readonly AddressPair[], string> {
  const sources = readAddresses(from);
  if (!sources.ok) return sources;
  const destinations = readAddresses(to);
  if (!destinations.ok) return destinations;
  const isNegated = from?.negated === true || to?.negated === true;
  if (isNegated && (sources.value.length > 1 || destinations.value.length > 1)) {
    return err('! not allowed with multiple source or destination IP addresses');
  }
  if (sources.value.length * destinations.value.length > maxPairs)
    return err('too many addresses in one rule');
  return ok(
    sources.value.flatMap((source) => destinations.value.map((destination) => ({ source, destination }))),
  );
}

/** The tests of one or, separated by commas, several addresses; one that tests nothing where none was given. */
function readAddresses(
  given: GivenAddresses | undefined,
): Result<readonly (AddressTest | undefined)[], string> {
  if (given === undefined) return ok([undefined]);
  const tests: AddressTest[] = [];
  for (const text of given.text.split(',')) {
    const test = parseAddressTest(text, given.negated);
    if (!test.ok) return test;
    tests.push(test.value);
  }
  return ok(tests);
}

/** A packet has no way out yet where it comes in, and none in where it is made or goes out. */
export function unusableLink(
  chain: string,
  inLink: LinkTest | undefined,
  outLink: LinkTest | undefined,
): '-i' | '-o' | undefined {
  const comesIn = chain === 'PREROUTING' || chain === 'INPUT';
  const goesOut = chain === 'POSTROUTING' || chain === 'OUTPUT';
  if (comesIn && outLink !== undefined) return '-o';
  return goesOut && inLink !== undefined ? '-i' : undefined;
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
