/** Going through the JSON of a schema. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { struct, structs } from '../read.ts';

/** Calls `visit` for the schemas right below one, with their paths. */
export function eachSubschema(
  schema: JsonObject,
  path: string,
  visit: (child: JsonObject, path: string, key: string) => void,
): void {
  for (const key of ['additionalProperties', 'not', 'items']) {
    const child = schema[key];
    if (isJsonObject(child)) visit(child, `${path}.${key}`, key);
  }
  for (const [name, child] of sortedEntries(struct(schema, 'properties'))) {
    if (isJsonObject(child)) visit(child, `${path}.properties[${name}]`, name);
  }
  for (const key of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, child] of structs(schema, key).entries())
      visit(child, `${path}.${key}[${index}]`, key);
  }
}

/** The fields of an object by their names. */
export function sortedEntries(object: JsonObject): readonly (readonly [string, JsonValue])[] {
  return Object.entries(object).sort(([a], [b]) => compareKeys(a, b));
}
