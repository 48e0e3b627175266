/** From a kind that discovery names to its type in the generated schema table. */
import { loadSchema } from '../api/schema/schema.ts';
import type { Mapping } from './rest/discovery.ts';

/** Kinds whose models carry their group's name, since two groups have one of that name. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['', 'Core'],
  ['events.k8s.io', 'Events'],
  ['discovery.k8s.io', 'Discovery'],
]);

/** The name of a kind's type in the schema table; undefined for kinds that are not built in. */
export function schemaTypeOf(mapping: Mapping): string | undefined {
  const schema = loadSchema();
  const isBuiltIn = !mapping.group.includes('.') || mapping.group.endsWith('.k8s.io');
  if (!isBuiltIn) return undefined;
  const version = mapping.version.charAt(0).toUpperCase() + mapping.version.slice(1);
  const candidates = [
    `${version}${mapping.kind}`,
    `${prefixes.get(mapping.group) ?? ''}${version}${mapping.kind}`,
  ];
  return candidates.find((name) => schema.type(name) !== undefined);
}
