/** `-m iprange`: an address between two others. */

import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import type { Extension, OptionValues } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface IprangeMatch {
  readonly kind: 'iprange';
  readonly source?: RangeTest;
  readonly destination?: RangeTest;
}

interface RangeTest {
  readonly first: number;
  readonly last: number;
  readonly negated: boolean;
}

/** How `-m iprange` is read. */
export const iprangeExtension: Extension<IprangeMatch> = {
  name: 'iprange',
  options: [
    { name: '--src-range', invertible: true },
    { name: '--dst-range', invertible: true },
  ],
  build: (values) => {
    const source = readRange(values, '--src-range');
    const destination = readRange(values, '--dst-range');
    if (source === undefined && destination === undefined) {
      values.failAtEnd("iprange match: You must specify `--src-range' or `--dst-range'");
    }
    return Object.freeze({
      kind: 'iprange',
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
    });
  },
};

function readRange(values: OptionValues, name: string): RangeTest | undefined {
  const text = values.text(name);
  if (text === undefined) return undefined;
  const dash = text.indexOf('-');
  const low = dash < 0 ? text : text.slice(0, dash);
  const high = dash < 0 ? text : text.slice(dash + 1);
  const first = parseIPv4(low);
  const last = parseIPv4(high);
  if (first === undefined || last === undefined) {
    values.fail(`iprange: Bad value for "${name}" option: "${first === undefined ? low : high}"`);
  }
  return Object.freeze({ first: first ?? 0, last: last ?? 0, negated: values.isNegated(name) });
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveIprange(match: IprangeMatch): string {
  const side = (option: string, test: RangeTest | undefined) =>
    test === undefined ? '' : `${test.negated ? ' !' : ''} ${option} ${formatRange(test)}`;
  return `${side('--src-range', match.source)}${side('--dst-range', match.destination)}`;
}

function formatRange(test: RangeTest): string {
  return `${formatIPv4(test.first)}-${formatIPv4(test.last)}`;
}

/** As `iptables -L` shows it. */
export function listIprange(match: IprangeMatch): string {
  const parts = [];
  if (match.source !== undefined) parts.push(listRange('source', match.source));
  if (match.destination !== undefined) parts.push(listRange('destination', match.destination));
  return parts.join(' ');
}

function listRange(name: string, test: RangeTest): string {
  return `${name} IP range ${test.negated ? '! ' : ''}${formatRange(test)}`;
}

/** Whether the packet passes the test. */
export function matchesIprange(match: IprangeMatch, view: PacketView): boolean {
  return inRange(match.source, view.source) && inRange(match.destination, view.destination);
}

function inRange(test: RangeTest | undefined, address: number): boolean {
  return test === undefined || (address >= test.first && address <= test.last) !== test.negated;
}
