/**
 * Counts what is used of every ResourceQuota: when the quota is new or changed, and when something goes that it counts. What is
 * created is booked by admission. Source: pkg/controller/resourcequota. Left out: the full count every five minutes.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { quantitiesAt, toResourceList } from '../../../api/objects/quantities.ts';
import { type CountedKind, freesUsage, usableResources, usedOf } from '../../../api/objects/quota-usage.ts';
import { asJson, struct } from '../../../api/read.ts';
import { type Resource, resourceQuotas } from '../../../api/types/resources.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, Informer, ReconcileOutcome } from '../../../client/client.ts';
import { onCustomResource } from '../../../client/custom-resources.ts';

/** Starts the controller. `resources` are all namespaced kinds that are built in and can be counted. */
export function createResourceQuotaController(
  context: ControllerContext,
  resources: readonly Resource<KubeObject>[],
): void {
  const quotas = context.informers.informer(resourceQuotas);
  const queue = context.workqueue('resource-quota', (key) => reconcile(key));
  const informers = new Map<string, Informer<KubeObject>>();
  const counted: Resource<KubeObject>[] = [];

  quotas.onChange(({ before, after }) => {
    const isChanged =
      after !== undefined && !jsonEqual(asJson(before).spec ?? null, asJson(after).spec ?? null);
    if (isChanged) queue.add(keyOf(after));
  });
  const count = (resource: Resource<KubeObject>): void => {
    counted.push(resource);
    const informer = context.informers.informer(resource);
    informers.set(`${resource.group}/${resource.plural}`, informer);
    informer.onChange(({ before, after }) => {
      if (before === undefined) return;
      const freed = freesUsage(resource, asJson(before), after === undefined ? undefined : asJson(after));
      if (freed) countAgain(resource, before.metadata.namespace ?? '');
    });
  };
  for (const resource of resources) count(resource);
  onCustomResource(context.informers, (resource) => {
    if (resource.namespaced) count(resource);
  });

  function countAgain(kind: CountedKind, namespace: string): void {
    for (const quota of quotas.list(namespace)) {
      const limited = Object.keys(quota.spec?.hard ?? {});
      if (usableResources(kind, limited).length > 0) queue.add(keyOf(quota));
    }
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const quota = quotas.get(namespace, name);
    if (quota === undefined) return 'done';
    const objectsOf = ({ group, plural }: CountedKind) =>
      (informers.get(`${group}/${plural}`)?.list(namespace) ?? []).map((object) => asJson(object));
    const nowMs = Date.parse(context.nowTimestamp());
    const hard = toResourceList(quantitiesAt(struct(asJson(quota), 'spec'), 'hard'));
    const used = toResourceList(usedOf(asJson(quota), counted, objectsOf, nowMs));
    if (jsonEqual({ hard, used }, asJson(quota.status))) return 'done';
    const answer = context.client.updateStatus(resourceQuotas, {
      ...quota,
      status: { hard: texts(hard), used: texts(used) },
    });
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }
}

function texts(list: ReturnType<typeof toResourceList>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([name, value]) => [name, String(value)]));
}
