/** Which Pods of a node `kubectl drain` takes away. Source: k8s.io/kubectl/pkg/drain/filters.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { type Failure, failure, isNotFound, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';

/** The Pods to be evicted, what is said of them, and what forbids it. */
export interface DrainPlan {
  readonly pods: readonly JsonObject[];
  /** Empty when there is nothing to warn of. */
  readonly warnings: string;
  readonly failures: readonly Failure[];
}

interface Verdict {
  readonly isTaken: boolean;
  readonly warning?: string;
  readonly refusal?: string;
}

const taken: Verdict = { isTaken: true };

/** Lists a node's Pods and sorts them out. */
export async function planDrain(invocation: Invocation, node: string): Promise<Outcome<DrainPlan>> {
  const selector = invocation.flags.string('pod-selector');
  const list = await invocation.client.get('/api/v1/pods', [
    ['fieldSelector', `spec.nodeName=${node}`],
    ...(selector === '' ? [] : [['labelSelector', selector] as const]),
    ['limit', invocation.flags.string('chunk-size')],
  ]);
  if (!list.ok) return list;
  const pods: JsonObject[] = [];
  const warnings = new Map<string, string[]>();
  const refusals = new Map<string, string[]>();
  for (const item of objectsAt(list.value, 'items')) {
    const pod = { ...item, apiVersion: 'v1', kind: 'Pod' };
    const verdict = await judge(invocation, pod);
    if (verdict.isTaken) pods.push(pod);
    note(warnings, verdict.warning, pod);
    note(refusals, verdict.refusal, pod);
  }
  const failures = [...refusals].map(
    ([message, names]) => failure(`cannot delete ${message}: ${names.join(', ')}`).error,
  );
  const texts = [...warnings].map(([message, names]) => `${message}: ${names.join(', ')}`);
  return ok({ pods, warnings: texts.join('; '), failures });
}

function note(notes: Map<string, string[]>, message: string | undefined, pod: JsonObject): void {
  if (message === undefined) return;
  const name = `${stringAt(pod, 'metadata', 'namespace')}/${stringAt(pod, 'metadata', 'name')}`;
  notes.set(message, [...(notes.get(message) ?? []), name]);
}

/** The filters one after the other; what the last of them says counts. */
async function judge(invocation: Invocation, pod: JsonObject): Promise<Verdict> {
  if (isLeavingForLong(invocation, pod)) return { isTaken: false };
  const isFinished = ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase'));
  const controller = objectsAt(pod, 'metadata', 'ownerReferences').find(
    (owner) => valueAt(owner, 'controller') === true,
  );
  if (controller !== undefined && !isFinished) {
    const daemon = await judgeDaemon(invocation, pod, controller);
    if (!daemon.isTaken) return daemon;
  }
  if (stringMapAt(pod, 'metadata', 'annotations').has('kubernetes.io/config.mirror'))
    return { isTaken: false };
  const isLocal = objectsAt(pod, 'spec', 'volumes').some(
    (volume) => valueAt(volume, 'emptyDir') !== undefined,
  );
  const { flags } = invocation;
  if (isLocal && !isFinished && !flags.bool('delete-emptydir-data')) {
    return {
      isTaken: false,
      refusal: 'Pods with local storage (use --delete-emptydir-data to override)',
    };
  }
  if (isFinished || controller !== undefined) return taken;
  if (flags.bool('force')) return { isTaken: true, warning: 'deleting Pods that declare no controller' };
  return { isTaken: false, refusal: 'Pods that declare no controller (use --force to override)' };
}

async function judgeDaemon(
  invocation: Invocation,
  pod: JsonObject,
  controller: JsonObject,
): Promise<Verdict> {
  if (stringAt(controller, 'kind') !== 'DaemonSet' || stringAt(controller, 'apiVersion') !== 'apps/v1')
    return taken;
  const namespace = stringAt(pod, 'metadata', 'namespace');
  const name = stringAt(controller, 'name');
  const owner = await invocation.client.get(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`);
  if (!owner.ok) {
    if (isNotFound(owner.error) && invocation.flags.bool('force')) return taken;
    return { isTaken: false, refusal: messageOf(owner.error) };
  }
  return invocation.flags.bool('ignore-daemonsets')
    ? { isTaken: false, warning: 'ignoring DaemonSet-managed Pods' }
    : { isTaken: false, refusal: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
}

/** `--skip-wait-for-delete-timeout`: a Pod that should be gone for so long is left alone. */
export function isLeavingForLong({ flags, host }: Invocation, pod: JsonObject): boolean {
  const seconds = flags.int('skip-wait-for-delete-timeout');
  const deletedAt = Date.parse(stringAt(pod, 'metadata', 'deletionTimestamp'));
  return seconds > 0 && !Number.isNaN(deletedAt) && Math.floor((host.now() - deletedAt) / 1_000) > seconds;
}
