/**
 * Nothing is created in a namespace that does not exist or is going away, and the namespaces that the cluster itself lives
 * in stay. Source: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle.
 */
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { nameOf } from '../object-access.ts';
import { forbidden, notFound, type Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);
const namespaceKind = { group: '', plural: 'namespaces', kind: 'Namespace' };

/** Refuses objects in namespaces that are missing or terminating. */
export function checkNamespaceForCreate(call: Call, object: JsonObject): Outcome<JsonObject> {
  if (!call.kind.namespaced) return ok(object);
  const namespace = call.server.store.get(storeKey('', 'namespaces', '', call.namespace));
  if (namespace === undefined) return err(notFound(namespaceKind, call.namespace));
  if (namespace.metadata.deletionTimestamp === undefined) return ok(object);
  return err(
    forbidden(
      call.kind,
      nameOf(object),
      `unable to create new content in namespace ${call.namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${call.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    ),
  );
}

/** Refuses to delete the namespaces that every cluster has. */
export function checkNamespaceForDelete(call: Call, before: StoredObject): Outcome<true> {
  const isNamespace = call.kind.group === '' && call.kind.plural === 'namespaces';
  if (!isNamespace || !immortal.has(before.metadata.name)) return ok(true);
  return err(forbidden(namespaceKind, before.metadata.name, 'this namespace may not be deleted'));
}
