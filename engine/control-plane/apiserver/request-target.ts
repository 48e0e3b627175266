/**
 * What a request path names. Source: k8s.io/apiserver/pkg/endpoints/request, RequestInfo.
 */
import type { KindDefinition, Scheme } from '../../api/scheme.ts';

/** A path that leads to objects of a kind. */
export interface ResourceTarget {
  readonly type: 'resource';
  readonly kind: KindDefinition;
  /** Empty for cluster-scoped kinds and for all namespaces. */
  readonly namespace: string;
  /** Empty for a collection. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** A path that leads to something else, or nowhere. */
export type Target =
  | ResourceTarget
  | { readonly type: 'health'; readonly path: string }
  | { readonly type: 'version' }
  | { readonly type: 'legacy-versions' }
  | { readonly type: 'groups' }
  | { readonly type: 'group'; readonly group: string }
  | { readonly type: 'resources'; readonly group: string; readonly version: string }
  /** `path` is what follows /openapi: `v2`, `v3`, `v3/apis/apps/v1`. */
  | { readonly type: 'openapi'; readonly path: string }
  /** `/`: the paths that there are. */
  | { readonly type: 'root' }
  /** Below something that is served, where there is no such resource. */
  | { readonly type: 'no-resource' }
  | { readonly type: 'unknown' };

const unknown: Target = { type: 'unknown' };
const noResource: Target = { type: 'no-resource' };

/** Finds out what a path names. */
export function parseTarget(path: string, scheme: Scheme): Target {
  const proxied = splitProxied(path);
  if (proxied !== undefined) return parseTarget(proxied.base, scheme);
  const segments = path.slice(path.startsWith('/') ? 1 : 0, path.endsWith('/') ? -1 : path.length).split('/');
  const [root, ...rest] = segments;
  if (root === '') return rest.length === 0 ? { type: 'root' } : unknown;
  if (root === 'healthz' || root === 'readyz' || root === 'livez') {
    return { type: 'health', path: segments.join('/') };
  }
  if (root === 'version' && rest.length === 0) return { type: 'version' };
  if (root === 'openapi') return { type: 'openapi', path: rest.join('/') };
  if (root === 'api') {
    if (rest.length === 0) return { type: 'legacy-versions' };
    return parseVersioned(scheme, '', rest);
  }
  if (root !== 'apis') return unknown;
  const [group, ...afterGroup] = rest;
  if (group === undefined) return { type: 'groups' };
  if (group === '') return unknown;
  const target = afterGroup.length === 0 ? noResource : parseVersioned(scheme, group, afterGroup);
  if (target.type === 'resource') return target;
  // Where there is no such resource, what is said depends on whether the group is served at all.
  if (!scheme.kinds.some((kind) => kind.group === group)) return unknown;
  return afterGroup.length === 0 ? { type: 'group', group } : target;
}

/** A path through a Pod, Service or node to what it serves: up to `proxy`, and what follows. */
export function splitProxied(path: string): { readonly base: string; readonly rest: string } | undefined {
  const [, base, rest] = proxiedPath.exec(path) ?? [];
  return base === undefined || rest === undefined ? undefined : { base, rest };
}

const proxiedPath = /^(\/api\/v1\/(?:namespaces\/[^/]+\/(?:pods|services)|nodes)\/[^/]+\/proxy)(\/.*)$/s;

function parseVersioned(scheme: Scheme, group: string, segments: readonly string[]): Target {
  const [version = '', ...rest] = segments;
  if (rest.includes('')) return noResource;
  if (rest.length === 0) {
    const isServed = scheme.kinds.some((kind) => kind.group === group && kind.version === version);
    return isServed ? { type: 'resources', group, version } : noResource;
  }
  const [first = '', second = '', third = '', ...deeper] = rest;
  // Below a namespace only the namespace's own subresources are not a plural.
  const isNamespaceSubresource = third === 'status' || third === 'finalize';
  if (first === 'namespaces' && second !== '' && third !== '' && !isNamespaceSubresource) {
    const kind = scheme.byResource(group, version, third);
    if (kind === undefined || !kind.namespaced) return noResource;
    return resourceTarget(kind, second, deeper);
  }
  const kind = scheme.byResource(group, version, first);
  if (kind === undefined) return noResource;
  // What is only created has no path across namespaces.
  if (kind.namespaced && !kind.verbs.includes('list')) return noResource;
  const target = resourceTarget(kind, '', rest.slice(1));
  return kind.namespaced && target.type === 'resource' && target.name !== '' ? noResource : target;
}

function resourceTarget(kind: KindDefinition, namespace: string, rest: readonly string[]): Target {
  const [name = '', subresource = '', ...tooMany] = rest;
  if (tooMany.length > 0 || (name !== '' && !kind.verbs.includes('get'))) return noResource;
  if (subresource !== '' && !kind.subresources.some((known) => known === subresource)) return noResource;
  return { type: 'resource', kind, namespace, name, subresource };
}
