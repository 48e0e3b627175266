/** Trying a connection from somewhere in the cluster: what checks do, and what explanations are about. */
import { assertNever } from '../base/result.ts';
import type { PacketTrace } from '../net/trace.ts';
import type { Place } from './cause.ts';

/** Where a program is run or a request starts. */
export type Vantage =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string; readonly container?: string }
  | { readonly kind: 'node'; readonly name: string }
  /** The host outside the cluster, in 198.51.100.0/24. */
  | { readonly kind: 'client' };

/** A vantage point as causes name it. */
export function placeOfVantage(from: Vantage): Place {
  switch (from.kind) {
    case 'pod':
      return { kind: 'Pod', namespace: from.namespace, name: from.name };
    case 'node':
      return { kind: 'Node', namespace: '', name: from.name };
    case 'client':
      return 'client';
    default:
      return assertNever(from);
  }
}

/** What to try from a vantage point: an HTTP request, or only a connection. */
export interface ProbeTarget {
  /** Host name or address. */
  readonly host: string;
  readonly port: number;
  readonly protocol: 'http' | 'tcp' | 'udp';
  /** For http. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** What came of a probe. */
export interface ProbeResult {
  readonly outcome: 'answered' | 'refused' | 'timed-out' | 'unreachable' | 'reset' | 'name-not-found';
  /** The address that was connected to, after the name was resolved. */
  readonly address?: string;
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** The packets of the probe itself (not those of name resolution), in order. */
  readonly packets: readonly PacketTrace[];
}
