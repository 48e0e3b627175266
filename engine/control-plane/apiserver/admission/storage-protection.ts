/**
 * Marks claims and volumes so that they are not gone before nobody uses them. Source:
 * plugin/pkg/admission/storage/storageobjectinuseprotection.
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { objectAt, stringsAt, withMetadata } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const finalizers: ReadonlyMap<string, string> = new Map([
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
]);

/** Adds the finalizer to a new claim or volume. */
export function protectStorage(call: Call, object: JsonObject): Outcome<JsonObject> {
  const finalizer = call.kind.group === '' ? finalizers.get(call.kind.plural) : undefined;
  const given = stringsAt(object, 'metadata', 'finalizers');
  if (finalizer === undefined || call.subresource !== '' || given.includes(finalizer)) return ok(object);
  return ok(withMetadata(object, { ...objectAt(object, 'metadata'), finalizers: [...given, finalizer] }));
}
