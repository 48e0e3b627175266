/**
 * Puts a Pod's network namespace on the node's bridge, as the CNI plugins bridge and host-local do.
 * Source: containernetworking/plugins, plugins/main/bridge. Left out: IPv6, VLANs, promiscuous mode.
 */
import type { Random } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import type { IpamState } from './host-local.ts';
import { allocateAddress, networkPrefix, releaseAddress } from './host-local.ts';

/** The name of every node's bridge. */
export const bridgeName = 'cni0';

/** What the plugin works on. */
export interface BridgeDependencies {
  readonly net: NetworkAdmin;
  readonly random: Random;
  readonly machine: NetnsId;
  readonly podCIDR: string;
}

/** A Pod's place in the network. */
export interface PodNetwork {
  readonly netns: NetnsId;
  readonly address: string;
}

/** Makes a namespace with `eth0` on the bridge, an address and the default route; or says why it can't. */
export function addPodToNetwork(
  deps: BridgeDependencies,
  ipam: IpamState,
  sandbox: string,
): Result<PodNetwork, string> {
  const { net, machine } = deps;
  const allocated = allocateAddress(ipam, deps.podCIDR, sandbox);
  if (!allocated.ok) return err(allocated.error);
  const netns = net.addNetns(machine, `cni-${deps.random.uuid()}`);
  const hostLink = `veth${deps.random.hex(8)}`;
  net.addVeth({ netns, link: 'eth0' }, { netns: machine, link: hostLink });
  net.setMaster(machine, hostLink, bridgeName);
  // A Pod that reaches itself through a Service comes back over the port it went out of.
  net.setHairpin(machine, hostLink, true);
  net.addAddress(netns, 'eth0', `${allocated.value}/24`);
  net.addRoute(netns, { destination: 'default', via: `${networkPrefix(deps.podCIDR)}.1`, link: 'eth0' });
  return ok({ netns, address: allocated.value });
}

/** Takes the namespace away, and with it both ends of the veth; the address is free again. */
export function removePodFromNetwork(
  net: NetworkAdmin,
  ipam: IpamState,
  sandbox: string,
  netns: NetnsId,
): void {
  net.removeNetns(netns);
  releaseAddress(ipam, sandbox);
}
