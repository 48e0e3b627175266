/** Tests of addresses and links, as rules hold them. */

/** An address with its mask: `! -s 10.0.0.0/8`. */
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

/** Whether an address is meant. */
export function matchesAddress(test: AddressTest, address: number): boolean {
  return ((address & test.mask) >>> 0 === test.address) !== test.negated;
}

/** Whether a link's name, or a prefix of it followed by `+`, is meant. */
export function matchesLink(test: LinkTest, link: string | undefined): boolean {
  const name = link ?? '';
  const found = test.name.endsWith('+') ? name.startsWith(test.name.slice(0, -1)) : name === test.name;
  return found !== test.negated;
}
