/** Trying a connection from somewhere in the cluster: what checks do, and what explanations are about. */
import { nodes } from '../api/types/resources.ts';
import { assertNever } from '../base/result.ts';
import type { PacketTrace } from '../net/trace.ts';
import type { Place } from './cause.ts';
import type { ExplainView } from './explain.ts';

/** Where a program is run or a request starts. */
export type Vantage =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string; readonly container?: string }
  | { readonly kind: 'node'; readonly name: string }
  /** The host outside the cluster, in 198.51.100.0/24. */
  | { readonly kind: 'client' };

/** A vantage point as causes name it: a machine that is no Node of the cluster is a host outside of it. */
export function placeOfVantage(view: ExplainView, from: Vantage): Place {
  switch (from.kind) {
    case 'pod':
      return { kind: 'Pod', namespace: from.namespace, name: from.name };
    case 'node':
      return { kind: isNode(view, from.name) ? 'Node' : 'Host', namespace: '', name: from.name };
    case 'client':
      return 'client';
    default:
      return assertNever(from);
  }
}

function isNode(view: ExplainView, name: string): boolean {
  return view.list(nodes).some(({ metadata }) => metadata.name === name);
}

/** What to try from a vantage point: an HTTP request, or only a connection. */
export interface ProbeTarget {
  /** Host name or address. */
  readonly host: string;
  /** Where the connection goes without the name being resolved, as `curl --connect-to` has it. */
  readonly address?: string;
  readonly port: number;
  /** With `https` no certificate is refused: the result says what was shown. */
  readonly protocol: 'http' | 'https' | 'tcp' | 'udp';
  /** For http and https. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** The server's own certificate, as it showed it. */
export interface ShownCertificate {
  /** `CN=shop.example.com`, parts joined by commas. */
  readonly subject: string;
  /** `DNS:shop.example.com`, joined by commas; empty when there are none. */
  readonly names: string;
  /** Whether it is made for the host that was asked for. */
  readonly matchesHost: boolean;
  /** Whether its time has come and is not over. */
  readonly isCurrent: boolean;
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
  /** The certificate that was shown, for https. */
  readonly certificate?: ShownCertificate;
  /** The packets of the probe itself (not those of name resolution), in order. */
  readonly packets: readonly PacketTrace[];
}
