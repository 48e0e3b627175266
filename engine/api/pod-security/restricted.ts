/**
 * The rules that the level `restricted` adds. Source: k8s.io/pod-security-admission/policy, one check_*.go each.
 */
import type { JsonObject } from '../../base/json.ts';
import { has, number, struct, structs, text, texts } from '../read.ts';
import { hasBadSeccomp, hasSeccomp, seccompBaseline } from './baseline.ts';
import {
  type CheckPod,
  containersOf,
  contextOf,
  named,
  namesWhere,
  quoted,
  setters,
  sortedSet,
} from './check.ts';

/** A rule whose fields Pods for Windows cannot set. */
export function unlessOnWindows(check: CheckPod): CheckPod {
  return (spec, annotations) =>
    text(struct(spec, 'os'), 'name') === 'windows' ? undefined : check(spec, annotations);
}

/** check_allowPrivilegeEscalation.go */
export const allowPrivilegeEscalation: CheckPod = (spec) => {
  const bad = namesWhere(spec, (container) => contextOf(container).allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

/** check_capabilities_restricted.go */
export const capabilitiesRestricted: CheckPod = (spec) => {
  const capabilities = (container: JsonObject): JsonObject => struct(contextOf(container), 'capabilities');
  const added = (container: JsonObject): readonly string[] =>
    texts(capabilities(container), 'add').filter((name) => name !== 'NET_BIND_SERVICE');
  const missing = namesWhere(spec, (container) => !texts(capabilities(container), 'drop').includes('ALL'));
  const adding = namesWhere(spec, (container) => added(container).length > 0);
  const details = [
    ...(missing.length === 0
      ? []
      : [`${named('container', missing)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [
          `${named('container', adding)} must not include ${quoted(sortedSet(containersOf(spec).flatMap(added)))} in securityContext.capabilities.add`,
        ]),
  ];
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** check_restrictedVolumes.go */
export const restrictedVolumes: CheckPod = (spec) => {
  const bad = structs(spec, 'volumes').filter((volume) => !allowedVolumes.some((type) => has(volume, type)));
  if (bad.length === 0) return undefined;
  const types = sortedSet(
    bad.map((volume) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'),
  );
  const uses = bad.length === 1 ? 'uses' : 'use';
  const names = bad.map((volume) => text(volume, 'name'));
  return {
    reason: 'restricted volume types',
    detail: `${named('volume', names)} ${uses} ${named('restricted volume type', types)}`,
  };
};

/** check_runAsNonRoot.go */
export const runAsNonRoot: CheckPod = (spec) => {
  const who = setters(spec, (holder) => contextOf(holder).runAsNonRoot === false);
  const reason = 'runAsNonRoot != true';
  if (who.length > 0) {
    return { reason, detail: `${who.join(' and ')} must not set securityContext.runAsNonRoot=false` };
  }
  if (contextOf(spec).runAsNonRoot === true) return undefined;
  const silent = namesWhere(spec, (container) => !has(contextOf(container), 'runAsNonRoot'));
  if (silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true`,
  };
};

/** check_runAsUser.go */
export const runAsUser: CheckPod = (spec) => {
  const who = setters(spec, (holder) => number(contextOf(holder), 'runAsUser') === 0);
  if (who.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0` };
};

/** check_seccompProfile_restricted.go */
export const seccompRestricted: CheckPod = (spec, annotations) => {
  const explicit = seccompBaseline(spec, annotations);
  if (explicit !== undefined) return explicit;
  if (hasSeccomp(spec) && !hasBadSeccomp(spec)) return undefined;
  const silent = namesWhere(spec, (container) => !hasSeccomp(container));
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${named('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};
