/** Gives a claim that names no class the one that is marked as default. Source: plugin/pkg/admission/storage/storageclass/setdefault. */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { storeKey } from '../../store/store.ts';
import { objectAt, stringAt, withSpec } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class';
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Sets the class of a claim; of several default classes the newest counts. An empty name asks for none. */
export function addDefaultStorageClass(call: Call, claim: JsonObject): Outcome<JsonObject> {
  const isClaim = call.kind.group === '' && call.kind.plural === 'persistentvolumeclaims';
  if (!isClaim || call.subresource !== '') return ok(claim);
  const isNamed = Object.hasOwn(objectAt(claim, 'spec'), 'storageClassName');
  const isAnnotated = Object.hasOwn(objectAt(claim, 'metadata', 'annotations'), classAnnotation);
  if (isNamed || isAnnotated) return ok(claim);
  const [newest] = [...call.server.store.list(storeKey('storage.k8s.io', 'storageclasses', '', ''))]
    .map(([, storageClass]) => storageClass)
    .filter((storageClass) => stringAt(storageClass, 'metadata', 'annotations', defaultAnnotation) === 'true')
    .sort((a, b) => {
      const [one, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
      return one === other ? 0 : one < other ? 1 : -1;
    });
  return ok(newest === undefined ? claim : withSpec(claim, { storageClassName: newest.metadata.name }));
}
