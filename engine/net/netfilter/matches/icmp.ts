/** `-m icmp`: the type and code of an ICMP message. */

import type { IcmpMessage } from '../../packet.ts';
import type { Extension } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface IcmpMatch {
  readonly kind: 'icmp';
  /** Absent for `any`. */
  readonly type?: number;
  readonly code?: number;
  readonly negated: boolean;
}

/** Types and codes by the names iptables takes. Source: `iptables -p icmp -h`. */
const namedTypes: ReadonlyMap<string, readonly [number, number?]> = new Map<
  string,
  readonly [number, number?]
>([
  ['echo-reply', [0]],
  ['pong', [0]],
  ['destination-unreachable', [3]],
  ['network-unreachable', [3, 0]],
  ['host-unreachable', [3, 1]],
  ['protocol-unreachable', [3, 2]],
  ['port-unreachable', [3, 3]],
  ['fragmentation-needed', [3, 4]],
  ['network-prohibited', [3, 9]],
  ['host-prohibited', [3, 10]],
  ['communication-prohibited', [3, 13]],
  ['source-quench', [4]],
  ['redirect', [5]],
  ['echo-request', [8]],
  ['ping', [8]],
  ['router-advertisement', [9]],
  ['router-solicitation', [10]],
  ['time-exceeded', [11]],
  ['ttl-exceeded', [11]],
  ['ttl-zero-during-transit', [11, 0]],
  ['ttl-zero-during-reassembly', [11, 1]],
  ['parameter-problem', [12]],
  ['timestamp-request', [13]],
  ['timestamp-reply', [14]],
  ['address-mask-request', [17]],
  ['address-mask-reply', [18]],
]);

/** How the listing shows `any`. */
const anyType = 255;

/** How `-m icmp` is read. */
export const icmpExtension: Extension<IcmpMatch> = {
  name: 'icmp',
  options: [{ name: '--icmp-type', invertible: true, mandatory: true }],
  build: (values) => {
    const text = values.text('--icmp-type') ?? 'any';
    const negated = values.isNegated('--icmp-type');
    if (text === 'any') return Object.freeze({ kind: 'icmp', negated });
    const numeric = /^([0-9]{1,3})(?:\/([0-9]{1,3}))?$/.exec(text);
    const [type, code] =
      numeric === null
        ? (namedTypes.get(text) ?? [])
        : [Number(numeric[1]), numeric[2] === undefined ? undefined : Number(numeric[2])];
    if (type === undefined) values.fail(`Unknown ICMP type \`${text}'`);
    return Object.freeze({
      kind: 'icmp',
      ...(type === undefined ? {} : { type }),
      ...(code === undefined ? {} : { code }),
      negated,
    });
  },
};

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveIcmp(match: IcmpMatch): string {
  return `${match.negated ? ' !' : ''} --icmp-type ${formatType(match)}`;
}

function formatType(match: IcmpMatch): string {
  if (match.type === undefined) return 'any';
  return match.code === undefined ? String(match.type) : `${match.type}/${match.code}`;
}

/** As `iptables -L` shows it. */
export function listIcmp(match: IcmpMatch): string {
  const code = match.code === undefined ? '' : ` code ${match.code}`;
  return `icmp${match.negated ? ' !' : ''}type ${match.type ?? anyType}${code}`;
}

/** Whether the packet passes the test. */
export function matchesIcmp(match: IcmpMatch, view: PacketView): boolean {
  if (match.type === undefined) return !match.negated;
  const { icmp } = view.packet;
  if (icmp === undefined) return false;
  const [type, code] = icmpTypeAndCode(icmp);
  return (type === match.type && (match.code === undefined || match.code === code)) !== match.negated;
}

/** Codes of destination-unreachable. Source: RFC 792, RFC 1812 section 5.2.7.1. */
const unreachableCodes = {
  net: 0,
  host: 1,
  protocol: 2,
  port: 3,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
} as const;

function icmpTypeAndCode(icmp: IcmpMessage): readonly [number, number] {
  switch (icmp.type) {
    case 'echo-reply':
      return [0, 0];
    case 'echo-request':
      return [8, 0];
    case 'time-exceeded':
      return [11, 0];
    case 'destination-unreachable':
      return [3, unreachableCodes[icmp.code]];
  }
}
