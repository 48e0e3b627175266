/**
 * What a machine's administrator may change in a network namespace, as data, so that a system call can carry it. The words
 * of the tools are theirs; the kernel answers with an errno or, as netlink does today, with a sentence.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { RouteSpec } from '../route-spec.ts';
import type { NetnsId, TableName } from '../trace.ts';
import type { Errno } from './errno.ts';

/** A change, by the part of the kernel that makes it. */
export type NetworkChange =
  /** One command of iptables: `-A INPUT -j ACCEPT`. */
  | { readonly part: 'iptables'; readonly table: TableName; readonly words: readonly string[] }
  | {
      readonly part: 'iptables-restore';
      readonly text: string;
      readonly test: boolean;
      readonly noflush: boolean;
      readonly counters: boolean;
    }
  | {
      readonly part: 'address';
      readonly action: 'add' | 'replace' | 'del';
      readonly link: string;
      /** With prefix. */
      readonly address: string;
    }
  | { readonly part: 'link'; readonly action: 'up' | 'down' | 'del' | 'nomaster'; readonly link: string }
  | { readonly part: 'link'; readonly action: 'master'; readonly link: string; readonly bridge: string }
  | { readonly part: 'link'; readonly action: 'mtu'; readonly link: string; readonly mtuBytes: number }
  | { readonly part: 'link'; readonly action: 'hairpin'; readonly link: string; readonly on: boolean }
  | { readonly part: 'link'; readonly action: 'add-bridge'; readonly link: string }
  | { readonly part: 'link'; readonly action: 'add-veth'; readonly link: string; readonly peer: string }
  | (Omit<RouteSpec, 'nextHops'> & {
      readonly part: 'route';
      readonly action: 'add' | 'replace' | 'append' | 'del';
    })
  | { readonly part: 'rule'; readonly action: 'add' | 'del'; readonly rule: RuleSpec }
  | { readonly part: 'rule'; readonly action: 'flush' }
  | {
      readonly part: 'neighbour';
      readonly action: 'add' | 'replace' | 'del';
      readonly link: string;
      readonly address: string;
      readonly mac?: string;
    }
  /** Everything of a kind: of a link, or to a destination. */
  | {
      readonly part: 'flush';
      readonly what: 'address' | 'route' | 'neighbour';
      readonly link?: string;
      readonly destination?: string;
      /** For routes: a table's number; main without it. */
      readonly table?: number;
    }
  /** A command of ipset; or, with text, what `ipset restore` reads. */
  | { readonly part: 'ipset'; readonly words: readonly string[]; readonly text?: string }
  /** Listens in on the namespace from now on, until the process ends; see the inspection of `tap`. */
  | { readonly part: 'tap' }
  | { readonly part: 'sysctl'; readonly name: string; readonly value: string }
  /** Forgets connections: those of which everything that is given is so. */
  | {
      readonly part: 'conntrack';
      readonly protocol?: string;
      readonly source?: string;
      readonly destination?: string;
      readonly destinationPort?: number;
      readonly replySource?: string;
    };

/** A rule of routing as `ip rule` takes it; for `del`, what is left out may be anything. */
export interface RuleSpec {
  readonly preference?: number;
  /** A table's number, or a refusal. */
  readonly action?: number | 'blackhole' | 'unreachable' | 'prohibit';
  readonly inverted?: boolean;
  /** CIDR. */
  readonly from?: string;
  readonly to?: string;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly inLink?: string;
  readonly outLink?: string;
}

/** A change and where it is to be made. */
export interface ConfigureRequest {
  readonly netns: NetnsId;
  /** The process that asks, by its number on the machine. */
  readonly pid: number;
  readonly change: NetworkChange;
}

/** Why nothing was changed: an errno, the kernel's sentence, or what the tool prints. */
export interface RefusedChange {
  readonly errno?: Errno;
  /** As netlink's extended acknowledgement: `Nexthop has invalid gateway.` */
  readonly message?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** Whether an answer is a refusal. */
export function isRefusedChange(answer: JsonValue): answer is JsonValue & RefusedChange {
  return isJsonObject(answer) && ['errno', 'message', 'stderr'].some((key) => Object.hasOwn(answer, key));
}
