/** `-m multiport`: up to fifteen ports or ranges. */
import type { Extension } from '../extension.ts';
import { hasPorts } from '../protocols.ts';
import type { PacketView } from '../view.ts';
import { formatPortRange, parsePortRange } from './ports.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface MultiportMatch {
  readonly kind: 'multiport';
  readonly side: 'sports' | 'dports' | 'ports';
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  readonly negated: boolean;
}

/** Ports that one match can hold, a range counting twice. Source: XT_MULTI_PORTS in linux/netfilter/xt_multiport.h. */
const maxPorts = 15;

const sides = ['sports', 'dports', 'ports'] as const;

/** How `-m multiport` is read. */
export const multiportExtension: Extension<MultiportMatch> = {
  name: 'multiport',
  options: [
    {
      name: '--sports',
      aliases: ['--source-ports'],
      invertible: true,
      excludes: ['--dports', '--ports'],
    },
    { name: '--dports', aliases: ['--destination-ports'], invertible: true, excludes: ['--ports'] },
    { name: '--ports', invertible: true },
  ],
  build: (values, rule) => {
    const side = sides.find((name) => values.has(`--${name}`));
    if (side === undefined) values.failAtEnd('multiport expection an option');
    else if (rule.protocol === undefined && !rule.isProtocolNegated) {
      values.fail("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    } else if (!hasPorts(rule.protocol)) {
      values.fail('multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP');
    }
    const option = `--${side ?? 'ports'}`;
    const ranges = [];
    let ports = 0;
    for (const text of values.text(option)?.split(',') ?? []) {
      const range = parsePortRange(text, ':', values);
      if (range === undefined) break;
      ports += text.includes(':') ? 2 : 1;
      ranges.push(Object.freeze(range));
    }
    if (ports > maxPorts) values.fail('too many ports specified');
    return Object.freeze({
      kind: 'multiport',
      side: side ?? 'ports',
      ranges: Object.freeze(ranges),
      negated: values.isNegated(option),
    });
  },
};

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveMultiport(match: MultiportMatch): string {
  return `${match.negated ? ' !' : ''} --${match.side} ${formatRanges(match)}`;
}

function formatRanges(match: MultiportMatch): string {
  return match.ranges.map((range) => formatPortRange(range, ':')).join(',');
}

/** As `iptables -L` shows it. */
export function listMultiport(match: MultiportMatch): string {
  return `multiport ${match.side} ${match.negated ? ' !' : ''}${formatRanges(match)}`;
}

/** Whether the packet passes the test. */
export function matchesMultiport(match: MultiportMatch, view: PacketView): boolean {
  const { sourcePort, destinationPort } = view.packet;
  const found = match.ranges.some(
    ({ first, last }) =>
      (match.side !== 'dports' && sourcePort >= first && sourcePort <= last) ||
      (match.side !== 'sports' && destinationPort >= first && destinationPort <= last),
  );
  return found !== match.negated;
}
