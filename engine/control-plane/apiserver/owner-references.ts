/**
 * The same owner named twice counts once, with a warning. Source: dedupOwnerReferencesAndAddWarning of
 * k8s.io/apiserver/pkg/endpoints/handlers/rest.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { objectsAt, stringAt, withMetadata } from './object-access.ts';
import type { Call } from './server-context.ts';

/** The object with each owner once; `when` says when the server has noticed, as the warning does. */
export function withDistinctOwners(call: Call, object: JsonObject, when: 'written' | 'patched'): JsonObject {
  const references = objectsAt(object, 'metadata', 'ownerReferences');
  if (references.length < 2) return object;
  const distinct = references.filter(
    (reference, at) => references.findIndex((other) => jsonEqual(other, reference)) === at,
  );
  if (distinct.length === references.length) return object;
  const repeated = references.filter((reference) => !distinct.includes(reference));
  const uids = repeated.map((reference) => stringAt(reference, 'uid')).join(', ');
  const noticed = when === 'patched' ? ' after mutating admission happens' : '';
  call.warnings.push(
    `.metadata.ownerReferences contains duplicate entries${noticed}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  );
  return withMetadata(object, { ownerReferences: distinct });
}
