/**
 * `-m addrtype`: what kind of address the source or destination is. LOCAL is asked of the machine; the routing table
 * is not asked for the others: MULTICAST and BROADCAST follow from the address, everything else is UNICAST.
 */
import type { Extension, OptionValues } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface AddrtypeMatch {
  readonly kind: 'addrtype';
  readonly source?: TypeTest;
  readonly destination?: TypeTest;
  readonly limitLink?: 'in' | 'out';
}

interface TypeTest {
  readonly types: readonly string[];
  readonly negated: boolean;
}

/** The names in the order in which they are printed. Source: `iptables -m addrtype -h`. */
const typeNames = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

/** How `-m addrtype` is read. */
export const addrtypeExtension: Extension<AddrtypeMatch> = {
  name: 'addrtype',
  options: [
    { name: '--src-type', invertible: true },
    { name: '--dst-type', invertible: true },
    { name: '--limit-iface-in', flag: true, excludes: ['--limit-iface-out'] },
    { name: '--limit-iface-out', flag: true },
  ],
  build: (values) => {
    const source = readTypes(values, '--src-type');
    const destination = readTypes(values, '--dst-type');
    if (source === undefined && destination === undefined) {
      values.failAtEnd('addrtype: you must specify --src-type or --dst-type');
    }
    return Object.freeze({
      kind: 'addrtype',
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
      ...(values.has('--limit-iface-in') ? { limitLink: 'in' } : {}),
      ...(values.has('--limit-iface-out') ? { limitLink: 'out' } : {}),
    });
  },
};

function readTypes(values: OptionValues, name: string): TypeTest | undefined {
  const text = values.text(name);
  if (text === undefined) return undefined;
  const given = text.split(',').map((type) => type.toUpperCase());
  for (const type of given) if (!typeNames.includes(type)) values.fail(`addrtype: bad type "${type}"`);
  return Object.freeze({
    types: Object.freeze(typeNames.filter((type) => given.includes(type))),
    negated: values.isNegated(name),
  });
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveAddrtype(match: AddrtypeMatch): string {
  const limit = match.limitLink === undefined ? '' : ` --limit-iface-${match.limitLink}`;
  return `${saveTypes('--src-type', match.source)}${saveTypes('--dst-type', match.destination)}${limit}`;
}

function saveTypes(option: string, test: TypeTest | undefined): string {
  return test === undefined ? '' : `${test.negated ? ' !' : ''} ${option} ${test.types.join(',')}`;
}

/** As `iptables -L` shows it. */
export function listAddrtype(match: AddrtypeMatch): string {
  const types = (name: string, test: TypeTest | undefined) =>
    test === undefined ? '' : ` ${name} ${test.negated ? '!' : ''}${test.types.join(',')}`;
  const limit = match.limitLink === undefined ? '' : ` limit-${match.limitLink}`;
  return `ADDRTYPE match${types('src-type', match.source)}${types('dst-type', match.destination)}${limit}`;
}

/** Whether the packet passes the test. */
export function matchesAddrtype(match: AddrtypeMatch, view: PacketView): boolean {
  return (
    hasType(match.source, view.packet.source, view.source, view) &&
    hasType(match.destination, view.packet.destination, view.destination, view)
  );
}

function hasType(test: TypeTest | undefined, text: string, address: number, view: PacketView): boolean {
  if (test === undefined) return true;
  return test.types.includes(addressType(text, address, view)) !== test.negated;
}

function addressType(text: string, address: number, view: PacketView): string {
  if (view.context.isLocal(text)) return 'LOCAL';
  if (address >>> 28 === 0xe) return 'MULTICAST';
  return address === 0xffffffff ? 'BROADCAST' : 'UNICAST';
}
