/** Which addresses a packet of a socket gets: where to, and from which of our own. */
import { err, ok, type Result } from '../../base/result.ts';
import { formatIPv4, parseIPv4 } from '../ipv4.ts';
import type { Errno } from '../process/errno.ts';
import { isLocalAddress, routePacket, sourceAddressFor, whyNoRoute } from './routes.ts';
import type { NamespaceState } from './state.ts';

/** The addresses of a packet that is to be sent. */
export interface Addresses {
  readonly source: string;
  readonly destination: string;
}

/**
 * Finds the addresses for a destination; 0.0.0.0 means the machine itself. `EINVAL` for text that is no address,
 * `EADDRNOTAVAIL` for a source that is not ours, `ENETUNREACH` without a route or a source, `broadcast` for one of those.
 * Source: ip_route_output_key_hash in Linux net/ipv4/route.c.
 */
export function chooseSource(
  namespace: NamespaceState,
  to: string,
  from: string | undefined,
  broadcast: Errno = 'EACCES',
): Result<Addresses, Errno> {
  const value = parseIPv4(to);
  if (value === undefined) return err('EINVAL');
  if (from !== undefined && !isLocalAddress(namespace, from)) return err('EADDRNOTAVAIL');
  const destination = value === 0 ? (from ?? '127.0.0.1') : formatIPv4(value);
  const header = {
    protocol: 'tcp',
    source: from ?? '',
    sourcePort: 0,
    destination,
    destinationPort: 0,
  } as const;
  const path = routePacket(namespace, header);
  if (path === undefined) return err(whyNoRoute(namespace, header).errno);
  if (path.route.type === 'broadcast') return err(broadcast);
  const source = from ?? sourceAddressFor(namespace, path, destination);
  return source === undefined ? err('ENETUNREACH') : ok({ source, destination });
}
