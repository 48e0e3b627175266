/** `-m set --match-set NAME src,dst`: whether a set of addresses has the packet. Left out: its counters and `return-nomatch`. */
import type { Extension } from '../extension.ts';
import { isInSet } from '../sets/ip-set.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it. */
export interface SetMatch {
  readonly kind: 'set';
  readonly name: string;
  /** Which end is meant, for each dimension of the set. */
  readonly ends: readonly ('src' | 'dst')[];
  readonly negated: boolean;
}

/** Source: IPSET_DIM_MAX in Linux uapi/linux/netfilter/ipset/ip_set.h. */
const mostDimensions = 6;

/** How `-m set` is read. */
export const setExtension: Extension<SetMatch> = {
  name: 'set',
  options: [{ name: '--match-set', invertible: true, onceMessage: '--match-set can be specified only once' }],
  build: (values) => {
    const text = values.text('--match-set');
    if (text === undefined) {
      values.failAtEnd("You must specify `--match-set' with proper arguments");
      return Object.freeze({ kind: 'set', name: '', ends: [], negated: false });
    }
    const [name = '', flags = ''] = text.split(' ');
    if (flags === '' || flags.startsWith('-')) values.fail('--match-set requires two args.');
    const words = flags.split(',');
    const ends = words.filter((word) => word === 'src' || word === 'dst');
    if (words.length > mostDimensions) values.fail(`Can't be more src/dst options than ${mostDimensions}.`);
    // The tool's own spelling.
    else if (ends.length < words.length) {
      values.fail("You must spefify (the comma separated list of) 'src' or 'dst'.");
    }
    return Object.freeze({
      kind: 'set',
      name,
      ends: Object.freeze(ends),
      negated: values.isNegated('--match-set'),
    });
  },
};

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
  const [first, second = first] = ends;
  const { source, destination, protocol, packet } = view;
  const question = {
    address: first === 'src' ? source : destination,
    protocol,
    port: second === 'src' ? packet.sourcePort : packet.destinationPort,
  };
  return isInSet(sets, set, question) !== negated;
}
