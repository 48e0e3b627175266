/** From a kind that discovery names to its type in the generated schema table. */
import { loadSchema } from '../api/schema/schema.ts';
import type { Mapping } from './rest/discovery.ts';
import { apiVersionOf, splitApiVersion } from './rest/rest-mapper.ts';

/** Kinds whose models carry their group's name, since two groups have one of that name. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['', 'Core'],
  ['events.k8s.io', 'Events'],
  ['discovery.k8s.io', 'Discovery'],
]);

/** The name of a kind's type in the schema table; undefined for kinds that are not built in. */
export function schemaTypeOf(mapping: Mapping): string | undefined {
  return builtInType(apiVersionOf(mapping), mapping.kind);
}

/** The same for an object's apiVersion and kind. */
export function builtInType(apiVersion: string, kind: string): string | undefined {
  const { group, version } = splitApiVersion(apiVersion);
  if (group.includes('.') && !group.endsWith('.k8s.io')) return undefined;
  const schema = loadSchema();
  const prefix = version.charAt(0).toUpperCase() + version.slice(1);
  const candidates = [`${prefix}${kind}`, `${prefixes.get(group) ?? ''}${prefix}${kind}`];
  return candidates.find((name) => schema.type(name) !== undefined);
}
