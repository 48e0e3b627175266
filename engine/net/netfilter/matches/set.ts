/** `-m set --match-set NAME src,dst`: whether a set of addresses has the packet. Left out: its counters and `return-nomatch`. */
import type { Extension, OptionValues } from '../extension.ts';
import { isInSet, type SetQuestion } from '../sets/ip-set.ts';
import type { PacketView } from '../view.ts';

/** A set, and which end of a packet is meant for each of its dimensions. */
export interface SetEnds {
  readonly name: string;
  readonly ends: readonly ('src' | 'dst')[];
}

/** What a rule holds of it. */
export interface SetMatch extends SetEnds {
  readonly kind: 'set';
  readonly negated: boolean;
}

/** Source: IPSET_MAXNAMELEN with its final zero, and IPSET_DIM_MAX in Linux uapi/linux/netfilter/ipset/ip_set.h. */
const longestName = 31;
const mostDimensions = 6;

/** How `-m set` is read. */
export const setExtension: Extension<SetMatch> = {
  name: 'set',
  options: [
    {
      name: '--match-set',
      invertible: true,
      hasTwoValues: true,
      onceMessage: '--match-set can be specified only once',
    },
  ],
  build: (values) => {
    const text = values.text('--match-set');
    if (text === undefined) {
      values.failAtEnd("You must specify `--match-set' with proper arguments");
      return Object.freeze({ kind: 'set', name: '', ends: [], negated: false });
    }
    const { name, ends } = readSetEnds('--match-set', text, values);
    return Object.freeze({ kind: 'set', name, ends, negated: values.isNegated('--match-set') });
  },
};

/** Reads `NAME src,dst`, the two arguments of an option. */
export function readSetEnds(option: string, text: string, values: OptionValues): SetEnds {
  const [name = '', flags = ''] = text.split(' ');
  if (flags === '' || flags.startsWith('-')) values.fail(`${option} requires two args.`);
  if (name.length > longestName) values.fail(`setname \`${name}' too long, max ${longestName} characters.`);
  const words = flags.split(',');
  const ends = words.filter((word) => word === 'src' || word === 'dst');
  if (words.length > mostDimensions) values.fail(`Can't be more src/dst options than ${mostDimensions}.`);
  // The tool's own spelling.
  else if (ends.length < words.length) {
    values.fail("You must spefify (the comma separated list of) 'src' or 'dst'.");
  }
  return Object.freeze({ name, ends: Object.freeze(ends) });
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveSet({ name, ends, negated }: SetMatch): string {
  return `${negated ? ' !' : ''} --match-set ${name} ${ends.join(',')}`;
}

/** As `iptables -L` shows it. */
export function listSet({ name, ends, negated }: SetMatch): string {
  return `${negated ? '! ' : ''}match-set ${name} ${ends.join(',')}`;
}

/** Whether the packet passes the test. */
export function matchesSet({ name, ends, negated }: SetMatch, view: PacketView): boolean {
  const { sets } = view.memory;
  const set = sets.get(name);
  if (set === undefined) return negated;
  return isInSet(sets, set, questionFor(ends, view)) !== negated;
}

/** What a packet brings to a set, of the ends that are meant. */
export function questionFor(
  [first, second = first]: SetEnds['ends'],
  { source, destination, protocol, packet }: PacketView,
): SetQuestion {
  return {
    address: first === 'src' ? source : destination,
    protocol,
    port: second === 'src' ? packet.sourcePort : packet.destinationPort,
  };
}
