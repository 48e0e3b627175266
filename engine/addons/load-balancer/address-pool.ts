/** The addresses that the cloud gives to load balancers: 203.0.113.0/25, documentation addresses (RFC 5737). */
import { err, ok, type Result } from '../../base/result.ts';

const prefix = '203.0.113';
const firstHost = 1;
const lastHost = 126;

/** Who has which address. */
export interface AddressPool {
  /** Address to the holder's UID. */
  readonly taken: Map<string, string>;
}

/** A pool of which nothing is taken. */
export function addressPool(): AddressPool {
  return { taken: new Map() };
}

/** The holder's own address, the wanted one, or the lowest that is free. */
export function allocateFrom(pool: AddressPool, holder: string, wanted: string): Result<string, string> {
  for (const [address, uid] of pool.taken) {
    if (uid === holder && (wanted === '' || wanted === address)) return ok(address);
  }
  if (wanted !== '') {
    if (!isInPool(wanted)) return err(`requested IP ${wanted} is not in the range ${prefix}.0/25`);
    if (pool.taken.has(wanted)) return err(`requested IP ${wanted} is already in use`);
    pool.taken.set(wanted, holder);
    return ok(wanted);
  }
  for (let host = firstHost; host <= lastHost; host += 1) {
    const address = `${prefix}.${host}`;
    if (pool.taken.has(address)) continue;
    pool.taken.set(address, holder);
    return ok(address);
  }
  return err(`no available IPs in the range ${prefix}.0/25`);
}

/** Gives back every address of a holder. */
export function releaseFrom(pool: AddressPool, holder: string): void {
  for (const [address, uid] of pool.taken) if (uid === holder) pool.taken.delete(address);
}

function isInPool(address: string): boolean {
  const match = /^203\.0\.113\.([0-9]{1,3})$/.exec(address);
  const host = Number(match?.[1] ?? '0');
  return match !== null && host >= firstHost && host <= lastHost;
}
