/**
 * What a Pod does against a level of the Pod Security Standards: the rules by level and release. Source:
 * k8s.io/pod-security-admission/policy, registry.go and the versions in each check_*.go.
 */
import type { JsonObject } from '../../base/json.ts';
import {
  annotationsOf,
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seccompAnnotations,
  seccompBaseline,
  seLinuxOptions,
  sysctls,
  unlessInUserNamespace,
  windowsHostProcess,
} from './baseline.ts';
import type { CheckPod, Violation } from './check.ts';
import type { LevelVersion } from './levels.ts';
import {
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
  unlessOnWindows,
} from './restricted.ts';

/** A rule from a release on; a later row of the same name takes its place. */
interface VersionedCheck {
  readonly id: string;
  readonly since: number;
  readonly check: CheckPod;
  /** A rule of the level `baseline` that this one includes. */
  readonly replaces?: string;
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const sysctlsOf = {
  0: [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_unprivileged_port_start',
  ],
  27: ['net.ipv4.ip_local_reserved_ports'],
  29: [
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ],
  32: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
} as const;

/** In the order of their names, in which violations are told. */
const baseline: readonly VersionedCheck[] = [
  { id: 'appArmorProfile', since: 0, check: appArmorProfile },
  { id: 'capabilities_baseline', since: 0, check: capabilitiesBaseline },
  { id: 'hostNamespaces', since: 0, check: hostNamespaces },
  { id: 'hostPathVolumes', since: 0, check: hostPathVolumes },
  { id: 'hostPorts', since: 0, check: hostPorts },
  { id: 'hostProbesAndHostLifecycle', since: 34, check: hostProbes },
  { id: 'privileged', since: 0, check: privileged },
  { id: 'procMount', since: 0, check: procMount },
  { id: 'procMount', since: 35, check: unlessInUserNamespace(procMount) },
  { id: 'seLinuxOptions', since: 0, check: seLinuxOptions(seLinuxTypes) },
  { id: 'seLinuxOptions', since: 31, check: seLinuxOptions([...seLinuxTypes, 'container_engine_t']) },
  { id: 'seccompProfile_baseline', since: 0, check: seccompAnnotations },
  { id: 'seccompProfile_baseline', since: 19, check: seccompBaseline },
  { id: 'sysctls', since: 0, check: sysctls(sysctlsOf[0]) },
  { id: 'sysctls', since: 27, check: sysctls([...sysctlsOf[0], ...sysctlsOf[27]]) },
  { id: 'sysctls', since: 29, check: sysctls([...sysctlsOf[0], ...sysctlsOf[27], ...sysctlsOf[29]]) },
  { id: 'sysctls', since: 32, check: sysctls(Object.values(sysctlsOf).flat()) },
  { id: 'windowsHostProcess', since: 0, check: windowsHostProcess },
];

const restricted: readonly VersionedCheck[] = [
  { id: 'allowPrivilegeEscalation', since: 8, check: allowPrivilegeEscalation },
  { id: 'allowPrivilegeEscalation', since: 25, check: unlessOnWindows(allowPrivilegeEscalation) },
  {
    id: 'capabilities_restricted',
    since: 22,
    check: capabilitiesRestricted,
    replaces: 'capabilities_baseline',
  },
  {
    id: 'capabilities_restricted',
    since: 25,
    check: unlessOnWindows(capabilitiesRestricted),
    replaces: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', since: 35, check: procMount, replaces: 'procMount' },
  { id: 'restrictedVolumes', since: 0, check: restrictedVolumes, replaces: 'hostPathVolumes' },
  { id: 'runAsNonRoot', since: 0, check: runAsNonRoot },
  { id: 'runAsNonRoot', since: 35, check: unlessInUserNamespace(runAsNonRoot) },
  { id: 'runAsUser', since: 23, check: runAsUser },
  { id: 'runAsUser', since: 35, check: unlessInUserNamespace(runAsUser) },
  {
    id: 'seccompProfile_restricted',
    since: 19,
    check: seccompRestricted,
    replaces: 'seccompProfile_baseline',
  },
  {
    id: 'seccompProfile_restricted',
    since: 25,
    check: unlessOnWindows(seccompRestricted),
    replaces: 'seccompProfile_baseline',
  },
];

/** All that a Pod, or the Pod of a template, does against a level. */
export function violationsOf(
  pod: JsonObject,
  spec: JsonObject,
  { level, version }: LevelVersion,
): readonly Violation[] {
  if (level === 'privileged') return [];
  const release = version === 'latest' ? Number.POSITIVE_INFINITY : version;
  const added = level === 'restricted' ? inForce(restricted, release) : [];
  const replaced = new Set(added.map(({ replaces }) => replaces));
  const kept = inForce(baseline, release).filter(({ id }) => !replaced.has(id));
  const annotations = annotationsOf(pod);
  return [...kept, ...added].flatMap(({ check }) => check(spec, annotations) ?? []);
}

function inForce(checks: readonly VersionedCheck[], release: number): readonly VersionedCheck[] {
  const known = checks.filter(({ since }) => since <= release);
  return [...new Map(known.map((check) => [check.id, check])).values()];
}

/** `privileged (container "c" must not …), host namespaces (hostPID=true)` */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

/** The same without what each container does. */
export function reasonsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
