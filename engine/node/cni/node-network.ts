/**
 * What a node needs before Pods come: the bridge, routes to the other nodes' Pods, forwarding, and masquerading of what
 * leaves the cluster's own network. Source: kubernetes-sigs/kind, images/kindnetd (routes.go, masq.go), which routes
 * between nodes and keeps the chain KIND-MASQ-AGENT. Differs: kindnet wires Pods point to point, here is a bridge.
 */
import { invariant } from '../../base/result.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import { bridgeName } from './bridge.ts';
import { networkPrefix } from './host-local.ts';

/** A node as its neighbours see it. */
export interface NodePlace {
  readonly name: string;
  /** Its address in the node network. */
  readonly address: string;
  /** The range its Pods live in, a /24. */
  readonly podCIDR: string;
}

/** Sets a node's machine up. `clusterCIDR` holds every node's Pods. */
export function setUpNodeNetwork(
  net: NetworkAdmin,
  options: { readonly node: NodePlace; readonly peers: readonly NodePlace[]; readonly clusterCIDR: string },
): void {
  const machine: NetnsId = options.node.name;
  net.setSysctl(machine, 'net.ipv4.ip_forward', '1');
  net.setSysctl(machine, 'net.bridge.bridge-nf-call-iptables', '1');
  net.addBridge(machine, bridgeName);
  net.addAddress(machine, bridgeName, `${networkPrefix(options.node.podCIDR)}.1/24`);
  for (const peer of options.peers) {
    if (peer.name === options.node.name) continue;
    net.addRoute(machine, { destination: peer.podCIDR, via: peer.address });
  }
  const restored = net.iptablesRestore(machine, masqueradeRules(options.clusterCIDR), { noflush: true });
  invariant(restored.ok, 'the masquerading rules of the node were refused');
}

/** Pods talk to Pods under their own addresses; only what leaves the cluster carries the node's. */
function masqueradeRules(clusterCIDR: string): string {
  const comment = (text: string) => `-m comment --comment "kind-masq-agent: ${text}"`;
  const entry =
    'ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain';
  return [
    '*nat',
    ':KIND-MASQ-AGENT - [0:0]',
    `-A POSTROUTING -m addrtype ! --dst-type LOCAL ${comment(entry)} -j KIND-MASQ-AGENT`,
    `-A KIND-MASQ-AGENT -d ${clusterCIDR} ${comment('local traffic is not subject to MASQUERADE')} -j RETURN`,
    `-A KIND-MASQ-AGENT ${comment('outbound traffic is subject to MASQUERADE (must be last in chain)')} -j MASQUERADE`,
    'COMMIT',
    '',
  ].join('\n');
}
