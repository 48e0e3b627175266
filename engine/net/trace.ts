/**
 * The way of a packet, hop by hop, as the machines it met recorded it. No word of Kubernetes: what a rule's comment
 * means is for others to read.
 */

/** A network namespace: the machine's name for the one a machine boots with, `machine/name` for others. */
export type NetnsId = string;

/** The five hooks of netfilter, in the order of their names in the kernel. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp';

/** The addresses and ports of a packet at one moment; NAT changes them on the way. Ports are 0 for icmp. */
export interface PacketHeader {
  readonly protocol: Protocol;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** One rule, named so that a reader finds it in `iptables-save`. */
export interface RuleRef {
  readonly table: TableName;
  readonly chain: string;
  /** Position in its chain, from 1, as `iptables -L --line-numbers` counts. */
  readonly number: number;
  /** The rule's line as `iptables-save` prints it, `-A CHAIN …`. */
  readonly text: string;
}

/** One step on the way. `at` is the namespace in which it happened; steps stand in the order of time. */
export type Hop =
  | { readonly step: 'send'; readonly at: NetnsId; readonly header: PacketHeader }
  | { readonly step: 'receive'; readonly at: NetnsId; readonly link: string; readonly header: PacketHeader }
  /** A rule matched. `action` is the target with its arguments (`DNAT to 10.244.1.5:80`, `jump KUBE-SVC-…`, `DROP`). */
  | {
      readonly step: 'rule';
      readonly at: NetnsId;
      readonly hook: Hook;
      readonly rule: RuleRef;
      readonly action: string;
      /** The header after the action, only when the action changed it. */
      readonly header?: PacketHeader;
    }
  /** The end of a built-in chain was reached and its policy applied; recorded only when the policy is DROP. */
  | {
      readonly step: 'policy';
      readonly at: NetnsId;
      readonly hook: Hook;
      readonly table: TableName;
      readonly policy: 'DROP';
    }
  /** An address was changed by connection tracking on behalf of an earlier packet, without meeting a rule. */
  | { readonly step: 'nat'; readonly at: NetnsId; readonly header: PacketHeader }
  /** The route taken, as `ip route` prints it; `local` for packets that are delivered here. */
  | {
      readonly step: 'route';
      readonly at: NetnsId;
      readonly route: string;
      readonly link: string;
      readonly via?: string;
    }
  /** The packet left over a link. */
  | { readonly step: 'transmit'; readonly at: NetnsId; readonly link: string };

/** How a packet ended. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly at: NetnsId; readonly address: string; readonly port: number }
  /** DROP by a rule, or by a chain's policy when `rule` is absent. */
  | { readonly kind: 'dropped'; readonly at: NetnsId; readonly rule?: RuleRef; readonly chain: string }
  /** REJECT by a rule. `with` is the kind of answer (`icmp-port-unreachable`, `tcp-reset`). */
  | { readonly kind: 'rejected'; readonly at: NetnsId; readonly rule: RuleRef; readonly with: string }
  /** It arrived at a machine that has the address, but nothing listens there: RST, or port unreachable. */
  | { readonly kind: 'no-listener'; readonly at: NetnsId; readonly address: string; readonly port: number }
  /** `because` is the route or the rule that refuses, as `ip` prints it; without it there is none that fits. */
  | {
      readonly kind: 'no-route';
      readonly at: NetnsId;
      readonly destination: string;
      readonly because?: string;
    }
  /** The route says the destination is on the link, but no machine there has the address. */
  | { readonly kind: 'no-neighbour'; readonly at: NetnsId; readonly link: string; readonly address: string }
  | { readonly kind: 'ttl-exceeded'; readonly at: NetnsId }
  /**
   * The kernel drops the packet by itself, without any rule. `hairpin-off`: a bridge would have to send it back through
   * the port that it came from. `hop-limit`: it went round for ever.
   */
  | {
      readonly kind: 'discarded';
      readonly at: NetnsId;
      readonly reason: 'martian-source' | 'not-forwarding' | 'link-down' | 'hairpin-off' | 'hop-limit';
    };

/** One packet from its sender to its end. */
export interface PacketTrace {
  readonly id: number;
  /** Virtual time in milliseconds. */
  readonly atMs: number;
  /** What it carried: `SYN`, `SYN-ACK`, `ACK`, `PSH`, `FIN`, `RST`, `UDP`, `ICMP echo request`, … */
  readonly summary: string;
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
}
