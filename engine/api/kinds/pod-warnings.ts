/**
 * What the server warns of in Pods and Pod templates that it accepts. Source: pkg/api/pod/warnings.go, pkg/api/node/util.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { containersWithPaths } from '../objects/containers.ts';
import { parseQuantity, quantityMilliValue } from '../quantity.ts';
import { asJson, has, number, struct, structs, text, textMap, texts } from '../read.ts';
import type { KubeObject } from '../types/wire.ts';
import { addressWarnings } from '../validation/ip.ts';
import { appArmorWarning } from './pod-app-armor.ts';
import { volumeFileWarnings } from './volume-file-warnings.ts';

const requiredKey = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredKey = 'preferredDuringSchedulingIgnoredDuringExecution';
const nullSelector = 'a null labelSelector results in matching no pod';

const deprecatedLabels = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  [
    'failure-domain.beta.kubernetes.io/region',
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  ],
  [
    'failure-domain.beta.kubernetes.io/zone',
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
  [
    'beta.kubernetes.io/instance-type',
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  ],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  [
    'scheduler.alpha.kubernetes.io/preferAvoidPods',
    'deprecated since v1.22; use Taints and Tolerations instead',
  ],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

const deprecatedAnnotations = [
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  [
    'security.alpha.kubernetes.io/unsafe-sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
] as const;

const deprecatedVolumes = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

/** Kinds that upstream writes otherwise here. */
const shownKinds: ReadonlyMap<string, string> = new Map([['storageos', 'storageOS']]);

/**
 * The warnings of a workload's template when it is new, or when a change of the object's spec brought it up. They are about
 * the object's own template unless another is given.
 */
export function templateWarnings(
  object: JsonObject,
  old: KubeObject | undefined,
  shown = object,
): readonly string[] {
  const generation = (of: JsonObject) => number(struct(of, 'metadata'), 'generation') ?? 0;
  if (old !== undefined && generation(object) === generation(asJson(old))) return [];
  return podWarnings(struct(struct(shown, 'spec'), 'template'), 'spec.template.');
}

/** The warnings of a Pod, or of a template at a path that ends in a dot. */
export function podWarnings(pod: JsonObject, path: string): readonly string[] {
  const spec = struct(pod, 'spec');
  const annotations = struct(struct(pod, 'metadata'), 'annotations');
  const here = `${path}spec`;
  return [
    ...nodeWarnings(spec, here),
    ...spreadWarnings(spec, here),
    ...deprecatedAnnotations.flatMap(([key, message]) =>
      has(annotations, key) ? [`${path}metadata.annotations[${key}]: ${message}`] : [],
    ),
    ...structs(spec, 'volumes').flatMap((volume, index) =>
      deprecatedVolumes.flatMap(([kind, message]) =>
        has(volume, kind) ? [`${here}.volumes[${index}].${shownKinds.get(kind) ?? kind}: ${message}`] : [],
      ),
    ),
    ...structs(spec, 'volumes').flatMap(volumeFileWarnings),
    ...repeated(structs(spec, 'hostAliases'), 'ip', `${here}.hostAliases`),
    ...repeated(structs(spec, 'imagePullSecrets'), 'name', `${here}.imagePullSecrets`),
    ...structs(spec, 'imagePullSecrets').flatMap((secret, index) =>
      text(secret, 'name') === '' ? [`${here}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
    ...fractionWarnings(spec, 'overhead', `${here}.overhead`),
    ...seccompWarnings(spec, annotations, path),
    ...containersWithPaths(spec, here).flatMap(([container, at]) =>
      containerWarnings(pod, container, at, path),
    ),
    ...portWarnings(spec, here),
    ...graceWarnings(spec, here),
    ...affinityWarnings(struct(spec, 'affinity'), `${here}.affinity`),
    ...texts(struct(spec, 'dnsConfig'), 'nameservers').flatMap((server, index) =>
      addressWarnings(`${here}.dnsConfig.nameservers[${index}]`, server),
    ),
    ...structs(spec, 'hostAliases').flatMap((alias, index) =>
      addressWarnings(`${here}.hostAliases[${index}].ip`, text(alias, 'ip')),
    ),
  ];
}

function nodeWarnings(spec: JsonObject, path: string): readonly string[] {
  const affinity = struct(struct(spec, 'affinity'), 'nodeAffinity');
  const here = `${path}.affinity.nodeAffinity`;
  const term = (of: JsonObject, at: string) =>
    structs(of, 'matchExpressions').flatMap((expression, index) => {
      const message = deprecatedLabels.get(text(expression, 'key'));
      const key = `${at}.matchExpressions[${index}].key`;
      return message === undefined ? [] : [`${key}: ${text(expression, 'key')} is ${message}`];
    });
  return [
    ...[...textMap(spec, 'nodeSelector').keys()].flatMap((key) => {
      const message = deprecatedLabels.get(key);
      return message === undefined ? [] : [`${path}.nodeSelector[${key}]: ${message}`];
    }),
    ...structs(struct(affinity, requiredKey), 'nodeSelectorTerms').flatMap((of, index) =>
      term(of, `${here}.${requiredKey}.nodeSelectorTerms[${index}]`),
    ),
    ...structs(affinity, preferredKey).flatMap((of, index) =>
      term(struct(of, 'preference'), `${here}.${preferredKey}[${index}].preference`),
    ),
  ];
}

function spreadWarnings(spec: JsonObject, path: string): readonly string[] {
  return structs(spec, 'topologySpreadConstraints').flatMap((constraint, index) => {
    const here = `${path}.topologySpreadConstraints[${index}]`;
    const key = text(constraint, 'topologyKey');
    const message = deprecatedLabels.get(key);
    return [
      ...(message === undefined ? [] : [`${here}.topologyKey: ${key} is ${message}`]),
      ...(has(constraint, 'labelSelector') ? [] : [`${here}.labelSelector: ${nullSelector}`]),
    ];
  });
}

function repeated(items: readonly JsonObject[], key: string, path: string): readonly string[] {
  const values = items.map((item) => text(item, key));
  return values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [`${path}[${index}].${key}: duplicate ${key} ${JSON.stringify(value)}`]
      : [],
  );
}

function fractionWarnings(parent: JsonObject, key: string, path: string): readonly string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const amount = parseQuantity(text(struct(parent, key), name));
    if (!amount.ok || quantityMilliValue(amount.value) % 1000n === 0n) return [];
    const shown = JSON.stringify(text(struct(parent, key), name));
    return [`${path}[${name}]: fractional byte value ${shown} is invalid, must be an integer`];
  });
}

function seccompWarnings(spec: JsonObject, annotations: JsonObject, path: string): readonly string[] {
  const key = 'seccomp.security.alpha.kubernetes.io/pod';
  if (has(struct(spec, 'securityContext'), 'seccompProfile') || !has(annotations, key)) return [];
  return [seccompWarning(key, path)];
}

function seccompWarning(key: string, path: string): string {
  return `${path}metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`;
}

function containerWarnings(
  pod: JsonObject,
  container: JsonObject,
  path: string,
  podPath: string,
): readonly string[] {
  const annotations = struct(struct(pod, 'metadata'), 'annotations');
  const key = `container.seccomp.security.alpha.kubernetes.io/${text(container, 'name')}`;
  const isOld = has(annotations, key) && !has(struct(container, 'securityContext'), 'seccompProfile');
  const resources = struct(container, 'resources');
  return [
    ...(isOld ? [seccompWarning(key, podPath)] : []),
    // Of a Pod's own annotations clients are told before it is looked at.
    ...(podPath === '' ? [] : appArmorWarning(pod, container, podPath)),
    ...['memory', 'ephemeral-storage'].flatMap((name) =>
      ['limits', 'requests'].flatMap((list) =>
        fractionWarnings(resources, list, `${path}.resources.${list}`).filter((line) =>
          line.includes(`[${name}]:`),
        ),
      ),
    ),
    ...hiddenVariables(structs(container, 'env'), path),
  ];
}

function hiddenVariables(variables: readonly JsonObject[], path: string): readonly string[] {
  const names = variables.map((variable) => text(variable, 'name'));
  return variables.flatMap((variable, index) => {
    const name = names[index] ?? '';
    const reference = `$(${name})`;
    const value = text(variable, 'value');
    const isExtended = !has(variable, 'valueFrom') && value !== reference && value.includes(reference);
    if (names.indexOf(name) === index || isExtended) return [];
    return [
      `${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ];
  });
}

interface PortPlace {
  readonly port: JsonObject;
  readonly path: string;
}

function portWarnings(spec: JsonObject, path: string): readonly string[] {
  const places = containersWithPaths(spec, path).flatMap(([container, at]) =>
    structs(container, 'ports').map((port, index): PortPlace => ({ port, path: `${at}.ports[${index}]` })),
  );
  const overlaps = places.flatMap((place, index) => [
    ...addressWithoutPort(place),
    ...places.slice(0, index).flatMap((other) => overlapWarning(place, other)),
  ]);
  const names = places.flatMap((place, index) => {
    const name = text(place.port, 'name');
    const first = places.findIndex(({ port }) => text(port, 'name') === name);
    const other = places[first]?.path;
    if (name === '' || first === index || other === undefined) return [];
    return [
      `${place.path}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`,
    ];
  });
  return [...overlaps, ...names];
}

/** Upstream prints the port as Go does a struct. */
function addressWithoutPort({ port, path }: PortPlace): readonly string[] {
  const hostIP = text(port, 'hostIP');
  if (hostIP === '' || (number(port, 'hostPort') ?? 0) !== 0) return [];
  const shown = `Name:${text(port, 'name')} HostPort:0 ContainerPort:${number(port, 'containerPort') ?? 0} Protocol:${text(port, 'protocol')} HostIP:${hostIP}`;
  return [`${path}: hostIP set without hostPort: {${shown}}`];
}

function overlapWarning({ port, path }: PortPlace, other: PortPlace): readonly string[] {
  const isSame = ['containerPort', 'protocol'].every((key) =>
    jsonEqual(port[key] ?? null, other.port[key] ?? null),
  );
  if (!isSame) return [];
  const [hostPort, otherPort] = [number(port, 'hostPort') ?? 0, number(other.port, 'hostPort') ?? 0];
  const [hostIP, otherIP] = [text(port, 'hostIP'), text(other.port, 'hostIP')];
  if (hostIP === otherIP && hostPort === otherPort) {
    return [`${path}: duplicate port definition with ${other.path}`];
  }
  if (hostPort === 0 || otherPort === 0) return [`${path}: overlapping port definition with ${other.path}`];
  const isAmbiguous = hostPort === otherPort && (hostIP === '') !== (otherIP === '');
  return isAmbiguous ? [`${path}: dangerously ambiguous port definition with ${other.path}`] : [];
}

function graceWarnings(spec: JsonObject, path: string): readonly string[] {
  if ((number(spec, 'terminationGracePeriodSeconds') ?? 0) >= 0) return [];
  return [
    `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
  ];
}

function affinityWarnings(affinity: JsonObject, path: string): readonly string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const rules = struct(affinity, kind);
    const here = `${path}.${kind}`;
    return [
      ...structs(rules, requiredKey).flatMap((term, index) =>
        has(term, 'labelSelector') ? [] : [`${here}.${requiredKey}[${index}].labelSelector: ${nullSelector}`],
      ),
      ...structs(rules, preferredKey).flatMap((term, index) =>
        has(struct(term, 'podAffinityTerm'), 'labelSelector')
          ? []
          : [`${here}.${preferredKey}[${index}].podAffinityTerm.labelSelector: ${nullSelector}`],
      ),
    ];
  });
}
