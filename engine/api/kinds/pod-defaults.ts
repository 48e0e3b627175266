/**
 * The defaults of Pods and Pod templates.
 * Source: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go of v1.36.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { formatQuantity, parseQuantity, roundQuantityToMilli } from '../quantity.ts';
import {
  flag,
  has,
  mapField,
  mapStruct,
  mapStructs,
  number,
  struct,
  structs,
  text,
  withDefaults,
} from '../read.ts';

/** Seconds that a Pod has to end. Source: DefaultTerminationGracePeriodSeconds. */
const terminationGracePeriodSeconds = 30;

/**
 * The defaults of `spec` of a Pod or of a template. What has them all comes back as the very same object: a status is written
 * with the spec that was read, and nobody then needs to compare the two.
 */
export function defaultPodSpec(spec: JsonObject): JsonObject {
  let result = withDefaults(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  // The old name of the field is kept equal to the new one. Source: Convert_v1_PodSpec_To_core_PodSpec.
  const account = text(result, 'serviceAccountName') || text(result, 'serviceAccount');
  for (const key of account === '' ? [] : ['serviceAccountName', 'serviceAccount'])
    result = mapField(result, key, () => account);
  for (const key of ['initContainers', 'containers', 'ephemeralContainers']) {
    result = mapStructs(result, key, defaultContainer);
  }
  result = mapStructs(result, 'volumes', defaultVolume);
  result = mapField(result, 'overhead', roundResources);
  result = mapStructs(result, 'topologySpreadConstraints', (constraint) => constraint);
  return mapStruct(result, 'resources', defaultResources);
}

/** The defaults that a Pod has over a template. */
export function defaultPod(pod: JsonObject): JsonObject {
  return mapStruct(mapStruct(pod, 'status', alignAddresses), 'spec', (spec) => {
    let result = defaultPodSpec(spec);
    for (const key of ['initContainers', 'containers']) {
      result = mapStructs(result, key, (container) => mapStruct(container, 'resources', requestsFromLimits));
    }
    result = withDefaults(result, { enableServiceLinks: true });
    return flag(result, 'hostNetwork') ? defaultHostPorts(result) : result;
  });
}

/** The one address counts before the list, whose first it is. Source: Convert_v1_PodStatus_To_core_PodStatus. */
function alignAddresses(status: JsonObject): JsonObject {
  const one = text(status, 'podIP');
  const first = text(structs(status, 'podIPs')[0] ?? {}, 'ip');
  if (one === first) return status;
  return one === '' ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: one }] };
}

/** In the node's own network every container port is a port of the node. */
function defaultHostPorts(spec: JsonObject): JsonObject {
  const withHostPort = (port: JsonObject) =>
    (number(port, 'hostPort') ?? 0) === 0 ? { ...port, hostPort: number(port, 'containerPort') ?? 0 } : port;
  return ['initContainers', 'containers'].reduce(
    (result, key) => mapStructs(result, key, (container) => mapStructs(container, 'ports', withHostPort)),
    spec,
  );
}

function requestsFromLimits(resources: JsonObject): JsonObject {
  const limits = struct(resources, 'limits');
  const requests = struct(resources, 'requests');
  const isWhole = Object.keys(limits).every((name) => Object.hasOwn(requests, name));
  if (isWhole && (has(resources, 'requests') || !has(resources, 'limits'))) return resources;
  return { ...resources, requests: { ...limits, ...requests } };
}

function defaultContainer(container: JsonObject): JsonObject {
  let result = withDefaults(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: imageTag(text(container, 'image')) === 'latest' ? 'Always' : 'IfNotPresent',
  });
  result = mapStructs(result, 'ports', (port) => withDefaults(port, { protocol: 'TCP' }));
  result = mapStructs(result, 'env', (variable) =>
    mapStruct(variable, 'valueFrom', (source) =>
      mapStruct(mapStruct(source, 'fieldRef', defaultFieldRef), 'fileKeyRef', (ref) =>
        withDefaults(ref, { optional: false }),
      ),
    ),
  );
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    result = mapStruct(result, key, defaultProbe);
  result = mapStruct(result, 'resources', defaultResources);
  return mapStruct(result, 'lifecycle', (lifecycle) =>
    ['postStart', 'preStop'].reduce(
      (handlers, key) => mapStruct(handlers, key, (handler) => mapStruct(handler, 'httpGet', defaultHttpGet)),
      lifecycle,
    ),
  );
}

function defaultFieldRef(ref: JsonObject): JsonObject {
  return withDefaults(ref, { apiVersion: 'v1' });
}

function defaultProbe(probe: JsonObject): JsonObject {
  const result = withDefaults(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  return mapStruct(mapStruct(result, 'httpGet', defaultHttpGet), 'grpc', (grpc) =>
    withDefaults(grpc, { service: '' }),
  );
}

function defaultHttpGet(action: JsonObject): JsonObject {
  return withDefaults(action, { path: '/', scheme: 'HTTP' });
}

function defaultResources(resources: JsonObject): JsonObject {
  return mapField(mapField(resources, 'limits', roundResources), 'requests', roundResources);
}

/** Resources are kept in thousandths. Source: SetDefaults_ResourceList. */
export function roundResources(list: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(list)) return list;
  const rounded = Object.entries(list).map(([name, value]) => [name, roundResource(String(value))] as const);
  return rounded.every(([name, value]) => value === list[name]) ? list : Object.fromEntries(rounded);
}

function roundResource(written: string): string {
  const quantity = parseQuantity(written);
  if (!quantity.ok) return written;
  const rounded = roundQuantityToMilli(quantity.value);
  return rounded.nano === quantity.value.nano ? written : formatQuantity(rounded);
}

/** The defaults of kinds of storage that are the same whatever else the source says. */
const storageDefaults: readonly (readonly [string, JsonObject])[] = [
  ['hostPath', { type: '' }],
  ['iscsi', { iscsiInterface: 'default' }],
  ['rbd', { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }],
  ['azureDisk', { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' }],
  ['scaleIO', { storageMode: 'ThinProvisioned', fsType: 'xfs' }],
];

/** A volume's storage with its defaults, of a Pod or a PersistentVolume. */
export function defaultStorage(volume: JsonObject): JsonObject {
  return storageDefaults.reduce(
    (result, [kind, fields]) => mapStruct(result, kind, (source) => withDefaults(source, fields)),
    volume,
  );
}

const volumeModeSources = ['secret', 'configMap', 'downwardAPI', 'projected'];

function defaultVolume(volume: JsonObject): JsonObject {
  if (Object.keys(volume).every((key) => key === 'name')) return { ...volume, emptyDir: {} };
  let result = volume;
  for (const key of volumeModeSources) {
    result = mapStruct(result, key, (source) => withDefaults(source, { defaultMode: 0o644 }));
  }
  result = mapStruct(result, 'downwardAPI', (source) => mapStructs(source, 'items', defaultDownwardFile));
  result = mapStruct(result, 'projected', (source) => mapStructs(source, 'sources', defaultProjection));
  result = mapStruct(defaultStorage(result), 'image', (source) =>
    withDefaults(source, {
      pullPolicy: imageTag(text(source, 'reference')) === 'latest' ? 'Always' : 'IfNotPresent',
    }),
  );
  return mapStruct(result, 'ephemeral', (source) =>
    mapStruct(source, 'volumeClaimTemplate', (template) =>
      mapStruct(template, 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' })),
    ),
  );
}

function defaultDownwardFile(file: JsonObject): JsonObject {
  return mapStruct(file, 'fieldRef', defaultFieldRef);
}

function defaultProjection(projection: JsonObject): JsonObject {
  const result = mapStruct(projection, 'downwardAPI', (source) =>
    mapStructs(source, 'items', defaultDownwardFile),
  );
  return mapStruct(result, 'serviceAccountToken', (token) =>
    withDefaults(token, { expirationSeconds: 3600 }),
  );
}

/** The longest path of an image below its registry. Source: github.com/distribution/reference. */
const maxImagePath = 255;

const imageReference =
  /^((?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?\/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@[a-z0-9]+:[0-9a-f]{32,})?$/;

/**
 * The tag of an image's name: `latest` when it has neither tag nor digest, and empty when the name cannot be read.
 * Source: pkg/util/parsers.ParseImageName.
 */
function imageTag(image: string): string {
  const match = image.length > 512 ? null : imageReference.exec(image);
  if (match === null) return '';
  const [, host, name = '', tag, digest] = match;
  // What names no registry is one of Docker's; without a slash it is in its library.
  const isRegistry = host === undefined || /[.:A-Z]|^localhost\/$/.test(host);
  const path = host === undefined ? `library/${name}` : isRegistry ? name : `${host}${name}`;
  if (path.length > maxImagePath) return '';
  return tag ?? (digest === undefined ? 'latest' : '');
}
