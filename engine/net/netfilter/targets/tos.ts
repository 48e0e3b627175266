/**
 * `-j TOS`: what a packet says about how it wants to be carried. Simulated packets do not say it, so that it changes nothing.
 * Source: man iptables-extensions(8), and answers of iptables v1.8.9 (nf_tables).
 */
import type { Extension, OptionValues } from '../extension.ts';
import { parseUint } from '../extension.ts';

/** What a rule holds of it: the bits of the mask become those of the value. */
export interface TosTarget {
  readonly kind: 'TOS';
  readonly value: number;
  readonly mask: number;
}

/** Names of values, in lower case, that leave the two bits of congestion as they are. */
const names: ReadonlyMap<string, number> = new Map([
  ['minimize-delay', 0x10],
  ['maximize-throughput', 0x08],
  ['maximize-reliability', 0x04],
  ['minimize-cost', 0x02],
  ['normal-service', 0],
]);
const namedMask = 0x3f;
const wholeByte = 0xff;

const options = ['--set-tos', '--and-tos', '--or-tos', '--xor-tos'];

/** How `-j TOS` is read. */
export const tosExtension: Extension<TosTarget> = {
  name: 'TOS',
  options: options.map((name) => ({ name, excludes: options.filter((other) => other !== name) })),
  build: (values) => {
    const and = values.uint('--and-tos', 0, wholeByte);
    const or = values.uint('--or-tos', 0, wholeByte);
    const xor = values.uint('--xor-tos', 0, wholeByte);
    if (and !== undefined) return make(0, wholeByte & ~and);
    if (or !== undefined) return make(or, or);
    if (xor !== undefined) return make(xor, 0);
    const text = values.text('--set-tos');
    if (text === undefined) values.failAtEnd('TOS: An action is required');
    return readTos(text ?? '0', values);
  },
};

function make(value: number, mask: number): TosTarget {
  return Object.freeze({ kind: 'TOS', value, mask });
}

function readTos(text: string, values: OptionValues): TosTarget {
  const named = names.get(text.toLowerCase());
  if (named !== undefined) return make(named, namedMask);
  const digits = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text)?.[0] ?? '';
  const value = parseUint(digits);
  if (value === undefined || value > wholeByte) {
    values.fail(`Symbolic name "${text}" is unknown`);
    return make(0, wholeByte);
  }
  const rest = text.slice(digits.length);
  const mask = rest === '' ? wholeByte : rest.startsWith('/') ? parseUint(rest.slice(1)) : undefined;
  if (mask === undefined || mask > wholeByte) values.fail(`Illegal value: "${text}"`);
  return make(value, mask ?? wholeByte);
}

/** Its options as `iptables-save` prints them, with a space before. */
export function saveTos(target: TosTarget): string {
  return ` --set-tos ${formatTos(target)}`;
}

/** As `iptables -L` shows it. */
export function listTos(target: TosTarget): string {
  return `TOS set ${formatTos(target)}`;
}

function formatTos({ value, mask }: TosTarget): string {
  const byte = (number: number) => `0x${number.toString(16).padStart(2, '0')}`;
  return `${byte(value)}/${byte(mask)}`;
}
