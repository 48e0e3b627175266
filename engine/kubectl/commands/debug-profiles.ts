/**
 * What the profiles of `kubectl debug` change in a Pod and its debugging container.
 * Source: k8s.io/kubectl/pkg/cmd/debug/profiles.go v0.36.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { listAt, objectAt, objectsAt, valueAt, withValueAt } from '../rest/object-fields.ts';

/** How a debugging container comes to run: in the Pod itself, in a copy of it, or in a Pod of its own on a node. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node';

/** The profiles that `--profile` knows. */
const profileNames = ['legacy', 'general', 'baseline', 'restricted', 'netadmin', 'sysadmin'] as const;
export type DebugProfile = (typeof profileNames)[number];

/** A profile by its name. */
export function parseProfile(name: string): DebugProfile | undefined {
  return profileNames.find((one) => one === name);
}

/** Which parts of a Pod its copy keeps. */
export interface KeptParts {
  readonly labels: boolean;
  readonly annotations: boolean;
  readonly liveness: boolean;
  readonly readiness: boolean;
  readonly startup: boolean;
  readonly initContainers: boolean;
}

/** What a profile is applied to. */
export interface Debugged {
  readonly pod: JsonObject;
  /** Name of the debugging container. */
  readonly container: string;
  readonly style: DebugStyle;
  readonly kept: KeptParts;
}

/** The Pod as the profile wants it. */
export function applyProfile(profile: DebugProfile, { pod, container, style, kept }: Debugged): JsonObject {
  const secured = changeContainer(pod, container, (one) =>
    withValueAt(one, ['securityContext'], securityContextOf(profile, style, one)),
  );
  if (style === 'ephemeral') return secured;
  if (style === 'copy') {
    if (profile === 'legacy') return withValueAt(secured, ['metadata', 'labels'], undefined);
    return sharingProcesses(withoutParts(secured, kept));
  }
  const isOnHost = profile === 'legacy' || profile === 'general' || profile === 'sysadmin';
  const mounted = isOnHost ? mountHost(secured, container) : secured;
  if (!isOnHost && profile !== 'netadmin') return mounted;
  return {
    ...mounted,
    spec: { ...objectAt(mounted, 'spec'), hostIPC: true, hostNetwork: true, hostPID: true },
  };
}

function securityContextOf(
  profile: DebugProfile,
  style: DebugStyle,
  container: JsonObject,
): JsonObject | undefined {
  const present = valueAt(container, 'securityContext');
  const before = objectAt(container, 'securityContext');
  switch (profile) {
    case 'legacy':
      return present === undefined ? undefined : before;
    case 'general':
      return style === 'node' ? undefined : withCapabilities(before, ['SYS_PTRACE']);
    case 'baseline':
      return undefined;
    case 'restricted':
      return {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      };
    case 'netadmin':
      return withCapabilities(before, ['NET_ADMIN', 'NET_RAW']);
    case 'sysadmin':
      return { ...before, privileged: true };
  }
}

function withCapabilities(context: JsonObject, added: readonly string[]): JsonObject {
  return withValueAt(context, ['capabilities', 'add'], [...listAt(context, 'capabilities', 'add'), ...added]);
}

const containerFields = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The Pod with the container of a name changed, of whatever kind it is. */
export function changeContainer(
  pod: JsonObject,
  name: string,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  let spec = objectAt(pod, 'spec');
  for (const field of containerFields) {
    if (!Array.isArray(spec[field])) continue;
    const changed: JsonValue[] = objectsAt(spec, field).map((one) => (one.name === name ? change(one) : one));
    spec = { ...spec, [field]: changed };
  }
  return { ...pod, spec };
}

function withoutParts(pod: JsonObject, kept: KeptParts): JsonObject {
  let changed = pod;
  const remove = (path: readonly string[]) => {
    changed = withValueAt(changed, path, undefined);
  };
  if (!kept.labels) remove(['metadata', 'labels']);
  if (!kept.annotations) remove(['metadata', 'annotations']);
  if (!kept.initContainers) remove(['spec', 'initContainers']);
  const probes = [
    ...(kept.liveness ? [] : ['livenessProbe']),
    ...(kept.readiness ? [] : ['readinessProbe']),
    ...(kept.startup ? [] : ['startupProbe']),
  ];
  const containers: JsonValue[] = objectsAt(changed, 'spec', 'containers').map((container) =>
    probes.reduce((one, probe) => withValueAt(one, [probe], undefined), container),
  );
  return withValueAt(changed, ['spec', 'containers'], containers);
}

function sharingProcesses(pod: JsonObject): JsonObject {
  return valueAt(pod, 'spec', 'shareProcessNamespace') === undefined
    ? withValueAt(pod, ['spec', 'shareProcessNamespace'], true)
    : pod;
}

function mountHost(pod: JsonObject, container: string): JsonObject {
  const volumes = [...listAt(pod, 'spec', 'volumes'), { hostPath: { path: '/' }, name: 'host-root' }];
  const mounted = changeContainer(pod, container, (one) =>
    withValueAt(
      one,
      ['volumeMounts'],
      [...listAt(one, 'volumeMounts'), { mountPath: '/host', name: 'host-root' }],
    ),
  );
  return withValueAt(mounted, ['spec', 'volumes'], volumes);
}
