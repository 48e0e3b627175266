/**
 * The network of all machines: topology, routes, rules, sockets and what can be asked about them, put together. Frames
 * are addressed and bridged, packets are routed and filtered as on Linux; what a hop costs in time is not simulated.
 */
import type { JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { NetworkAdmin } from '../linux.ts';
import { forgetConnections } from '../netfilter/conntrack/connection.ts';
import { renderIptablesRules, renderIptablesSave } from '../netfilter/render.ts';
import { restoreIptables } from '../netfilter/restore.ts';
import { chainsOf } from '../netfilter/state.ts';
import type { ConfigureRequest } from '../process/configure.ts';
import type { Errno } from '../process/errno.ts';
import type { InspectRequest } from '../process/inspect.ts';
import { createCaptures } from './captures.ts';
import { configureNamespace } from './configure.ts';
import { createSocketLayer } from './create-sockets.ts';
import { describeNetwork } from './describe.ts';
import { inspectNamespace } from './inspect.ts';
import { requireNamespace } from './namespaces.ts';
import type { Sockets } from './sockets.ts';
import type { NetworkState } from './state.ts';
import { createTopology } from './topology.ts';
import type { NetworkDeps } from './transit.ts';

/** See the head of this file. */
export interface Network extends NetworkAdmin {
  readonly sockets: Sockets;
  /** Answers the `inspect` call of a process; `ENOENT` for a subject that the network knows nothing of. */
  inspect(request: InspectRequest): Result<JsonValue, Errno>;
  /** Answers the `configure` call of a process; see process/configure.ts. */
  configure(request: ConfigureRequest): JsonValue;
}

/** Wires the network over a state, new or copied. Registers the events `net/tcp-timer` and `net/neighbour-failed`. */
export function createNetwork(deps: NetworkDeps, state: NetworkState): Network {
  const { sockets, forgetNamespace } = createSocketLayer(deps, state);
  const admin: NetworkAdmin = {
    ...createTopology(state, deps.random, forgetNamespace),
    ...createCaptures(state),
    iptablesRestore: (netns, input, options) =>
      restoreIptables(requireNamespace(state, netns).netfilter, input, options),
    iptablesSave: (netns, options) => renderIptablesSave(requireNamespace(state, netns).netfilter, options),
    iptablesChains(netns, table) {
      const found = requireNamespace(state, netns).netfilter.tables.get(table);
      return found === undefined ? [] : [...chainsOf(found)].map(({ name }) => name);
    },
    iptablesRules: (netns, table, chain) =>
      renderIptablesRules(requireNamespace(state, netns).netfilter, table, chain)?.split('\n').slice(0, -1),
    forgetConnections: (netns, isPicked) =>
      forgetConnections(requireNamespace(state, netns).netfilter.conntrack, isPicked),
    describe: () => describeNetwork(state),
  };
  return {
    ...admin,
    sockets,
    configure(request) {
      const answer = configureNamespace(state, admin, request, deps.queue.now());
      return answer === null ? null : { ...answer };
    },
    inspect({ netns, pid = 0, subject, args }) {
      if (subject === 'processes' || subject === 'terminal') return err('ENOENT');
      const namespace = requireNamespace(state, netns);
      return ok(inspectNamespace(state, namespace, { pid, subject, args, nowMs: deps.queue.now() }));
    },
  };
}
