/**
 * Gives an Ingress that names no class the one that is marked as default. Source:
 * plugin/pkg/admission/network/defaultingressclass.
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { storeKey } from '../../store/store.ts';
import { objectAt, stringAt, withSpec } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const group = 'networking.k8s.io';
const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/** Sets the class of an Ingress; of several default classes the newest counts. */
export function addDefaultIngressClass(call: Call, ingress: JsonObject): Outcome<JsonObject> {
  const isIngress = call.kind.group === group && call.kind.plural === 'ingresses';
  if (!isIngress || call.subresource !== '') return ok(ingress);
  const isNamed = Object.hasOwn(objectAt(ingress, 'spec'), 'ingressClassName');
  const isAnnotated = Object.hasOwn(objectAt(ingress, 'metadata', 'annotations'), classAnnotation);
  if (isNamed || isAnnotated) return ok(ingress);
  const [newest] = [...call.server.store.list(storeKey(group, 'ingressclasses', '', ''))]
    .map(([, ingressClass]) => ingressClass)
    .filter((ingressClass) => stringAt(ingressClass, 'metadata', 'annotations', defaultAnnotation) === 'true')
    .sort((a, b) => {
      const [one, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
      // They come sorted by name, which decides between those of the same second.
      return one === other ? 0 : one < other ? 1 : -1;
    });
  return ok(newest === undefined ? ingress : withSpec(ingress, { ingressClassName: newest.metadata.name }));
}
