/**
 * The environment of a container: declared variables, their sources, and the Services of the namespace.
 * Source: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), envvars/envvars.go; third_party/forked/golang/expansion.
 */
import { isPodTerminal } from '../../api/objects/pods.ts';
import { resourceAmount } from '../../api/objects/resource-amounts.ts';
import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../../api/types/kinds.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** Where values come from. */
export interface EnvironmentSources {
  readonly podIP: string;
  readonly hostIP: string;
  readonly nodeName: string;
  readonly services: readonly Service[];
  readonly allocatable: Readonly<Record<string, string>>;
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
}

/** The variables in the order in which they are set, or why they can't be made (`configmap "x" not found`). */
export function containerEnvironment(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): Result<ReadonlyMap<string, string>, string> {
  const links = serviceEnvironment(pod, sources.services);
  const declared = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    const object = from.configMapRef === undefined ? from.secretRef : from.configMapRef;
    const name = object?.name ?? '';
    const data =
      from.configMapRef === undefined
        ? secretData(sources.secret(name))
        : configMapData(sources.configMap(name));
    if (data === undefined) {
      if (object?.optional === true) continue;
      return err(
        `${from.configMapRef === undefined ? 'secret' : 'configmap'} ${JSON.stringify(name)} not found`,
      );
    }
    for (const [key, value] of data) declared.set(`${from.prefix ?? ''}${key}`, value);
  }
  for (const variable of container.env ?? []) {
    const value = variableValue(
      variable,
      pod,
      container,
      sources,
      (name) => declared.get(name) ?? links.get(name),
    );
    if (!value.ok) return value;
    if (value.value !== undefined) declared.set(variable.name, value.value);
  }
  for (const [name, value] of links) if (!declared.has(name)) declared.set(name, value);
  return ok(declared);
}

/** Replaces `$(NAME)` by its value; `$$` is a dollar sign, and what has no value stays as it stands. */
export function expandReferences(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole: string, inner: string, name: string | undefined) =>
    inner === '$' ? '$' : (lookUp(name ?? '') ?? whole),
  );
}

/** The text of a field of the Pod as fieldRef names it; undefined for one that can't be referred to. */
export function podField(
  pod: Pod,
  path: string,
  facts: Pick<EnvironmentSources, 'podIP' | 'hostIP' | 'nodeName'>,
): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['([^']{1,317})'\]$/.exec(path);
  if (subscript !== null) {
    const map = (subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations) ?? {};
    const key = subscript[2] ?? '';
    return Object.hasOwn(map, key) ? (map[key] ?? '') : '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels ?? {});
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations ?? {});
    case 'spec.nodeName':
      return facts.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return facts.podIP;
    default:
      return undefined;
  }
}

/** A container's limit or request divided by the divisor and rounded up; a limit that is not set is the node's own. */
export function resourceField(
  container: Container,
  resource: string,
  divisor: string | undefined,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [kind, name] = splitOnce(resource, '.');
  const list = (kind === 'limits' ? container.resources?.limits : container.resources?.requests) ?? {};
  const fallback = kind === 'limits' && Object.hasOwn(allocatable, name) ? (allocatable[name] ?? '0') : '0';
  const amount = resourceAmount(Object.hasOwn(list, name) ? list[name] : fallback);
  const by = resourceAmount(divisor ?? '1');
  return String(Math.ceil(amount / (by === 0 ? 1 : by) - 1e-9));
}

/** The values of a Secret's data, decoded. */
export function secretBytes(secret: Secret): ReadonlyMap<string, Uint8Array> {
  const entries = Object.entries(secret.data ?? {});
  return new Map(
    entries.map(([key, value]) => [key, Uint8Array.from(atob(value), (char) => char.charCodeAt(0))]),
  );
}

function variableValue(
  variable: EnvVar,
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
  lookUp: (name: string) => string | undefined,
): Result<string | undefined, string> {
  const from = variable.valueFrom;
  if ((variable.value ?? '') !== '' || from === undefined) {
    return ok(expandReferences(variable.value ?? '', lookUp));
  }
  const namespace = pod.metadata.namespace ?? '';
  if (from.fieldRef !== undefined) return ok(podField(pod, from.fieldRef.fieldPath, sources));
  if (from.resourceFieldRef !== undefined) {
    const { resource, divisor } = from.resourceFieldRef;
    return ok(resourceField(container, resource, divisor, sources.allocatable));
  }
  const reference = from.configMapKeyRef ?? from.secretKeyRef;
  if (reference === undefined) return ok('');
  const isConfigMap = from.configMapKeyRef !== undefined;
  const name = reference.name ?? '';
  const data = isConfigMap ? configMapData(sources.configMap(name)) : secretData(sources.secret(name));
  if (data === undefined) {
    if (reference.optional === true) return ok(undefined);
    return err(`${isConfigMap ? 'configmap' : 'secret'} ${JSON.stringify(name)} not found`);
  }
  const value = data.get(reference.key);
  if (value === undefined && reference.optional !== true) {
    return err(
      `couldn't find key ${reference.key} in ${isConfigMap ? 'ConfigMap' : 'Secret'} ${namespace}/${name}`,
    );
  }
  return ok(value);
}

/** Variables for each Service of the namespace, and always for the API server's own. */
function serviceEnvironment(pod: Pod, services: readonly Service[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  if (isPodTerminal(pod)) return result;
  const useLinks = pod.spec?.enableServiceLinks ?? true;
  const isMaster = (service: Service) =>
    service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes';
  const ownNames = new Set(
    services
      .filter((service) => service.metadata.namespace === pod.metadata.namespace)
      .map((service) => service.metadata.name),
  );
  const visible = services
    .filter((service) => {
      const address = service.spec?.clusterIP ?? '';
      if (address === '' || address === 'None') return false;
      if (isMaster(service))
        return !(useLinks && ownNames.has('kubernetes') && pod.metadata.namespace !== 'default');
      return useLinks && service.metadata.namespace === pod.metadata.namespace;
    })
    .sort((a, b) => compareKeys(a.metadata.name, b.metadata.name));
  for (const service of visible) addServiceVariables(result, service);
  return result;
}

function addServiceVariables(result: Map<string, string>, service: Service): void {
  const address = service.spec?.clusterIP ?? '';
  const ports = service.spec?.ports ?? [];
  const prefix = variableName(service.metadata.name);
  result.set(`${prefix}_SERVICE_HOST`, address);
  result.set(`${prefix}_SERVICE_PORT`, String(ports[0]?.port ?? ''));
  for (const port of ports) {
    if ((port.name ?? '') !== '') {
      result.set(`${prefix}_SERVICE_PORT_${variableName(port.name ?? '')}`, String(port.port));
    }
  }
  for (const [index, port] of ports.entries()) {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const url = `${protocol}://${address}:${port.port}`;
    if (index === 0) result.set(`${prefix}_PORT`, url);
    const portPrefix = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
    result.set(portPrefix, url);
    result.set(`${portPrefix}_PROTO`, protocol);
    result.set(`${portPrefix}_PORT`, String(port.port));
    result.set(`${portPrefix}_ADDR`, address);
  }
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}

function configMapData(configMap: ConfigMap | undefined): ReadonlyMap<string, string> | undefined {
  return configMap === undefined ? undefined : new Map(Object.entries(configMap.data ?? {}));
}

function secretData(secret: Secret | undefined): ReadonlyMap<string, string> | undefined {
  if (secret === undefined) return undefined;
  const decoder = new TextDecoder();
  return new Map([...secretBytes(secret)].map(([key, bytes]) => [key, decoder.decode(bytes)]));
}

/** One `key="value"` a line, sorted. Source: pkg/fieldpath, FormatMap. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
    .join('\n');
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
