/**
 * Which groups, versions and resources are served: the plain documents and the aggregated one that kubectl prefers. Source:
 * k8s.io/apiserver/pkg/endpoints/discovery and discovery/aggregated.
 */
import { createHash } from 'node:crypto';
import type { ApiRequest } from '../../api/request.ts';
import type { KindDefinition, Scheme } from '../../api/scheme.ts';
import { deepFreeze, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** Verbs and kinds of subresources that are not those of their parent. */
const subresourceKinds = new Map<
  string,
  { readonly kind: string; readonly group: string; readonly version: string }
>([
  ['scale', { kind: 'Scale', group: 'autoscaling', version: 'v1' }],
  ['eviction', { kind: 'Eviction', group: 'policy', version: 'v1' }],
  ['token', { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' }],
]);
const subresourceVerbs = new Map<string, readonly string[]>([
  ['status', ['get', 'patch', 'update']],
  ['approval', ['get', 'patch', 'update']],
  ['scale', ['get', 'patch', 'update']],
  ['log', ['get']],
  ['exec', ['create', 'get']],
  ['attach', ['create', 'get']],
  ['portforward', ['create', 'get']],
  ['proxy', ['create', 'delete', 'get', 'patch', 'update']],
  ['binding', ['create']],
  ['eviction', ['create']],
  ['token', ['create']],
  ['finalize', ['update']],
  ['ephemeralcontainers', ['get', 'patch', 'update']],
]);
const connectKinds = new Map([
  ['exec', 'PodExecOptions'],
  ['attach', 'PodAttachOptions'],
  ['portforward', 'PodPortForwardOptions'],
  ['binding', 'Binding'],
]);

/** Source: cmd/kube-apiserver/app/aggregator.go, the priorities of API services. */
const groupOrder: readonly string[] = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'apiextensions.k8s.io',
  'admissionregistration.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
];

/** `/api`: the versions of the core group. */
export function legacyVersions(): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }],
  };
}

/** `/`: every path that leads somewhere. */
export function rootPaths(scheme: Scheme): JsonObject {
  const groups = namedGroups(scheme).flatMap((group) => [
    `/apis/${group}`,
    ...versionsOf(scheme, group).map((version) => `/apis/${group}/${version}`),
  ]);
  const others = ['/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/readyz', '/version'];
  return { paths: ['/api', '/api/v1', '/apis', '/apis/', ...groups.toSorted(compareKeys), ...others] };
}

/** `/apis`: every named group. */
export function groupList(scheme: Scheme): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: namedGroups(scheme).map((group) => groupDocument(scheme, group)),
  };
}

/** `/apis/GROUP`. */
export function groupDiscovery(scheme: Scheme, group: string): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(scheme, group) };
}

// The kinds of a scheme never change, and every kubectl asks for all lists: they are made once, frozen, shared.
const knownLists = new WeakMap<Scheme['kinds'], Map<string, JsonObject>>();

/** `/api/v1` and `/apis/GROUP/VERSION`: the resources of one version. */
export function resourceList(scheme: Scheme, group: string, version: string): JsonObject {
  const lists = knownLists.get(scheme.kinds) ?? new Map<string, JsonObject>();
  knownLists.set(scheme.kinds, lists);
  const key = `${group}/${version}`;
  const list = lists.get(key) ?? deepFreeze(makeResourceList(scheme, group, version));
  lists.set(key, list);
  return list;
}

function makeResourceList(scheme: Scheme, group: string, version: string): JsonObject {
  const kinds = kindsOf(scheme, group, version);
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: kinds.flatMap((kind) => [plainResource(kind), ...plainSubresources(kind)]),
  };
}

/** Whether a client asks for the aggregated form of `/api` or `/apis`. */
export function wantsAggregated(request: ApiRequest): boolean {
  return (request.headers?.accept ?? '')
    .split(',')
    .some(
      (clause) =>
        clause.includes('as=APIGroupDiscoveryList') && clause.includes('v=v2') && !clause.includes('v2beta1'),
    );
}

/** The aggregated form of `/api` (the core group) or `/apis` (the others). */
export function aggregatedDiscovery(scheme: Scheme, part: 'core' | 'named'): JsonObject {
  const groups = part === 'core' ? [''] : namedGroups(scheme);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === '' ? {} : { name: group }) },
      versions: versionsOf(scheme, group).map((version) => ({
        version,
        freshness: 'Current',
        resources: kindsOf(scheme, group, version).map(aggregatedResource),
      })),
    })),
  };
}

function aggregatedResource(kind: KindDefinition): JsonObject {
  const subresources = subresourcesOf(kind).map((name): JsonObject => {
    const response = subresourceKind(kind, name);
    return {
      subresource: name,
      responseKind: { ...responseVersion(kind, response), kind: response.kind },
      verbs: subresourceVerbs.get(name) ?? [],
    };
  });
  return {
    resource: kind.plural,
    responseKind: { ...responseVersion(kind, kind), kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** What is of the resource's own group and version is told without them, but for custom resources. */
function responseVersion(kind: KindDefinition, { group, version }: GroupVersion): JsonObject {
  const isOwn = group === kind.group && version === kind.version && kind.custom === undefined;
  return isOwn ? { group: '', version: '' } : { group, version };
}

/** In order of their paths; those of custom resources as their server lists them. */
function subresourcesOf({ subresources, custom }: KindDefinition): readonly string[] {
  return custom === undefined ? subresources.toSorted(compareKeys) : subresources;
}

function plainResource(kind: KindDefinition): JsonObject {
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(kind.verbs.includes('get') ? { storageVersionHash: storageVersionHash(kind) } : {}),
  };
}

/** By which clients tell that objects are kept in another version. Source: discovery.StorageVersionHash. */
function storageVersionHash({ group, version, kind, storage }: KindDefinition): string {
  const kept = storage === undefined ? { group, version } : keptVersion(storage.group, version);
  const name = `${kept.group}/${kept.version}/${kind}`;
  return createHash('sha256').update(name).digest().subarray(0, 8).toString('base64');
}

/** Where two versions share their objects, the newer is kept; Events of two groups are those of the core. */
function keptVersion(group: string, version: string): { readonly group: string; readonly version: string } {
  return { group, version: group === 'autoscaling' ? 'v2' : version };
}

function plainSubresources(kind: KindDefinition): readonly JsonValue[] {
  return subresourcesOf(kind).map((name) => {
    const response = subresourceKind(kind, name);
    const isForeign = response.group !== kind.group || response.version !== kind.version;
    return {
      name: `${kind.plural}/${name}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(isForeign ? { group: response.group, version: response.version } : {}),
      kind: response.kind,
      verbs: subresourceVerbs.get(name) ?? [],
    };
  });
}

function subresourceKind(
  kind: KindDefinition,
  name: string,
): { readonly kind: string; readonly group: string; readonly version: string } {
  const options = name === 'proxy' ? `${kind.kind}ProxyOptions` : connectKinds.get(name);
  const own = { kind: options ?? kind.kind, group: kind.group, version: kind.version };
  return subresourceKinds.get(name) ?? own;
}

function groupDocument(scheme: Scheme, group: string): JsonObject {
  const versions = versionsOf(scheme, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  const [preferred = { groupVersion: `${group}/v1`, version: 'v1' }] = versions;
  return { name: group, versions, preferredVersion: preferred };
}

/** Groups in the server's order, which decides between equal short names; others follow by name. */
function namedGroups(scheme: Scheme): readonly string[] {
  const groups = new Set(scheme.kinds.map((kind) => kind.group));
  const others = [...groups].filter((group) => group !== '' && !groupOrder.includes(group));
  return [...groupOrder.filter((group) => groups.has(group)), ...others.toSorted(compareKeys)];
}

function versionsOf(scheme: Scheme, group: string): readonly string[] {
  return [...new Set(scheme.kinds.filter((kind) => kind.group === group).map((kind) => kind.version))];
}

function kindsOf(scheme: Scheme, group: string, version: string): readonly KindDefinition[] {
  return scheme.kinds
    .filter((kind) => kind.group === group && kind.version === version)
    .toSorted((a, b) => compareKeys(a.plural, b.plural));
}
