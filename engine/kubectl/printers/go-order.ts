/** The order in which Go writes an object that it holds as a struct: that of the struct's fields. */
import { type FieldType, loadSchema, type Schema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** The object with its keys in the order of a type of the schema table, all the way down. */
export function inGoOrder(object: JsonObject, typeName: string): JsonObject {
  return orderStruct(object, typeName, loadSchema());
}

function orderStruct(object: JsonObject, typeName: string, schema: Schema): JsonObject {
  const fields = schema.type(typeName)?.fields ?? new Map();
  const names = [...fields.keys()].filter((name) => Object.hasOwn(object, name));
  const others = Object.keys(object).filter((name) => !fields.has(name));
  return Object.fromEntries(
    [...names, ...others.sort(compareKeys)].map((name) => [
      name,
      orderValue(object[name] ?? null, fields.get(name)?.type, schema),
    ]),
  );
}

function orderValue(value: JsonValue, type: FieldType | undefined, schema: Schema): JsonValue {
  if (type?.kind === 'array' && Array.isArray(value))
    return value.map((item) => orderValue(item, type.items, schema));
  if (!isJsonObject(value)) return value;
  if (type?.kind === 'ref') return orderStruct(value, type.name, schema);
  const inner = type?.kind === 'map' ? type.values : undefined;
  const keys = Object.keys(value).sort(compareKeys);
  return Object.fromEntries(keys.map((key) => [key, orderValue(value[key] ?? null, inner, schema)]));
}
