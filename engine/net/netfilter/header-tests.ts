/** Tests of addresses and links, as rules hold them. */

/**
 * An address with its mask: `! -s 10.0.0.0/8`. Both are signed, since numbers above 2^31 lie in memory of their own, which
 * would have to be read for each test.
 */
export interface AddressTest {
  readonly address: number;
  readonly mask: number;
  readonly negated: boolean;
}

/** A link's name, or a prefix of it followed by `+`. */
export interface LinkTest {
  readonly name: string;
  readonly negated: boolean;
}

/** An IP protocol's number: `! -p tcp`. */
export interface ProtocolTest {
  readonly number: number;
  readonly negated: boolean;
}

// Nearly every rule has one, and there are few: rules share them.
const protocolTests = Array.from({ length: 512 }, (_, at) =>
  Object.freeze({ number: at >> 1, negated: at % 2 === 1 }),
);

/** The test of a protocol's number, 0 to 255. */
export function protocolTest(number: number, negated: boolean): ProtocolTest | undefined {
  return protocolTests[number * 2 + (negated ? 1 : 0)];
}

/** Whether an address is meant. */
export function matchesAddress(test: AddressTest, address: number): boolean {
  return ((address & test.mask) === test.address) !== test.negated;
}

/** Whether a link's name, or a prefix of it followed by `+`, is meant. */
export function matchesLink(test: LinkTest, link: string | undefined): boolean {
  const name = link ?? '';
  const found = test.name.endsWith('+') ? name.startsWith(test.name.slice(0, -1)) : name === test.name;
  return found !== test.negated;
}
