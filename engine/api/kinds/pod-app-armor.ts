/**
 * AppArmor profiles as annotations named them before there was a field: a new Pod gets the field from the annotation, and its
 * client a warning. Source: applyAppArmorVersionSkew in pkg/registry/core/pod/strategy.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { containersWithPaths } from '../objects/containers.ts';
import { has, mapStruct, mapStructs, struct, text } from '../read.ts';
import { appArmorOfContainer } from '../validation/pod-annotations.ts';
import { validateAppArmorProfile } from '../validation/security-profiles.ts';

/** The Pod with the profiles that annotations name. */
export function withAnnotatedProfiles(pod: JsonObject): JsonObject {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'];
  return mapStruct(pod, 'spec', (spec) =>
    lists.reduce((result, key) => mapStructs(result, key, (container) => withProfile(pod, container)), spec),
  );
}

/** What the client of a new Pod is told of annotations that no field says already. */
export function appArmorWarnings(pod: JsonObject): readonly string[] {
  return containersWithPaths(struct(pod, 'spec'), '').flatMap(([container]) =>
    appArmorWarning(pod, container, ''),
  );
}

/** The same for one container of a Pod or of a template at a path that ends in a dot. */
export function appArmorWarning(pod: JsonObject, container: JsonObject, path: string): readonly string[] {
  const found = annotationOf(pod, container);
  if (found === undefined || (found.profile !== undefined && isOfPod(pod, found.profile))) return [];
  const use = 'deprecated since v1.30; use the "appArmorProfile" field instead';
  return [`${path}metadata.annotations[${found.key}]: ${use}`];
}

function withProfile(pod: JsonObject, container: JsonObject): JsonObject {
  const profile = annotationOf(pod, container)?.profile;
  if (profile === undefined || isOfPod(pod, profile)) return container;
  const securityContext = { ...struct(container, 'securityContext'), appArmorProfile: profile };
  return { ...container, securityContext };
}

function isOfPod(pod: JsonObject, profile: JsonObject): boolean {
  return jsonEqual(struct(struct(pod, 'spec'), 'securityContext').appArmorProfile ?? null, profile);
}

/** The annotation of a container that has no field of its own; a profile that cannot be read counts as none. */
function annotationOf(
  pod: JsonObject,
  container: JsonObject,
): { readonly key: string; readonly profile: JsonObject | undefined } | undefined {
  const spec = struct(pod, 'spec');
  const annotations = struct(struct(pod, 'metadata'), 'annotations');
  const key = `${appArmorOfContainer}${text(container, 'name')}`;
  const isSaid = has(struct(container, 'securityContext'), 'appArmorProfile');
  if (text(struct(spec, 'os'), 'name') === 'windows' || !has(annotations, key) || isSaid) return undefined;
  const profile = profileNamed(text(annotations, key));
  const isValid =
    profile !== undefined && validateAppArmorProfile({ appArmorProfile: profile }, '').length === 0;
  return { key, profile: isValid ? profile : undefined };
}

/** Source: ApparmorFieldForAnnotation in pkg/api/pod/util.go. */
function profileNamed(annotation: string): JsonObject | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const local = /^localhost\/(.+)$/s.exec(annotation)?.[1];
  return local === undefined ? undefined : { type: 'Localhost', localhostProfile: local };
}
