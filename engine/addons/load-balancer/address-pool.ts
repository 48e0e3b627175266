/** The addresses that the cloud gives to load balancers: one half of 203.0.113.0/24, documentation addresses (RFC 5737). */
import { err, ok, type Result } from '../../base/result.ts';

const prefix = '203.0.113';
/** Hosts of a /25. */
const hosts = 126;

/** Who has which address. */
export interface AddressPool {
  /** The last byte of the range's network address: 0 or 128. */
  readonly base: number;
  /** Address to the holder's UID. */
  readonly taken: Map<string, string>;
}

/** A pool of which nothing is taken: 203.0.113.0/25, or the half that begins at `base`. */
export function addressPool(base = 0): AddressPool {
  return { base, taken: new Map() };
}

/** The holder's own address, the wanted one, or the lowest that is free. */
export function allocateFrom(pool: AddressPool, holder: string, wanted: string): Result<string, string> {
  for (const [address, uid] of pool.taken) {
    if (uid === holder && (wanted === '' || wanted === address)) return ok(address);
  }
  const range = `${prefix}.${pool.base}/25`;
  if (wanted !== '') {
    if (!isInPool(pool, wanted)) return err(`requested IP ${wanted} is not in the range ${range}`);
    if (pool.taken.has(wanted)) return err(`requested IP ${wanted} is already in use`);
    pool.taken.set(wanted, holder);
    return ok(wanted);
  }
  for (let host = 1; host <= hosts; host += 1) {
    const address = `${prefix}.${pool.base + host}`;
    if (pool.taken.has(address)) continue;
    pool.taken.set(address, holder);
    return ok(address);
  }
  return err(`no available IPs in the range ${range}`);
}

/** Gives back every address of a holder. */
export function releaseFrom(pool: AddressPool, holder: string): void {
  for (const [address, uid] of pool.taken) if (uid === holder) pool.taken.delete(address);
}

function isInPool(pool: AddressPool, address: string): boolean {
  const match = /^203\.0\.113\.([0-9]{1,3})$/.exec(address);
  const host = Number(match?.[1] ?? '0') - pool.base;
  return match !== null && host >= 1 && host <= hosts;
}
