/** Keys of objects as workqueues hold them: `namespace/name`, or the bare name of a cluster-scoped object. */
import type { KubeObject } from '../types/wire.ts';

/** The key of an object. Source: client-go/tools/cache, MetaNamespaceKeyFunc. */
export function keyOf(object: { readonly metadata: KubeObject['metadata'] }): string {
  const namespace = object.metadata.namespace ?? '';
  return namespace === '' ? object.metadata.name : `${namespace}/${object.metadata.name}`;
}

/** The namespace (empty for cluster-scoped objects) and name of a key. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
