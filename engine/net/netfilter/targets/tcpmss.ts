/**
 * `-j TCPMSS`: segments that open connections say how much fits in one. Simulated segments carry no options, and links here
 * are of one size, so that it changes nothing of a packet.
 * Source: man iptables-extensions(8), and answers of iptables v1.8.9 (nf_tables).
 */
import type { Extension } from '../extension.ts';

/** What a rule holds of it. */
export interface TcpmssTarget {
  readonly kind: 'TCPMSS';
  /** In bytes; absent where it follows from the size of the link. */
  readonly size?: number;
}

/** Source: the bounds that the tool names. */
const maxSize = 65_515;

/** How `-j TCPMSS` is read. */
export const tcpmssExtension: Extension<TcpmssTarget> = {
  name: 'TCPMSS',
  options: [{ name: '--set-mss' }, { name: '--clamp-mss-to-pmtu', flag: true }],
  build: (values) => {
    const size = values.uint('--set-mss', 0, maxSize);
    const isClamped = values.has('--clamp-mss-to-pmtu');
    if (!isClamped && !values.has('--set-mss')) {
      values.failAtEnd('TCPMSS target: At least one parameter is required');
    }
    return Object.freeze({ kind: 'TCPMSS', ...(isClamped || size === undefined ? {} : { size }) });
  },
};

/** Its options as `iptables-save` prints them, with a space before. */
export function saveTcpmss({ size }: TcpmssTarget): string {
  return size === undefined ? ' --clamp-mss-to-pmtu' : ` --set-mss ${size}`;
}

/** As `iptables -L` shows it. */
export function listTcpmss({ size }: TcpmssTarget): string {
  return size === undefined ? 'TCPMSS clamp to PMTU' : `TCPMSS set ${size}`;
}
