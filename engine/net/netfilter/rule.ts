/**
 * A rule as it lies in the kernel: what it tests and what it does. Rules and chains are frozen, so that copies of a
 * machine share them; what a rule counts and remembers is kept apart, in the state.
 */

import type { Chances } from './chances.ts';
import type { AddressTest, LinkTest, ProtocolTest } from './header-tests.ts';
import type { AddrtypeMatch } from './matches/addrtype.ts';
import type { CommentMatch } from './matches/comment.ts';
import type { ConntrackMatch, StateMatch } from './matches/conntrack.ts';
import type { IcmpMatch } from './matches/icmp.ts';
import type { IprangeMatch } from './matches/iprange.ts';
import type { LimitMatch } from './matches/limit.ts';
import type { ConnmarkMatch, MarkMatch } from './matches/mark.ts';
import type { MultiportMatch } from './matches/multiport.ts';
import type { PhysdevMatch } from './matches/physdev.ts';
import type { PortsMatch } from './matches/ports.ts';
import type { RecentMatch } from './matches/recent.ts';
import type { SetMatch } from './matches/set.ts';
import type { StatisticMatch } from './matches/statistic.ts';
import type { TcpMatch } from './matches/tcp.ts';
import type { LogTarget, NflogTarget } from './targets/log.ts';
import type { ConnmarkTarget, MarkTarget } from './targets/mark.ts';
import type { NatTarget } from './targets/nat.ts';
import type { NetmapTarget } from './targets/netmap.ts';
import type { NotrackTarget } from './targets/notrack.ts';
import type { RejectTarget } from './targets/reject.ts';
import type { SetTarget } from './targets/set.ts';
import type { TcpmssTarget } from './targets/tcpmss.ts';
import type { TosTarget } from './targets/tos.ts';
import type { TraceTarget } from './targets/trace.ts';
import type { JumpTarget, VerdictTarget } from './targets/verdict.ts';

/** Every match that a rule can carry after `-m`. */
export type Match =
  | TcpMatch
  | PortsMatch
  | IcmpMatch
  | MultiportMatch
  | AddrtypeMatch
  | CommentMatch
  | ConntrackMatch
  | StateMatch
  | MarkMatch
  | ConnmarkMatch
  | StatisticMatch
  | RecentMatch
  | IprangeMatch
  | LimitMatch
  | PhysdevMatch
  | SetMatch;

/** Everything that can stand after `-j`, and goto (`-g`). */
export type Target =
  | VerdictTarget
  | JumpTarget
  | RejectTarget
  | NatTarget
  | MarkTarget
  | ConnmarkTarget
  | NotrackTarget
  | LogTarget
  | NflogTarget
  | TcpmssTarget
  | TraceTarget
  | TosTarget
  | NetmapTarget
  | SetTarget;

/**
 * One rule. An undefined field tests nothing; without a target the rule only counts. All fields are always there, since
 * rules of one shape are tested much faster.
 */
export interface Rule {
  /**
   * The probability, in 2^31, of a rule that tests nothing but that: a proxy's chains hold one for each endpoint, and a packet
   * tries about half of them, so that it stands here besides in `matches`.
   */
  readonly chance: number | undefined;
  /** The addresses that `source` and `destination` ask for, with their masks; zeros where these are absent or negated. */
  readonly sourceAddress: number;
  readonly sourceMask: number;
  readonly destinationAddress: number;
  readonly destinationMask: number;
  /** Whether the header is held against nothing but those, the protocol and the port. */
  readonly isPlain: boolean;
  readonly source: AddressTest | undefined;
  readonly destination: AddressTest | undefined;
  readonly inLink: LinkTest | undefined;
  readonly outLink: LinkTest | undefined;
  readonly protocol: ProtocolTest | undefined;
  /** `-f`: only second and further fragments, of which the simulation has none. */
  readonly fragment: { readonly negated: boolean } | undefined;
  /** The only destination port that `matches` let pass, where one of them asks for nothing else; else -1. */
  readonly port: number;
  /** Those of `matches` that a packet has to be held against besides. */
  readonly tests: readonly Match[];
  readonly target: Target | undefined;
  /** All that was written, in its order. */
  readonly matches: readonly Match[];
}

/** What a built-in chain does with a packet that no rule decided about. */
export type Policy = 'ACCEPT' | 'DROP';

/** From where packets come to a chain, at most: rules that were taken away may have brought more. */
export interface ChainReach {
  /** A bit for each hook, as checkDraft numbers them. */
  readonly hooks: number;
  /** Jumps inside each other on the longest way. */
  readonly depth: number;
}

/** A chain with its rules; only a built-in one has a policy. */
export interface Chain {
  readonly name: string;
  readonly policy?: Policy;
  readonly rules: readonly Rule[];
  /** Absent on chains that nothing leads to. */
  readonly reach?: ChainReach;
  /** Only of chains whose rules mostly test nothing but that. */
  readonly chances?: Chances;
  /** Only of long chains: by these a packet finds the rules that it may match. */
  readonly keys?: Int32Array;
  /** The restore input that each rule was read from, on long chains only. */
  readonly texts?: readonly string[];
}
