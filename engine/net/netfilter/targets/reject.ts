/** `-j REJECT`: drop, and tell the sender. */
import type { Extension } from '../extension.ts';

/** What a rule holds of it. */
export interface RejectTarget {
  readonly kind: 'REJECT';
  readonly type: string;
}

/** Kinds of answers by the names that are taken; the value is the name that is printed. Source: `iptables -j REJECT -h`. */
const rejectTypes: ReadonlyMap<string, string> = new Map([
  ['icmp-net-unreachable', 'icmp-net-unreachable'],
  ['net-unreach', 'icmp-net-unreachable'],
  ['icmp-host-unreachable', 'icmp-host-unreachable'],
  ['host-unreach', 'icmp-host-unreachable'],
  ['icmp-proto-unreachable', 'icmp-proto-unreachable'],
  ['proto-unreach', 'icmp-proto-unreachable'],
  ['icmp-port-unreachable', 'icmp-port-unreachable'],
  ['port-unreach', 'icmp-port-unreachable'],
  ['icmp-net-prohibited', 'icmp-net-prohibited'],
  ['net-prohib', 'icmp-net-prohibited'],
  ['icmp-host-prohibited', 'icmp-host-prohibited'],
  ['host-prohib', 'icmp-host-prohibited'],
  ['tcp-reset', 'tcp-reset'],
  ['tcp-rst', 'tcp-reset'],
  ['icmp-admin-prohibited', 'icmp-admin-prohibited'],
  ['admin-prohib', 'icmp-admin-prohibited'],
]);

/** How `-j REJECT` is read. */
export const rejectExtension: Extension<RejectTarget> = {
  name: 'REJECT',
  options: [{ name: '--reject-with' }],
  build: (values) => {
    const text = values.text('--reject-with') ?? 'icmp-port-unreachable';
    const type = rejectTypes.get(text);
    if (type === undefined) values.fail(`unknown reject type "${text}"`);
    return Object.freeze({ kind: 'REJECT', type: type ?? text });
  },
};
