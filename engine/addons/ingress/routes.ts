/**
 * The hosts that a controller serves, each with its table, kept up to date Ingress by Ingress: a change makes the tables of
 * its hosts anew when they are next asked for, and no others. Of several Ingresses for one host the oldest comes first.
 * Source: ingress-nginx, internal/ingress/controller/controller.go (getBackendServers, createServers,
 * mergeAlternativeBackends), store.go (ListIngresses).
 * Differs: no reload takes time; what is written holds for the next request.
 */
import { keyOf } from '../../api/objects/keys.ts';
import type { Ingress } from '../../api/types/kinds.ts';
import { type ReadSettings, readSettings } from './annotations.ts';
import { createHostTable, type HostTable, type PathRule } from './host-table.ts';

/** The host whose table takes requests for hosts that nobody has rules for. */
export const anyHost = '_';

/** An Ingress as it was read. */
export interface ServedIngress extends ReadSettings {
  readonly ingress: Ingress;
}

/** Every host's table. */
export interface Routes {
  /** Puts an Ingress in, in place of what was there under its key; undefined takes it out. */
  put(key: string, ingress: Ingress | undefined): void;
  /** The host that serves a name: itself, the wildcard over it, or {@link anyHost}. */
  hostOf(name: string): string;
  table(host: string): HostTable;
  /** The Ingresses with rules for a host, the oldest first. */
  ingressesOf(host: string): readonly ServedIngress[];
  hosts(): readonly string[];
}

/** No Ingress yet. */
export function createRoutes(): Routes {
  const served = new Map<string, ServedIngress>();
  const keysByHost = new Map<string, Set<string>>();
  const tables = new Map<string, HostTable>();
  /** Hosts that stand for another one: of several who want the same the first has it. */
  const aliases = new Map<string, { readonly key: string; readonly host: string }>();

  const sorted = new Map<string, readonly ServedIngress[]>();
  const ingressesOf = (host: string): readonly ServedIngress[] => {
    const known = sorted.get(host);
    if (known !== undefined) return known;
    const made = [...(keysByHost.get(host) ?? [])]
      .flatMap((key) => served.get(key) ?? [])
      .sort((a, b) => compareAge(a.ingress, b.ingress));
    sorted.set(host, made);
    return made;
  };
  const forget = (host: string) => {
    tables.delete(host);
    sorted.delete(host);
  };

  return {
    put(key, ingress) {
      const before = served.get(key);
      if (before !== undefined) {
        for (const host of hostsOf(before.ingress)) {
          const keys = keysByHost.get(host);
          keys?.delete(key);
          if (keys?.size === 0) keysByHost.delete(host);
          forget(host);
        }
        served.delete(key);
        for (const [alias, owner] of aliases) if (owner.key === key) aliases.delete(alias);
      }
      if (ingress === undefined || wrongPaths(ingress).length > 0) return;
      const read = readSettings(ingress);
      served.set(key, { ingress, ...read });
      const [first] = hostsOf(ingress);
      for (const alias of read.settings.aliases)
        if (first !== undefined && !aliases.has(alias)) aliases.set(alias, { key, host: first });
      for (const host of hostsOf(ingress)) {
        const keys = keysByHost.get(host) ?? new Set();
        keysByHost.set(host, keys.add(key));
        forget(host);
      }
    },
    hostOf(name) {
      if (keysByHost.has(name)) return name;
      const alias = aliases.get(name);
      if (alias !== undefined) return alias.host;
      const dot = name.indexOf('.');
      const wildcard = `*${name.slice(dot)}`;
      return dot > 0 && keysByHost.has(wildcard) ? wildcard : anyHost;
    },
    table(host) {
      const known = tables.get(host);
      if (known !== undefined) return known;
      const made = createHostTable(host, rulesOf(host, ingressesOf(host)));
      tables.set(host, made);
      return made;
    },
    ingressesOf,
    hosts: () => [...keysByHost.keys()].sort(),
  };
}

/**
 * What the paths of an Ingress are refused for: with Exact and Prefix only letters that mean themselves may be written.
 * Source: ingress-nginx, internal/ingress/inspector/service.go (ValidatePathType), strict-validate-path-type.
 */
export function wrongPaths(ingress: Ingress): readonly string[] {
  return pathsOf(ingress)
    .filter(({ path = '', pathType }) => pathType !== 'ImplementationSpecific' && !plainPath.test(path))
    .map(({ path = '', pathType }) => `path ${path} cannot be used with pathType ${pathType}`);
}

const plainPath = /^(?:\/[A-Za-z0-9._~/-]*)?$/;

function pathsOf(ingress: Ingress) {
  return (ingress.spec?.rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
}

/** A host's rules: those of every Ingress in order, and last what takes all that they leave. */
function rulesOf(host: string, served: readonly ServedIngress[]): readonly PathRule[] {
  const rules: PathRule[] = [];
  const canaries: PathRule[] = [];
  let fallback: PathRule | undefined;
  for (const { ingress, settings } of served) {
    const isCanary = settings.canary !== undefined;
    const base = {
      ingress: keyOf(ingress),
      namespace: ingress.metadata.namespace ?? '',
      settings,
      canaries: [],
    } as const;
    for (const rule of ingress.spec?.rules ?? []) {
      if (hostKey(rule.host) !== host) continue;
      for (const { path, pathType, backend } of rule.http?.paths ?? []) {
        const type = pathTypes.find((known) => known === pathType) ?? 'ImplementationSpecific';
        const made = { ...base, path: path || '/', pathType: type, backend, isDefaultBackend: false };
        (isCanary ? canaries : rules).push(made);
      }
    }
    const backend = ingress.spec?.defaultBackend;
    const mayFallBack = host !== anyHost || (ingress.spec?.rules ?? []).length === 0;
    if (!isCanary && fallback === undefined && mayFallBack) {
      const whole = { path: '/', pathType: 'Prefix', isDefaultBackend: true } as const;
      // The first Ingress of a host decides, even when it has no default backend.
      fallback = { ...base, ...whole, ...(backend === undefined ? {} : { backend }) };
    }
  }
  const withCanaries = rules.map((rule) => {
    const own = canaries.filter(({ path, pathType }) => path === rule.path && pathType === rule.pathType);
    if (own.length === 0) return rule;
    return {
      ...rule,
      canaries: own.flatMap(({ ingress, backend, settings }) =>
        backend === undefined ? [] : [{ ingress, backend, settings }],
      ),
    };
  });
  return fallback === undefined ? withCanaries : [...withCanaries, fallback];
}

const pathTypes = ['Exact', 'Prefix', 'ImplementationSpecific'] as const;

function hostsOf(ingress: Ingress): ReadonlySet<string> {
  const rules = ingress.spec?.rules ?? [];
  return new Set(rules.length === 0 ? [anyHost] : rules.map(({ host }) => hostKey(host)));
}

function hostKey(host: string | undefined): string {
  return host === undefined || host === '' ? anyHost : host;
}

/** The older first; of the same second the one whose name is greater, as the controller has it. */
function compareAge(a: Ingress, b: Ingress): number {
  const [one, other] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (one !== other) return one < other ? -1 : 1;
  return keyOf(a) > keyOf(b) ? -1 : 1;
}
