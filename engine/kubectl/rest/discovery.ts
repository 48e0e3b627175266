/** What a cluster serves, asked of `/api` and `/apis`: client-go's discovery client. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Outcome } from '../failure.ts';
import { listAt, objectsAt, stringAt, valueAt } from './object-fields.ts';

/** What discovery is asked through. */
export interface Discoverer {
  get(path: string): Promise<Outcome<JsonObject>>;
}

/** A kind as discovery describes it. */
export interface Mapping {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Names of its subresources: `scale`. */
  readonly subresources: readonly string[];
}

/** A group with its versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Groups as the server lists them, core first. */
export async function discoverGroups(client: Discoverer): Promise<Outcome<readonly ApiGroup[]>> {
  const core = await client.get('/api');
  if (!core.ok) return core;
  const named = await client.get('/apis');
  if (!named.ok) return named;
  const coreVersions = listAt(core.value, 'versions').filter((version) => typeof version === 'string');
  return ok([{ name: '', versions: coreVersions }, ...objectsAt(named.value, 'groups').map(readGroup)]);
}

function readGroup(group: JsonObject): ApiGroup {
  const preferred = stringAt(group, 'preferredVersion', 'version');
  const versions = objectsAt(group, 'versions').map((version) => stringAt(version, 'version'));
  return {
    name: stringAt(group, 'name'),
    versions: [preferred, ...versions.filter((version) => version !== preferred)].filter(
      (version) => version !== '',
    ),
  };
}

/** Every kind of every group and version, in order of preference. */
export async function discoverMappings(client: Discoverer): Promise<Outcome<readonly Mapping[]>> {
  const groups = await discoverGroups(client);
  if (!groups.ok) return groups;
  const mappings: Mapping[] = [];
  for (const group of groups.value) {
    for (const version of group.versions) {
      const path = group.name === '' ? `/api/${version}` : `/apis/${group.name}/${version}`;
      const list = await client.get(path);
      if (!list.ok) return list;
      mappings.push(...mappingsOf(list.value, group.name, version));
    }
  }
  return ok(mappings);
}

// A server in the same process hands out one frozen list for every request; it is read once.
const knownMappings = new WeakMap<JsonObject, readonly Mapping[]>();

function mappingsOf(list: JsonObject, group: string, version: string): readonly Mapping[] {
  const mappings = knownMappings.get(list) ?? readMappings(list, group, version);
  if (Object.isFrozen(list)) knownMappings.set(list, mappings);
  return mappings;
}

function readMappings(list: JsonObject, group: string, version: string): Mapping[] {
  const resources = objectsAt(list, 'resources');
  const names = resources.map((resource) => stringAt(resource, 'name'));
  return resources
    .filter((resource) => !stringAt(resource, 'name').includes('/'))
    .map((resource) => {
      const plural = stringAt(resource, 'name');
      const kind = stringAt(resource, 'kind');
      return {
        group,
        version,
        kind,
        plural,
        singular: stringAt(resource, 'singularName') || kind.toLowerCase(),
        shortNames: stringsAt(resource, 'shortNames'),
        categories: stringsAt(resource, 'categories'),
        namespaced: valueAt(resource, 'namespaced') === true,
        verbs: stringsAt(resource, 'verbs'),
        subresources: names
          .filter((name) => name.startsWith(`${plural}/`))
          .map((name) => name.slice(plural.length + 1)),
      };
    });
}

function stringsAt(object: JsonObject, field: string): readonly string[] {
  return listAt(object, field).filter((item) => typeof item === 'string');
}
