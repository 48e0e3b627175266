/**
 * What a server drops from Pods and templates because the feature is off by default in v1.36: stop signals of containers, the
 * scheduling group, projections of trust bundles and of Pods' certificates. Source: DropDisabledPodFields in
 * pkg/api/pod/util.go, pkg/features/kube_features.go.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { has, mapField, mapStruct, mapStructs, without } from '../read.ts';

/** A Pod's spec without fields of features that are off. */
export function withoutGated(spec: JsonObject): JsonObject {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'];
  const contained = lists.reduce(
    (result, key) => mapStructs(result, key, (it) => mapField(it, 'lifecycle', withoutSignal)),
    has(spec, 'schedulingGroup') ? without(spec, 'schedulingGroup') : spec,
  );
  return mapStructs(contained, 'volumes', (volume) =>
    mapStruct(volume, 'projected', (source) => mapStructs(source, 'sources', withoutCertificates)),
  );
}

/** An object with the same done to the template in its spec. */
export function withoutGatedTemplate(object: JsonObject): JsonObject {
  return mapStruct(object, 'spec', (spec) =>
    mapStruct(spec, 'template', (template) => mapStruct(template, 'spec', withoutGated)),
  );
}

function withoutSignal(lifecycle: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(lifecycle) || !has(lifecycle, 'stopSignal')) return lifecycle;
  const rest = without(lifecycle, 'stopSignal');
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function withoutCertificates(projection: JsonObject): JsonObject {
  const isGated = has(projection, 'clusterTrustBundle') || has(projection, 'podCertificate');
  return isGated ? without(projection, 'clusterTrustBundle', 'podCertificate') : projection;
}
