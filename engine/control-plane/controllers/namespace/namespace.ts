/**
 * Empties a namespace that is to be deleted, Pods before everything else, and then lets it go.
 * Source: pkg/controller/namespace/deletion. Left out: failures of discovery.
 */
import type { Namespace } from '../../../api/types/kinds.ts';
import type { Resource } from '../../../api/types/resources.ts';
import { namespaces, pods } from '../../../api/types/resources.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { servedCustomResources } from '../../../client/custom-resources.ts';

/** Objects that other finalizers hold back are looked at again after this time. */
const recheckMs = 5000;

/** Starts the namespace controller. `contents` are all namespaced resources that are built in and can be deleted. */
export function createNamespaceController(
  context: ControllerContext,
  contents: readonly Resource<KubeObject>[],
): void {
  const namespaceInformer = context.informers.informer(namespaces);
  const queue = context.workqueue('namespace', (key) => reconcile(key));
  const ordered = [...contents].sort((a, b) => Number(b.plural === 'pods') - Number(a.plural === 'pods'));

  namespaceInformer.onChange(({ after }) => {
    if (after?.metadata.deletionTimestamp !== undefined) queue.add(after.metadata.name);
  });
  context.informers.informer(pods).onChange(({ before, after }) => {
    const namespace = before?.metadata.namespace ?? '';
    const isTerminating = namespaceInformer.get('', namespace)?.metadata.deletionTimestamp !== undefined;
    if (after === undefined && isTerminating) queue.add(namespace);
  });

  function reconcile(name: string): ReconcileOutcome {
    const namespace = namespaceInformer.get('', name);
    if (namespace?.metadata.deletionTimestamp === undefined) return 'done';
    const remaining: { readonly resource: Resource<KubeObject>; readonly objects: readonly KubeObject[] }[] =
      [];
    const custom = servedCustomResources(context.informers).filter(({ namespaced }) => namespaced);
    for (const resource of [...ordered, ...custom]) {
      for (const object of context.client.list(resource, name)) {
        if (object.metadata.deletionTimestamp !== undefined) continue;
        context.client.delete(resource, name, object.metadata.name, { propagationPolicy: 'Background' });
      }
      const objects = context.client.list(resource, name);
      if (objects.length > 0) remaining.push({ resource, objects });
      // What Pods may still need while they end stays until they have ended.
      if (objects.length > 0 && resource.plural === 'pods') break;
    }
    writeConditions(namespace, remaining);
    if (remaining.length > 0) return { requeueAfterMs: recheckMs, background: true };
    const current = namespaceInformer.get('', name);
    if (current === undefined) return 'done';
    const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes');
    const answer = context.client.updateSubresource(
      namespaces,
      { ...current, spec: { finalizers } },
      'finalize',
    );
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }

  function writeConditions(
    namespace: Namespace,
    remaining: readonly {
      readonly resource: Resource<KubeObject>;
      readonly objects: readonly KubeObject[];
    }[],
  ): void {
    const held = remaining.flatMap(({ objects }) =>
      objects.flatMap(({ metadata }) => metadata.finalizers ?? []),
    );
    const now = context.nowTimestamp();
    const drafts = [
      draft(
        'NamespaceDeletionDiscoveryFailure',
        'ResourcesDiscovered',
        'All resources successfully discovered',
      ),
      draft(
        'NamespaceDeletionGroupVersionParsingFailure',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ),
      draft(
        'NamespaceDeletionContentFailure',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ),
      remaining.length === 0
        ? draft('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
        : draft('NamespaceContentRemaining', 'SomeResourcesRemain', formatRemaining(remaining), 'True'),
      held.length === 0
        ? draft(
            'NamespaceFinalizersRemaining',
            'ContentHasNoFinalizers',
            'All content-preserving finalizers finished',
          )
        : draft('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', formatHeld(held), 'True'),
    ];
    const old = namespace.status?.conditions ?? [];
    const conditions = drafts.map((condition) => {
      const before = old.find(({ type }) => type === condition.type);
      const lastTransitionTime =
        before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
      return { lastTransitionTime, ...condition };
    });
    if (jsonEqual(conditions, old)) return;
    context.client.updateStatus(namespaces, { ...namespace, status: { ...namespace.status, conditions } });
  }
}

function draft(type: string, reason: string, message: string, status = 'False') {
  return { message, reason, status, type };
}

function formatRemaining(
  remaining: readonly { readonly resource: Resource<KubeObject>; readonly objects: readonly KubeObject[] }[],
): string {
  const parts = remaining.map(
    ({ resource, objects }) =>
      `${resource.plural}.${resource.group} has ${objects.length} resource instances`,
  );
  return `Some resources are remaining: ${parts.sort().join(', ')}`;
}

function formatHeld(finalizers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const finalizer of finalizers) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  const parts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return `Some content in the namespace has finalizers remaining: ${parts.sort().join(', ')}`;
}
