/** A route to be added: as `ip route add` takes it. */
export interface RouteSpec {
  /** CIDR, or `default`. */
  readonly destination: string;
  readonly via?: string;
  readonly link?: string;
  readonly source?: string;
  readonly scope?: 'global' | 'link' | 'host';
  /** Who set it, as `ip route` prints it (`kernel`, `static`, `bird`); left out of the print when absent. */
  readonly protocol?: string;
  /** A table's number; main without it. */
  readonly table?: number;
  /** 0 without it. */
  readonly metric?: number;
  /** What refuses, or sends back to the rules, in the place of a way. */
  readonly type?: 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  /** Several next hops of equal weight, chosen by a hash of the flow, instead of `via`. */
  readonly nextHops?: readonly { readonly via: string; readonly link?: string }[];
}
