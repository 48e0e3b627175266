/** `-m mark` and `-m connmark`: the packet's mark, or its connection's. */
import { type Extension, formatHex, type OptionValues } from '../extension.ts';
import type { PacketView } from '../view.ts';

interface MarkTest {
  readonly value: number;
  readonly mask: number;
  readonly negated: boolean;
}

/** What a rule holds of it: every test that is present has to be passed. */
export interface MarkMatch extends MarkTest {
  readonly kind: 'mark';
}

/** What a rule holds of it: every test that is present has to be passed. */
export interface ConnmarkMatch extends MarkTest {
  readonly kind: 'connmark';
}

const options = [{ name: '--mark', invertible: true, mandatory: true }];

/** How `-m mark` is read. */
export const markExtension: Extension<MarkMatch> = {
  name: 'mark',
  options,
  build: (values) => Object.freeze({ kind: 'mark', ...readMark(values) }),
};

/** How `-m connmark` is read. */
export const connmarkExtension: Extension<ConnmarkMatch> = {
  name: 'connmark',
  options,
  build: (values) => Object.freeze({ kind: 'connmark', ...readMark(values) }),
};

function readMark(values: OptionValues): MarkTest {
  const { value, mask } = values.markMask('--mark') ?? { value: 0, mask: 0 };
  return { value, mask, negated: values.isNegated('--mark') };
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveMark(match: MarkTest): string {
  return `${match.negated ? ' !' : ''} --mark ${formatMark(match)}`;
}

function formatMark(match: MarkTest): string {
  const value = formatHex(match.value);
  return match.mask === 0xffffffff ? value : `${value}/${formatHex(match.mask)}`;
}

/** As `iptables -L` shows it. */
export function listMark(match: MarkMatch | ConnmarkMatch): string {
  // The tool puts a second blank behind connmark's name, unless a `!` comes.
  const name = match.kind === 'mark' ? 'mark match' : match.negated ? 'connmark match' : 'connmark match ';
  return `${name} ${match.negated ? '! ' : ''}${formatMark(match)}`;
}

/** Whether the packet passes the test. */
export function matchesMark(match: MarkMatch | ConnmarkMatch, view: PacketView): boolean {
  const mark = match.kind === 'mark' ? view.packet.mark : view.connection?.mark;
  if (mark === undefined) return false;
  return ((mark & match.mask) >>> 0 === match.value) !== match.negated;
}
