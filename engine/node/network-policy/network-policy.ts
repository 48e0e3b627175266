/**
 * The enforcer of NetworkPolicies on one node: watches policies, Pods and namespaces and keeps the node's iptables rules in
 * step. A cluster without policies has no rule of it. Source: pkg/controllers/netpol of kube-router (its firewall alone).
 * Differs: a change is applied in the next event, and only chains that changed are written.
 */
import type { Namespace, Pod } from '../../api/types/kinds.ts';
import { namespaces, networkPolicies, pods } from '../../api/types/resources.ts';
import { jsonEqual } from '../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import { comment } from './policy-rules.ts';
import { renderNetworkPolicies, topChain } from './rules.ts';

/** What one enforcer is made with. */
export interface NetworkPolicyDeps {
  readonly context: ControllerContext;
  readonly net: NetworkAdmin;
  /** The Node's name. */
  readonly node: string;
  /** The namespace whose rules it writes. */
  readonly hostNetns: NetnsId;
}

/** What changes in one enforcer. */
export interface NetworkPolicyState {
  /** Whether there were policies at the last sync; while there are none, Pods that come and go cost nothing. */
  isActive: boolean;
  /** The rules of each chain that was written. */
  readonly written: Map<string, string>;
}

/** Source: kube-router's --iptables-sync-period. */
const syncPeriodMs = 300_000;
const jump = `${comment('kube-router netpol')} -j ${topChain}`;

/** The first state: nothing written. */
export function networkPolicyState(): NetworkPolicyState {
  return { isActive: false, written: new Map() };
}

/** Wires an enforcer to its state; it acts when objects change. */
export function createNetworkPolicyEnforcer(deps: NetworkPolicyDeps, state: NetworkPolicyState): void {
  const { context, net, hostNetns } = deps;
  const policyInformer = context.informers.informer(networkPolicies);
  const podInformer = context.informers.informer(pods);
  const namespaceInformer = context.informers.informer(namespaces);
  const podsOn = podInformer.index('spec.nodeName', (pod) =>
    pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName],
  );
  const queue = context.workqueue(`network-policy/${deps.node}`, sync);

  policyInformer.onChange(() => queue.add('sync'));
  podInformer.onChange(({ before, after }) => {
    if (state.isActive && podMatters(before, after)) queue.add('sync');
  });
  namespaceInformer.onChange(({ before, after }) => {
    if (state.isActive && !jsonEqual(labelsOf(before), labelsOf(after))) queue.add('sync');
  });

  function sync(): ReconcileOutcome {
    const policies = policyInformer.list();
    state.isActive = policies.length > 0;
    if (!state.isActive && state.written.size === 0) return 'done';
    const podsOfNamespaces = new Map<string, readonly Pod[]>();
    const wanted = renderNetworkPolicies({
      policies,
      localPods: state.isActive ? podsOn(deps.node) : [],
      namespaces: state.isActive ? namespaceInformer.list() : [],
      podsIn(namespace) {
        const known = podsOfNamespaces.get(namespace) ?? podInformer.list(namespace);
        podsOfNamespaces.set(namespace, known);
        return known;
      },
    });
    if (wanted.size > 0 || state.written.size > 0) write(wanted);
    return wanted.size > 0 ? { requeueAfterMs: syncPeriodMs, background: true } : 'done';
  }

  /** Writes what differs, all at once. What somebody else has flushed is written again. */
  function write(wanted: ReadonlyMap<string, readonly string[]>): void {
    const saved = net.iptablesSave(hostNetns, { table: 'filter' });
    if (!saved.includes(`\n:${topChain} `)) state.written.clear();
    const firstForward = saved.split('\n').find((line) => line.startsWith('-A FORWARD '));
    const isJumpThere = saved.includes(`\n-A FORWARD ${jump}\n`);
    const texts = new Map([...wanted].map(([chain, lines]) => [chain, textOf(chain, lines)]));
    const changed = [...texts].filter(([chain, text]) => state.written.get(chain) !== text);
    const stale = [...state.written.keys()].filter((chain) => !texts.has(chain));
    const wantsJump = texts.size > 0;
    const isJumpRight = wantsJump ? firstForward === `-A FORWARD ${jump}` : !isJumpThere;
    if (changed.length === 0 && stale.length === 0 && isJumpRight) return;
    const lines = [
      '*filter',
      ...[...changed.map(([chain]) => chain), ...stale].map((chain) => `:${chain} - [0:0]`),
      ...(isJumpThere && !isJumpRight ? [`-D FORWARD ${jump}`] : []),
      ...(wantsJump && !isJumpRight ? [`-I FORWARD ${jump}`] : []),
      ...changed.flatMap(([, text]) => (text === '' ? [] : [text])),
      ...stale.map((chain) => `-X ${chain}`),
      'COMMIT',
      '',
    ];
    const restored = net.iptablesRestore(hostNetns, lines.join('\n'), { noflush: true });
    // Refused input changes nothing, so the next sync finds the same differences.
    if (!restored.ok) return;
    for (const [chain, text] of changed) state.written.set(chain, text);
    for (const chain of stale) state.written.delete(chain);
  }
}

function textOf(chain: string, lines: readonly string[]): string {
  return lines.map((line) => `-A ${chain} ${line}`).join('\n');
}

/** Whether a change of a Pod can change a rule. Source: newPodEventHandler in kube-router's pod.go. */
function podMatters(before: Pod | undefined, after: Pod | undefined): boolean {
  if (before === undefined || after === undefined) return (before ?? after)?.status?.podIP !== undefined;
  return (
    before.status?.podIP !== after.status?.podIP ||
    before.status?.phase !== after.status?.phase ||
    !jsonEqual(labelsOf(before), labelsOf(after))
  );
}

function labelsOf(object: Pod | Namespace | undefined): Readonly<Record<string, string>> {
  return object?.metadata.labels ?? {};
}
