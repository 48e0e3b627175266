/**
 * The rules of the built-in chains that lead to kube-proxy's own, and the canary chains that show whether somebody has
 * flushed the tables.
 * Source: iptablesJumpChains in pkg/proxy/iptables/proxier.go, and Monitor in pkg/util/iptables, Kubernetes v1.36.
 */

interface JumpRule {
  readonly table: 'filter' | 'nat';
  readonly from: string;
  readonly to: string;
  /** What stands between the chain's name and the target, as `iptables-save` prints it. */
  readonly tests: string;
}

const isNew = '-m conntrack --ctstate NEW';
const comment = (words: string) => `-m comment --comment "${words}"`;
const external = `${isNew} ${comment('kubernetes externally-visible service portals')}`;
const firewall = `${isNew} ${comment('kubernetes load balancer firewall')}`;
const portals = comment('kubernetes service portals');

/** In the order in which they are made. Each is put first in its chain, so they end up the other way round. */
const jumpRules: readonly JumpRule[] = [
  { table: 'filter', from: 'INPUT', to: 'KUBE-EXTERNAL-SERVICES', tests: external },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-EXTERNAL-SERVICES', tests: external },
  {
    table: 'filter',
    from: 'INPUT',
    to: 'KUBE-NODEPORTS',
    tests: comment('kubernetes health check service ports'),
  },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-SERVICES', tests: `${isNew} ${portals}` },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-SERVICES', tests: `${isNew} ${portals}` },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-FORWARD', tests: comment('kubernetes forwarding rules') },
  { table: 'filter', from: 'INPUT', to: 'KUBE-PROXY-FIREWALL', tests: firewall },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-PROXY-FIREWALL', tests: firewall },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-PROXY-FIREWALL', tests: firewall },
  { table: 'nat', from: 'OUTPUT', to: 'KUBE-SERVICES', tests: portals },
  { table: 'nat', from: 'PREROUTING', to: 'KUBE-SERVICES', tests: portals },
  {
    table: 'nat',
    from: 'POSTROUTING',
    to: 'KUBE-POSTROUTING',
    tests: comment('kubernetes postrouting rules'),
  },
  // The kubelet makes these two as well, and whoever comes first wins.
  { table: 'filter', from: 'INPUT', to: 'KUBE-FIREWALL', tests: '' },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-FIREWALL', tests: '' },
];

/** The chain that kube-proxy makes in each of the tables below, to see from its absence that they were flushed. */
export const canaryChain = 'KUBE-PROXY-CANARY';
/** The tables that a canary is in. */
export const canaryTables = ['mangle', 'nat', 'filter'] as const;

/**
 * Restore input (for `--noflush`) that makes the jump rules, their chains and the canaries where they are missing; empty
 * when nothing is. `saved` is what `iptables-save` prints of each table.
 */
export function renderMissingJumps(saved: (table: 'mangle' | 'nat' | 'filter') => string): string {
  let text = '';
  for (const table of canaryTables) {
    const lines = new Set(saved(table).split('\n'));
    const missing = jumpRules.filter((jump) => jump.table === table && !lines.has(saveJump('-A', jump)));
    const chains = new Set(existingChains(lines));
    const made = new Set([canaryChain, ...missing.map((jump) => jump.to)]);
    const newChains = [...made].filter((chain) => !chains.has(chain));
    if (missing.length === 0 && newChains.length === 0) continue;
    const body = [
      ...newChains.map((chain) => `:${chain} - [0:0]`),
      ...missing.map((jump) => saveJump('-I', jump)),
    ];
    text += [`*${table}`, ...body, 'COMMIT', ''].join('\n');
  }
  return text;
}

function saveJump(command: '-A' | '-I', { from, to, tests }: JumpRule): string {
  return `${command} ${from}${tests === '' ? '' : ` ${tests}`} -j ${to}`;
}

/** The names of the chains in the lines of a saved table. */
export function existingChains(lines: Iterable<string>): string[] {
  const names = [];
  for (const line of lines) {
    const end = line.indexOf(' ');
    if (line.startsWith(':') && end > 0) names.push(line.slice(1, end));
  }
  return names;
}
