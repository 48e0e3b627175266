/**
 * Deletes what is owned by something that is gone, and carries out foreground deletion and orphaning.
 * Source: pkg/controller/garbagecollector. The graph is an index of owners' UIDs; instead of virtual nodes an owner that
 * is not found counts as gone.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import type { OwnerReference } from '../../../api/types/kinds.ts';
import type { Resource } from '../../../api/types/resources.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import type { ControllerContext, Informer, ReconcileOutcome } from '../../../client/client.ts';
import { onCustomResource } from '../../../client/custom-resources.ts';

/** What the collector remembers: the keys of dependents by the UID of their owner. */
export interface GarbageCollectorState {
  readonly dependents: Map<string, Set<string>>;
}

/** The first state: nothing is owned. */
export function garbageCollectorState(): GarbageCollectorState {
  return { dependents: new Map() };
}

/** Starts the garbage collector. `resources` are all kinds that are built in and can own or be owned; Events are not among them. */
export function createGarbageCollector(
  context: ControllerContext,
  resources: readonly Resource<KubeObject>[],
  state: GarbageCollectorState,
): void {
  const informers = new Map<string, Informer<KubeObject>>();
  const queue = context.workqueue('garbage-collector', (key) => reconcile(key));

  const watch = (resource: Resource<KubeObject>): void => {
    const prefix = resourceKey(resource);
    const informer = context.informers.informer(resource);
    informers.set(prefix, informer);
    informer.onChange(({ before, after }) => {
      const object = after ?? before;
      if (object === undefined) return;
      const key = `${prefix}|${keyOf(object)}`;
      index(key, before, after);
      if (after === undefined) {
        for (const dependent of dependentsOf(object)) queue.add(dependent);
        // An owner in foreground deletion waits for its dependents to go.
        for (const reference of object.metadata.ownerReferences ?? []) queue.add(ownerKey(object, reference));
        return;
      }
      const isNew = before?.metadata.ownerReferences !== after.metadata.ownerReferences;
      const hasOwners = (after.metadata.ownerReferences ?? []).length > 0;
      const isLeaving = after.metadata.deletionTimestamp !== undefined;
      if ((isNew && hasOwners) || isLeaving) queue.add(key);
    });
  };
  for (const resource of resources) watch(resource);
  onCustomResource(context.informers, watch);

  function index(key: string, before: KubeObject | undefined, after: KubeObject | undefined): void {
    for (const { uid } of before?.metadata.ownerReferences ?? []) {
      const known = state.dependents.get(uid);
      known?.delete(key);
      if (known?.size === 0) state.dependents.delete(uid);
    }
    for (const { uid } of after?.metadata.ownerReferences ?? []) {
      const known = state.dependents.get(uid) ?? new Set();
      known.add(key);
      state.dependents.set(uid, known);
    }
  }

  function dependentsOf(object: KubeObject): readonly string[] {
    return [...(state.dependents.get(object.metadata.uid ?? '') ?? [])].sort();
  }

  function find(
    key: string,
  ): { readonly resource: Resource<KubeObject>; readonly object: KubeObject } | undefined {
    const [prefix = '', rest = ''] = key.split('|');
    const informer = informers.get(prefix);
    const { namespace, name } = splitKey(rest);
    const object = informer?.get(namespace, name);
    return informer === undefined || object === undefined
      ? undefined
      : { resource: informer.resource, object };
  }

  function ownerKey(dependent: KubeObject, reference: OwnerReference): string {
    const namespaced = informers.get(kindKey(reference))?.resource.namespaced ?? true;
    const namespace = dependent.metadata.namespace ?? '';
    const key = namespaced && namespace !== '' ? `${namespace}/${reference.name}` : reference.name;
    return `${kindKey(reference)}|${key}`;
  }

  /** The owner if it is there; an owner of a kind that nobody serves counts as there, as upstream waits for it. */
  function findOwner(dependent: KubeObject, reference: OwnerReference): KubeObject | 'unknown' | undefined {
    if (!informers.has(kindKey(reference))) return 'unknown';
    const owner = find(ownerKey(dependent, reference))?.object;
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  function reconcile(key: string): ReconcileOutcome {
    const found = find(key);
    if (found === undefined) return 'done';
    const { resource, object } = found;
    if (object.metadata.deletionTimestamp !== undefined) {
      if (hasFinalizer(object, 'foregroundDeletion')) return processForeground(resource, object);
      if (hasFinalizer(object, 'orphan')) return processOrphan(resource, object);
      return 'done';
    }
    return collect(resource, object);
  }

  function collect(resource: Resource<KubeObject>, object: KubeObject): ReconcileOutcome {
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return 'done';
    const owners = references.map((reference) => ({ reference, owner: findOwner(object, reference) }));
    const dangling = owners.filter(({ owner }) => owner === undefined);
    const waiting = owners.filter(
      ({ owner }) => owner !== undefined && owner !== 'unknown' && isForeground(owner),
    );
    const solid = owners.length - dangling.length - waiting.length;
    const { namespace = '', name, uid } = object.metadata;
    if (solid > 0) {
      if (dangling.length + waiting.length === 0) return 'done';
      const gone = new Set([...dangling, ...waiting].map(({ reference }) => reference.uid));
      return removeOwners(resource, object, gone);
    }
    const hasDependents = dependentsOf(object).length > 0;
    const policy = waiting.length > 0 && hasDependents ? 'Foreground' : deletionPolicy(object);
    const answer = context.client.delete(resource, namespace, name, {
      propagationPolicy: policy,
      ...(uid === undefined ? {} : { uid }),
    });
    return answer.ok || answer.error.code === 404 || answer.error.code === 409 ? 'done' : 'retry';
  }

  function processForeground(resource: Resource<KubeObject>, owner: KubeObject): ReconcileOutcome {
    const blocking = dependentsOf(owner).filter((key) => {
      const reference = find(key)?.object.metadata.ownerReferences?.find(
        ({ uid }) => uid === owner.metadata.uid,
      );
      return reference?.blockOwnerDeletion === true;
    });
    for (const key of dependentsOf(owner)) {
      if (find(key)?.object.metadata.deletionTimestamp === undefined) queue.add(key);
    }
    return blocking.length > 0 ? 'done' : removeFinalizer(resource, owner, 'foregroundDeletion');
  }

  function processOrphan(resource: Resource<KubeObject>, owner: KubeObject): ReconcileOutcome {
    for (const key of dependentsOf(owner)) {
      const dependent = find(key);
      if (dependent !== undefined) {
        removeOwners(dependent.resource, dependent.object, new Set([owner.metadata.uid ?? '']));
      }
    }
    return removeFinalizer(resource, owner, 'orphan');
  }

  function removeOwners(
    resource: Resource<KubeObject>,
    object: KubeObject,
    gone: ReadonlySet<string>,
  ): ReconcileOutcome {
    const { namespace = '', name, uid } = object.metadata;
    const kept = (object.metadata.ownerReferences ?? []).filter((reference) => !gone.has(reference.uid));
    const patch = {
      metadata: { ...(uid === undefined ? {} : { uid }), ownerReferences: kept.length === 0 ? null : kept },
    };
    const answer = context.client.mergePatch(resource, namespace, name, patch);
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }

  function removeFinalizer(
    resource: Resource<KubeObject>,
    object: KubeObject,
    finalizer: string,
  ): ReconcileOutcome {
    const { namespace = '', name, resourceVersion } = object.metadata;
    const kept = (object.metadata.finalizers ?? []).filter((candidate) => candidate !== finalizer);
    const patch = {
      metadata: {
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        finalizers: kept.length === 0 ? null : kept,
      },
    };
    const answer = context.client.mergePatch(resource, namespace, name, patch);
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }
}

function resourceKey(resource: Resource<KubeObject>): string {
  return `${resource.group}/${resource.kind}`;
}

/** The version of a reference does not matter: one kind is watched in one version. */
function kindKey(reference: OwnerReference): string {
  const slash = reference.apiVersion.indexOf('/');
  return `${slash < 0 ? '' : reference.apiVersion.slice(0, slash)}/${reference.kind}`;
}

function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

function isForeground(owner: KubeObject): boolean {
  return owner.metadata.deletionTimestamp !== undefined && hasFinalizer(owner, 'foregroundDeletion');
}

/** A policy that a finalizer asked for goes on to the dependents. */
function deletionPolicy(object: KubeObject): 'Orphan' | 'Foreground' | 'Background' {
  if (hasFinalizer(object, 'orphan')) return 'Orphan';
  return hasFinalizer(object, 'foregroundDeletion') ? 'Foreground' : 'Background';
}
