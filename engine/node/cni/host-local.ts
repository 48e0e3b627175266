/**
 * Addresses for Pods from the node's own range, in order; one that was released comes up again only after the range
 * has gone round. Source: containernetworking/plugins, plugins/ipam/host-local (range iterator, last reserved IP).
 */
import { err, ok, type Result } from '../../base/result.ts';

/** What was given out. */
export interface IpamState {
  /** Address to the sandbox that has it. */
  readonly taken: Map<string, string>;
  lastOffset: number;
}

/** The first state: nothing is taken, and the next address is the second of the range (the first is the bridge's). */
export function ipamState(): IpamState {
  return { taken: new Map(), lastOffset: 1 };
}

/** Gives the next free address of a /24 like `10.244.1.0/24` to a sandbox. */
export function allocateAddress(state: IpamState, podCIDR: string, sandbox: string): Result<string, string> {
  const prefix = networkPrefix(podCIDR);
  for (let tries = 0; tries < 253; tries += 1) {
    state.lastOffset = state.lastOffset >= 254 ? 2 : state.lastOffset + 1;
    const address = `${prefix}.${state.lastOffset}`;
    if (state.taken.has(address)) continue;
    state.taken.set(address, sandbox);
    return ok(address);
  }
  return err(`no IP addresses available in range set: ${prefix}.1-${prefix}.254`);
}

/** Takes back the address of a sandbox; nothing happens when it has none. */
export function releaseAddress(state: IpamState, sandbox: string): void {
  for (const [address, holder] of state.taken) {
    if (holder === sandbox) state.taken.delete(address);
  }
}

/** The first three numbers of a /24. */
export function networkPrefix(cidr: string): string {
  return cidr.split('.').slice(0, 3).join('.');
}
