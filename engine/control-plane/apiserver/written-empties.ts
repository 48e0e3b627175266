/**
 * Refusals that show part of an object show empty lists and maps as the client wrote them: `[]`, where what is kept has none.
 * The server holds a list of Go that is empty until it writes it; here it is gone after decoding, and comes back for the
 * message alone.
 */
import type { FieldType, Schema } from '../../api/schema/schema.ts';
import type { FieldError } from '../../api/scheme.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { readBody } from './decode-body.ts';
import type { Call } from './server-context.ts';

/** The problems of an object that a POST or PUT brought, in the words that the object as it was written calls for. */
export function asWritten(
  call: Call,
  object: JsonObject,
  problemsOf: (object: JsonObject) => readonly FieldError[],
): readonly FieldError[] {
  const { kind, request, server } = call;
  const { method } = request;
  const problems = problemsOf(object);
  const isHeeded = kind.heedsEmptyLists === true;
  if ((problems.length === 0 && !isHeeded) || kind.custom !== undefined) return problems;
  if (method !== 'POST' && method !== 'PUT') return problems;
  const body = readBody(call);
  if (!body.ok) return problems;
  const shown = problemsOf(withEmpties(server.schema, kind.schema, object, body.value.object));
  if (isHeeded) return shown;
  // Nothing is refused for an empty list that would not be refused without it.
  const isSame =
    shown.length === problems.length && shown.every(({ field }, index) => field === problems[index]?.field);
  return isSame ? shown : problems;
}

/** Types that messages show as they are written, where empty lists are left out. */
const shownAsWritten = new Set(['V1LabelSelector']);

function withEmpties(schema: Schema, typeName: string, object: JsonObject, written: JsonObject): JsonObject {
  const type = shownAsWritten.has(typeName) ? undefined : schema.type(typeName);
  if (type === undefined) return object;
  const changes = Object.entries(written).flatMap(([key, value]): [string, JsonValue][] => {
    const field = type.fields.get(key);
    if (field === undefined) return [];
    const kept = object[key];
    if (kept === undefined || kept === null) return isEmpty(field.type, value) ? [[key, value]] : [];
    return [[key, withEmptiesInside(schema, field.type, kept, value)]];
  });
  return { ...object, ...Object.fromEntries(changes) };
}

function withEmptiesInside(schema: Schema, type: FieldType, kept: JsonValue, written: JsonValue): JsonValue {
  if (isJsonObject(kept) && isJsonObject(written)) {
    if (type.kind === 'ref') return withEmpties(schema, type.name, kept, written);
    if (type.kind !== 'map') return kept;
    const entries = Object.entries(kept).map(([key, value]): [string, JsonValue] => [
      key,
      withEmptiesInside(schema, type.values, value, written[key] ?? null),
    ]);
    return Object.fromEntries(entries);
  }
  if (type.kind !== 'array' || !Array.isArray(kept) || !Array.isArray(written)) return kept;
  if (kept.length !== written.length) return kept;
  return kept.map((item: JsonValue, index) =>
    withEmptiesInside(schema, type.items, item, written[index] ?? null),
  );
}

function isEmpty(type: FieldType, value: JsonValue): boolean {
  if (type.kind === 'array') return Array.isArray(value) && value.length === 0;
  return type.kind === 'map' && isJsonObject(value) && Object.keys(value).length === 0;
}
