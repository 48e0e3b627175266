/**
 * What matchLabelKeys and mismatchLabelKeys of a new Pod become: requirements of the selector beside them, with the values
 * that the Pod's own labels have. Source: pkg/registry/core/pod/strategy.go, applyMatchLabelKeysAndMismatchLabelKeys and
 * applyMatchLabelKeys.
 */
import type { JsonObject } from '../../base/json.ts';
import { has, mapStruct, mapStructs, struct, text, texts } from '../read.ts';

/** The Pod with the requirements added. */
export function withLabelKeys(pod: JsonObject): JsonObject {
  const labels = struct(struct(pod, 'metadata'), 'labels');
  const inTerm = (term: JsonObject) => narrow(term, labels);
  const inWeighted = (weighted: JsonObject) => mapStruct(weighted, 'podAffinityTerm', inTerm);
  const inAffinity = (affinity: JsonObject) => {
    const required = mapStructs(affinity, 'requiredDuringSchedulingIgnoredDuringExecution', inTerm);
    return mapStructs(required, 'preferredDuringSchedulingIgnoredDuringExecution', inWeighted);
  };
  return mapStruct(pod, 'spec', (spec) => {
    const spread = mapStructs(spec, 'topologySpreadConstraints', inTerm);
    return mapStruct(spread, 'affinity', (affinity) =>
      mapStruct(mapStruct(affinity, 'podAffinity', inAffinity), 'podAntiAffinity', inAffinity),
    );
  });
}

function narrow(term: JsonObject, labels: JsonObject): JsonObject {
  const requirements = (key: string, operator: 'In' | 'NotIn') =>
    texts(term, key)
      .filter((label) => has(labels, label))
      .map((label) => ({ key: label, operator, values: [text(labels, label)] }));
  const added = [...requirements('matchLabelKeys', 'In'), ...requirements('mismatchLabelKeys', 'NotIn')];
  // A selector that is not there takes nothing, with keys or without.
  if (added.length === 0 || !has(term, 'labelSelector')) return term;
  return mapStruct(term, 'labelSelector', (selector) => {
    const before = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
    return { ...selector, matchExpressions: [...before, ...added] };
  });
}
