/**
 * What the rest of the machine asks of netfilter: one call per hook a packet passes. Connection tracking and NAT are
 * inside, since they hook in between the tables as in the kernel.
 * Source: the hook priorities in linux/netfilter_ipv4.h (raw, conntrack, mangle, dstnat, filter, security, srcnat).
 */
import type { Random } from '../../base/random.ts';
import type { Packet } from '../packet.ts';
import type { Hook, Hop, NetnsId, RuleRef, TableName } from '../trace.ts';

/** What a hook needs to know of the machine around it. */
export interface HookContext {
  readonly at: NetnsId;
  readonly hook: Hook;
  readonly inLink?: string | undefined;
  readonly outLink?: string | undefined;
  /** For packets that a bridge passes on: its ports, as match `physdev` sees them. */
  readonly inPort?: string | undefined;
  readonly outPort?: string | undefined;
  /** Whether an address is one of this namespace's own (`addrtype LOCAL`). */
  isLocal(address: string): boolean;
  /** The address that MASQUERADE takes: the first one of the outgoing link. */
  linkAddress(link: string): string | undefined;
  readonly nowMs: number;
  readonly random: Random;
  readonly maxRules: number;
  /** Whether anybody captures packets; else there is no need to make hops. */
  readonly isRecording: boolean;
  /** Adds a step to the packet's trace. */
  record(hop: Hop): void;
}

/** What becomes of a packet at a hook. */
export type HookResult =
  | { readonly verdict: 'accept'; readonly packet: Packet }
  /** `rule` is absent when a chain's policy dropped it. */
  | { readonly verdict: 'drop'; readonly chain: string; readonly table: TableName; readonly rule?: RuleRef }
  /** The machine answers with this kind of packet: `icmp-port-unreachable`, `tcp-reset`, … */
  | { readonly verdict: 'reject'; readonly rule: RuleRef; readonly with: string };
