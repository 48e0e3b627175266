/**
 * What may change in a PersistentVolume's node affinity: beta labels may get the names that they have now. Source:
 * validatePvNodeAffinity and getMaskNodeSelectorLabelChangeEqualities of pkg/apis/core/validation/validation.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { has, mapField, mapStruct, struct, structs, text } from '../read.ts';

/** What labels are called since they are no longer beta. Source: betaToGALabel. */
const stableLabels: ReadonlyMap<string, string> = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
]);

/** Whether nothing but labels' names was brought up to date; a label without a newer name may lose its own. */
export function isSameAffinity(affinity: JsonObject, before: JsonObject): boolean {
  const oldTerms = structs(struct(before, 'required'), 'nodeSelectorTerms');
  const renamed = mapStruct(affinity, 'required', (required) =>
    mapField(required, 'nodeSelectorTerms', () =>
      structs(required, 'nodeSelectorTerms').map((term, at) =>
        ['matchExpressions', 'matchFields'].reduce(
          (result, key) => withOldKeys(result, key, structs(oldTerms[at] ?? {}, key)),
          term,
        ),
      ),
    ),
  );
  return jsonEqual(renamed, before);
}

function withOldKeys(term: JsonObject, key: string, before: readonly JsonObject[]): JsonObject {
  if (!has(term, key)) return term;
  const requirements = structs(term, key).map((requirement, at) => {
    const oldKey = text(before[at] ?? {}, 'key');
    const isRenamed = text(requirement, 'key') === (stableLabels.get(oldKey) ?? '');
    return isRenamed ? { ...requirement, key: oldKey } : requirement;
  });
  return { ...term, [key]: requirements };
}
