/**
 * The rules of the level `baseline`. Source: k8s.io/pod-security-admission/policy, one check_*.go each.
 */
import type { JsonObject } from '../../base/json.ts';
import { flag, has, number, struct, structs, text, textMap, texts } from '../read.ts';
import {
  type CheckPod,
  containersOf,
  contextOf,
  holdersOf,
  named,
  namesWhere,
  plural,
  quoted,
  setters,
  sortedSet,
} from './check.ts';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

/** check_appArmorProfile.go */
export const appArmorProfile: CheckPod = (spec, annotations) => {
  const typeOf = (holder: JsonObject): string => text(struct(contextOf(holder), 'appArmorProfile'), 'type');
  const isBad = (holder: JsonObject): boolean =>
    has(contextOf(holder), 'appArmorProfile') && !['RuntimeDefault', 'Localhost'].includes(typeOf(holder));
  const badAnnotations = [...annotations]
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isAllowedProfile(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = [
    ...setters(spec, isBad),
    ...(badAnnotations.length === 0 ? [] : [plural('annotation', badAnnotations.length)]),
  ];
  if (who.length === 0) return undefined;
  const values = [...sortedSet(holdersOf(spec).filter(isBad).map(typeOf)), ...badAnnotations];
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
};

function isAllowedProfile(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** check_capabilities_baseline.go */
export const capabilitiesBaseline: CheckPod = (spec) => {
  const added = (container: JsonObject): readonly string[] =>
    texts(struct(contextOf(container), 'capabilities'), 'add').filter(
      (name) => !defaultCapabilities.has(name),
    );
  const bad = namesWhere(spec, (container) => added(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = sortedSet(containersOf(spec).flatMap(added));
  return {
    reason: 'non-default capabilities',
    detail: `${named('container', bad)} must not include ${quoted(names)} in securityContext.capabilities.add`,
  };
};

/** check_hostNamespaces.go */
export const hostNamespaces: CheckPod = (spec) => {
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => flag(spec, key));
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((key) => `${key}=true`).join(', ') };
};

/** check_hostPathVolumes.go */
export const hostPathVolumes: CheckPod = (spec) => {
  const bad = structs(spec, 'volumes')
    .filter((volume) => has(volume, 'hostPath'))
    .map((volume) => text(volume, 'name'));
  return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', bad) };
};

/** check_hostPorts.go */
export const hostPorts: CheckPod = (spec) => {
  const portsOf = (container: JsonObject): readonly string[] =>
    structs(container, 'ports')
      .map((port) => number(port, 'hostPort') ?? 0)
      .filter((port) => port !== 0)
      .map(String);
  const bad = namesWhere(spec, (container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sortedSet(containersOf(spec).flatMap(portsOf));
  const uses = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${named('container', bad)} ${uses} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  };
};

/** check_hostProbesAndhostLifecycle.go */
export const hostProbes: CheckPod = (spec) => {
  const hostsOf = (container: JsonObject): readonly string[] => {
    const lifecycle = struct(container, 'lifecycle');
    return [
      ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => struct(container, probe)),
      ...['postStart', 'preStop'].map((hook) => struct(lifecycle, hook)),
    ]
      .flatMap((handler) => ['httpGet', 'tcpSocket'].map((action) => text(struct(handler, action), 'host')))
      .filter((host) => host !== '');
  };
  const bad = sortedSet(namesWhere(spec, (container) => hostsOf(container).length > 0));
  if (bad.length === 0) return undefined;
  const hosts = sortedSet(containersOf(spec).flatMap(hostsOf));
  const uses = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'probe or lifecycle host',
    detail: `${named('container', bad)} ${uses} ${named('probe or lifecycle host', hosts)}`,
  };
};

/** check_privileged.go */
export const privileged: CheckPod = (spec) => {
  const bad = namesWhere(spec, (container) => flag(contextOf(container), 'privileged'));
  if (bad.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${named('container', bad)} must not set securityContext.privileged=true`,
  };
};

/** check_procMount_baseline.go, before 1.35; since then it is a rule of the level `restricted`. */
export const procMount: CheckPod = (spec) => {
  const mountOf = (container: JsonObject): string => text(contextOf(container), 'procMount');
  const isBad = (container: JsonObject): boolean => !['', 'Default'].includes(mountOf(container));
  const bad = namesWhere(spec, isBad);
  if (bad.length === 0) return undefined;
  const values = sortedSet(containersOf(spec).filter(isBad).map(mountOf));
  return {
    reason: 'procMount',
    detail: `${named('container', bad)} must not set securityContext.procMount to ${quoted(values)}`,
  };
};

/** A rule that does not hold in a user namespace of the Pod's own. */
export function unlessInUserNamespace(check: CheckPod): CheckPod {
  return (spec, annotations) => (spec.hostUsers === false ? undefined : check(spec, annotations));
}

/** check_seccompProfile_baseline.go, before 1.19 */
export const seccompAnnotations: CheckPod = (spec, annotations) => {
  const keys = [
    'seccomp.security.alpha.kubernetes.io/pod',
    ...containersOf(spec).map(
      (container) => `container.seccomp.security.alpha.kubernetes.io/${text(container, 'name')}`,
    ),
  ];
  const forbidden = sortedSet(
    keys.flatMap((key) => {
      const value = annotations.get(key);
      if (value === undefined || /^(runtime\/default|docker\/default)$|^localhost\//.test(value)) return [];
      return [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (forbidden.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', forbidden.length)} ${forbidden.join(', ')}`,
  };
};

/** check_seccompProfile_baseline.go */
export const seccompBaseline: CheckPod = (spec) => {
  const who = setters(spec, hasBadSeccomp);
  if (who.length === 0) return undefined;
  const values = sortedSet(holdersOf(spec).filter(hasBadSeccomp).map(seccompType));
  return {
    reason: 'seccompProfile',
    detail: `${who.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
};

/** Whether a Pod or container names a profile that is none. */
export function hasBadSeccomp(holder: JsonObject): boolean {
  return hasSeccomp(holder) && !['Localhost', 'RuntimeDefault'].includes(seccompType(holder));
}

/** Whether a Pod or container names a profile. */
export function hasSeccomp(holder: JsonObject): boolean {
  return has(contextOf(holder), 'seccompProfile');
}

function seccompType(holder: JsonObject): string {
  return text(struct(contextOf(holder), 'seccompProfile'), 'type');
}

/** check_seLinuxOptions.go */
export function seLinuxOptions(allowedTypes: readonly string[]): CheckPod {
  const optionsOf = (holder: JsonObject): JsonObject => struct(contextOf(holder), 'seLinuxOptions');
  const isBadType = (holder: JsonObject): boolean =>
    has(contextOf(holder), 'seLinuxOptions') && !allowedTypes.includes(text(optionsOf(holder), 'type'));
  const sets = (holder: JsonObject, key: string): boolean => text(optionsOf(holder), key) !== '';
  const isBad = (holder: JsonObject): boolean =>
    isBadType(holder) || sets(holder, 'user') || sets(holder, 'role');
  return (spec) => {
    const who = setters(spec, isBad);
    if (who.length === 0) return undefined;
    const holders = holdersOf(spec);
    const types = sortedSet(holders.filter(isBadType).map((holder) => text(optionsOf(holder), 'type')));
    const what = [
      ...(types.length === 0 ? [] : [named('type', types)]),
      ...['user', 'role'].flatMap((key) =>
        holders.some((holder) => sets(holder, key)) ? [`${key} may not be set`] : [],
      ),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
}

/** check_sysctls.go */
export function sysctls(allowed: readonly string[]): CheckPod {
  return (spec) => {
    const bad = structs(contextOf(spec), 'sysctls')
      .map((sysctl) => text(sysctl, 'name'))
      .filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

/** check_windowsHostProcess.go */
export const windowsHostProcess: CheckPod = (spec) => {
  const who = setters(spec, (holder) => flag(struct(contextOf(holder), 'windowsOptions'), 'hostProcess'));
  if (who.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

/** The annotations of a Pod or template. */
export function annotationsOf(holder: JsonObject): ReadonlyMap<string, string> {
  return textMap(struct(holder, 'metadata'), 'annotations');
}
