/** The node and the settings of its kube-proxy, as far as rules depend on them. */
import type { NodePlace } from './endpoints.ts';

/** What the rules depend on besides the objects. */
export interface ProxyFacts extends NodePlace {
  /** The node's own address; a source range that holds it lets the node's own traffic in. */
  readonly nodeIP?: string;
  /** Traffic from here comes from Pods; absent when the proxy can't tell. */
  readonly clusterCIDR?: string;
  /** `0x00004000`: bit 14, printed with eight digits. */
  readonly masqueradeMark: string;
  readonly masqueradeAll: boolean;
  /** Whether node ports answer on 127.0.0.1 too. */
  readonly localhostNodePorts: boolean;
  /** Whether MASQUERADE takes source ports at random, as with iptables from 1.6.2 on. */
  readonly randomFully: boolean;
}
