/** `-m tcp`: ports and flags. `--tcp-option` is left out: simulated segments carry no options. */

import type { TcpHeader } from '../../packet.ts';
import type { Extension, OptionValues } from '../extension.ts';
import type { PacketView } from '../view.ts';
import { listPorts, matchesPorts, type PortTest, portOptions, readPorts, savePorts } from './ports.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface TcpMatch {
  readonly kind: 'tcp';
  readonly sourcePorts?: PortTest;
  readonly destinationPorts?: PortTest;
  readonly flags?: FlagTest;
}

/** Of the flags in `mask`, exactly those in `set` are set. */
interface FlagTest {
  readonly mask: number;
  readonly set: number;
  readonly negated: boolean;
}

/** The bits of the flags in the order in which they are printed. Source: RFC 9293, section 3.1. */
const flagBits: ReadonlyMap<string, number> = new Map([
  ['FIN', 0x01],
  ['SYN', 0x02],
  ['RST', 0x04],
  ['PSH', 0x08],
  ['ACK', 0x10],
  ['URG', 0x20],
]);
const allFlags = 0x3f;

/** What most rules hold of it that name no ports: they share it. */
const anySegment: TcpMatch = Object.freeze({ kind: 'tcp' });

/** How `-m tcp` is read. */
export const tcpExtension: Extension<TcpMatch> = {
  name: 'tcp',
  options: [
    ...portOptions,
    { name: '--tcp-flags', invertible: true, onceMessage: "Only one of `--syn' or `--tcp-flags'  allowed" },
    { name: '--syn', flag: true, invertible: true, excludes: ['--tcp-flags'] },
  ],
  build: (values, rule) => {
    if (rule.protocol !== 6) values.failAtEnd("TCP match requires '-p tcp'");
    const flags = readFlags(values);
    const ports = readPorts(values);
    if (flags === undefined && Object.keys(ports).length === 0) return anySegment;
    return Object.freeze({ kind: 'tcp', ...ports, ...(flags === undefined ? {} : { flags }) });
  },
};

function readFlags(values: OptionValues): FlagTest | undefined {
  if (values.has('--syn'))
    return Object.freeze({ mask: 0x17, set: 0x02, negated: values.isNegated('--syn') });
  const text = values.text('--tcp-flags');
  if (text === undefined) return undefined;
  const [mask = '', set = ''] = text.split(' ');
  return Object.freeze({
    mask: parseFlags(mask, values),
    set: parseFlags(set, values),
    negated: values.isNegated('--tcp-flags'),
  });
}

function parseFlags(text: string, values: OptionValues): number {
  let bits = 0;
  for (const name of text.split(',')) {
    const upper = name.toUpperCase();
    const bit = upper === 'ALL' ? allFlags : upper === 'NONE' ? 0 : flagBits.get(upper);
    if (bit === undefined) values.fail(`Unknown TCP flag \`${name}'`);
    else bits |= bit;
  }
  return bits;
}

function formatFlags(bits: number): string {
  const names = [...flagBits].filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? 'NONE' : names.join(',');
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveTcp(match: TcpMatch): string {
  const { flags } = match;
  const flagText =
    flags === undefined
      ? ''
      : `${flags.negated ? ' !' : ''} --tcp-flags ${formatFlags(flags.mask)} ${formatFlags(flags.set)}`;
  return `${savePorts(match)}${flagText}`;
}

/** As `iptables -L` shows it. */
export function listTcp(match: TcpMatch): string {
  const { flags } = match;
  const hex = (bits: number) => `0x${bits.toString(16).padStart(2, '0').toUpperCase()}`;
  const flagText =
    flags === undefined ? '' : ` flags:${flags.negated ? '!' : ''}${hex(flags.mask)}/${hex(flags.set)}`;
  return `tcp${listPorts(match)}${flagText}`;
}

/** Whether the packet passes the test. */
export function matchesTcp(match: TcpMatch, view: PacketView): boolean {
  if (!matchesPorts(match, view)) return false;
  if (match.flags === undefined) return true;
  const bits = view.packet.tcp === undefined ? 0 : headerBits(view.packet.tcp);
  return ((bits & match.flags.mask) === match.flags.set) !== match.flags.negated;
}

function headerBits(tcp: TcpHeader): number {
  return (
    (tcp.fin ? 0x01 : 0) |
    (tcp.syn ? 0x02 : 0) |
    (tcp.rst ? 0x04 : 0) |
    (tcp.psh ? 0x08 : 0) |
    (tcp.ack ? 0x10 : 0)
  );
}
