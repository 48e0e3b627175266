/** Finding objects for checks, through the API server's door like any other client: discovery, then list. */
import type { Cause, Cluster, JsonObject, JsonValue, ObjectName } from '../../engine/index.ts';
import { nearest } from '../exercise/nearest.ts';

/** Which objects are meant, as exercise.yaml says it. */
export interface ObjectQuery {
  /** As kubectl takes it: `pod`, `svc`, `endpointslices.discovery.k8s.io`. */
  readonly resource: string;
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly namespace: string;
  /** The world's other cluster, where it has one. */
  readonly cluster?: 'second' | undefined;
}

/** The cluster that a reference means. */
export function clusterOf(world: Cluster, { cluster }: Pick<ObjectQuery, 'cluster'>): Cluster {
  return cluster === undefined ? world : world.named(cluster);
}

/** A resource as discovery lists it. */
interface ApiResource {
  readonly groupVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The objects that match, by name in order, and their kind. */
export interface FoundObjects {
  readonly kind: string;
  readonly namespace: string;
  readonly objects: readonly JsonObject[];
}

/** @throws Error when the API serves no such resource, which is the exercise's mistake. */
export function findObjects(world: Cluster, query: ObjectQuery): FoundObjects {
  const cluster = clusterOf(world, query);
  const resource = findResource(cluster, query.resource);
  const namespace = resource.namespaced ? query.namespace : '';
  const all = listItems(cluster, collectionPath(resource, namespace));
  const objects = all
    .filter((object) => query.name === undefined || metadataText(object, 'name') === query.name)
    .filter((object) => hasLabels(object, query.labels ?? {}))
    .sort((a, b) => compare(metadataText(a, 'name') ?? '', metadataText(b, 'name') ?? ''));
  return { kind: resource.kind, namespace, objects };
}

/**
 * That no object matches, with the one that was probably meant: a similar name, or the same one in another namespace; where
 * names are free, one with the labels elsewhere, or any in `default`, where objects without a namespace land. `before` is
 * the world that the learner's files started from, which may have held it.
 */
export function explainMissingObject(world: Cluster, query: ObjectQuery, before?: Cluster): Cause {
  const cluster = clusterOf(world, query);
  const resource = findResource(cluster, query.resource);
  const namespace = resource.namespaced ? query.namespace : '';
  const name = query.name ?? formatLabels(query.labels ?? {});
  const object: ObjectName = { kind: resource.kind, namespace, name };
  if (before !== undefined && query.name !== undefined && findObjects(before, query).objects.length > 0) {
    return { code: 'object-missing', object, wasThere: true };
  }
  const others = listItems(cluster, collectionPath(resource, ''))
    .filter((found) => hasLabels(found, query.labels ?? {}))
    .map((found) => nameOf(found, resource.kind));
  if (resource.kind === 'Pod') {
    const refused = findRefusedPods(cluster, query);
    if (refused !== undefined) return refused;
  }
  if (query.name === undefined) {
    const like = others.find((other) => query.labels !== undefined || other.namespace === 'default');
    return { code: 'object-missing', object, ...(like === undefined ? {} : { nearest: like }) };
  }
  const here = others.filter((other) => other.namespace === namespace);
  const meant = nearest(
    query.name,
    here.map((other) => other.name),
  );
  const found =
    others.find((other) => other.name === query.name) ?? here.find((other) => other.name === meant);
  return found === undefined
    ? { code: 'object-missing', object }
    : { code: 'object-missing', object, nearest: found };
}

/** The controller that tries in vain to make Pods like these. */
function findRefusedPods(cluster: Cluster, { namespace, labels }: ObjectQuery): Cause | undefined {
  if (labels === undefined) return undefined;
  for (const [path, kind] of controllers(namespace)) {
    for (const controller of listItems(cluster, path)) {
      const template = valueAt(controller, 'spec', 'template');
      if (
        !Object.entries(labels).every(
          ([key, value]) => valueAt(template, 'metadata', 'labels', key) === value,
        )
      )
        continue;
      const failure = itemsAt(controller, 'status', 'conditions').find(
        (condition) =>
          textAt(condition, 'type') === 'ReplicaFailure' && textAt(condition, 'status') === 'True',
      );
      const message = textAt(failure, 'message');
      if (message !== undefined)
        return { code: 'pods-refused', controller: nameOf(controller, kind), message };
    }
  }
  return undefined;
}

function controllers(namespace: string) {
  return [
    [`/api/v1/namespaces/${namespace}/replicationcontrollers`, 'ReplicationController'],
    [`/apis/apps/v1/namespaces/${namespace}/replicasets`, 'ReplicaSet'],
  ] as const;
}

/** Every kind that is served, in the preferred version of its group. */
export function servedKinds(
  cluster: Cluster,
): readonly { readonly apiVersion: string; readonly kind: string }[] {
  return groupVersions(cluster).flatMap((groupVersion) =>
    itemsAt(get(cluster, discoveryPath(groupVersion)), 'resources')
      .filter((entry) => textAt(entry, 'name')?.includes('/') === false)
      .map((entry) => ({ apiVersion: groupVersion, kind: textAt(entry, 'kind') ?? '' })),
  );
}

/** `kind namespace/name` of an object. */
export function nameOf(object: JsonObject, kind: string): ObjectName {
  return {
    kind,
    namespace: metadataText(object, 'namespace') ?? '',
    name: metadataText(object, 'name') ?? '',
  };
}

/** The value at a path of keys and indices; undefined where there is nothing. */
export function valueAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? at[step] : undefined;
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** The text at a path; undefined for anything but text. */
export function textAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The items at a path; none where there is no list. */
export function itemsAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): readonly JsonValue[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

/** `app=web,tier=front` */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function findResource(cluster: Cluster, word: string): ApiResource {
  const [name = '', ...group] = word.toLowerCase().split('.');
  for (const groupVersion of groupVersions(cluster)) {
    if (group.length > 0 && groupVersion.split('/')[0] !== group.join('.')) continue;
    for (const entry of itemsAt(get(cluster, discoveryPath(groupVersion)), 'resources')) {
      const plural = textAt(entry, 'name') ?? '';
      const kind = textAt(entry, 'kind') ?? '';
      const names = [
        plural,
        textAt(entry, 'singularName'),
        kind.toLowerCase(),
        ...itemsAt(entry, 'shortNames'),
      ];
      if (plural.includes('/') || !names.includes(name)) continue;
      return { groupVersion, plural, kind, namespaced: valueAt(entry, 'namespaced') === true };
    }
  }
  throw new Error(`the API serves no resource "${word}"`);
}

function discoveryPath(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

/** Core first, then groups in the order of discovery with the preferred version of each. */
function groupVersions(cluster: Cluster): readonly string[] {
  const groups = itemsAt(get(cluster, '/apis'), 'groups').map((group) =>
    textAt(group, 'preferredVersion', 'groupVersion'),
  );
  return ['v1', ...groups.filter((group) => group !== undefined)];
}

function collectionPath(resource: ApiResource, namespace: string): string {
  const root = resource.groupVersion.includes('/') ? '/apis' : '/api';
  const middle = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `${root}/${resource.groupVersion}${middle}/${resource.plural}`;
}

function listItems(cluster: Cluster, path: string): readonly JsonObject[] {
  return itemsAt(get(cluster, path), 'items').filter(isObject);
}

function get(cluster: Cluster, path: string): JsonObject {
  const response = cluster.request({ method: 'GET', path, headers: { accept: 'application/json' } });
  if (response.type !== 'object' || response.code !== 200) {
    throw new Error(`GET ${path} answered ${response.code}`);
  }
  return response.body;
}

function hasLabels(object: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => valueAt(object, 'metadata', 'labels', key) === value);
}

function metadataText(object: JsonObject, key: string): string | undefined {
  return textAt(object, 'metadata', key);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
