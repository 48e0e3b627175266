/**
 * Turns JSON that a client sent into an object as the API server would write it back: unknown and duplicate fields are
 * reported, types are checked in the words of Go's JSON decoder, nulls and empty optional fields vanish, fields that Go
 * always writes appear (`status: {}`), quantities and times take their canonical form.
 * Source: sigs.k8s.io/json, k8s.io/apimachinery/pkg/runtime/serializer/json.
 */
import { deepFreeze, isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { FieldSchema, FieldType, Schema, TypeSchema } from '../schema/schema.ts';
import type { DuplicateKeys } from './go-json.ts';
import {
  DecodeAbort,
  decodeMicroTime,
  decodeScalar,
  decodeTime,
  describeGoKind,
  TypeMismatch,
} from './scalars.ts';

/** What the client wants done about fields that the server does not know. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** A decoded object, and what was wrong with its fields without keeping it from being decoded. */
export interface Decoded {
  readonly object: JsonObject;
  /** Warnings for the client under `Warn`: `unknown field "spec.prots"`. */
  readonly warnings: readonly string[];
}

/** Strict errors that are kept; sigs.k8s.io/json stops at the same number. */
const maxStrictErrors = 100;
/** Deeper than any kind of Kubernetes but for a CRD's schema; Go's decoder stops at 10,000. */
const maxDepth = 500;

export interface DecodeOptions {
  readonly fieldValidation: FieldValidation;
  /** Keys that came twice, as {@link parseGoJson} found them. */
  readonly duplicates?: DuplicateKeys;
  /**
   * An object of the same type that was decoded before. Fields that are the very same value in both are taken as they are:
   * a controller that writes a status hands back what it read in all else.
   */
  readonly known?: JsonObject;
}

/**
 * Decodes a value as a type of the schema. The error is what follows `… cannot be handled as a …: `, such as
 * `strict decoding error: unknown field "spec.prots"`.
 */
export function decodeObject(
  schema: Schema,
  schemaName: string,
  json: JsonValue,
  options: DecodeOptions,
): Result<Decoded, string> {
  const type = schema.type(schemaName);
  if (type === undefined) return err(`no schema for ${schemaName}`);
  const decoder = new Decoder(schema, options.duplicates);
  try {
    const object = decoder.decodeRoot(json, type, options.known);
    if (decoder.firstMismatch !== undefined) return err(decoder.firstMismatch);
    const problems = decoder.strictErrors;
    if (options.fieldValidation === 'Strict' && problems.length > 0) {
      return err(`strict decoding error: ${problems.join(', ')}`);
    }
    return ok({ object, warnings: options.fieldValidation === 'Warn' ? problems : [] });
  } catch (thrown) {
    if (thrown instanceof DecodeAbort) return err(thrown.message);
    throw thrown;
  }
}

/** What stands in a list or map for a null, by the kind of its items. */
const zeroItems: ReadonlyMap<FieldType['kind'], JsonValue> = new Map<FieldType['kind'], JsonValue>([
  ['string', ''],
  ['boolean', false],
  ['int32', 0],
  ['int64', 0],
  ['double', 0],
  ['quantity', '0'],
]);

/** A type's fields in Go's order: where each stands, and what Go writes for it when it was not set. */
interface Layout {
  readonly fields: readonly FieldSchema[];
  readonly places: ReadonlyMap<string, number>;
  /** Undefined where Go leaves the field out. */
  readonly absent: readonly (JsonValue | undefined)[];
}

// It follows from the schema alone and is asked for with every object: made once, its values frozen, shared.
const layouts = new WeakMap<TypeSchema, Layout>();

/** The state of one decoding: where it stands, and what it found. */
class Decoder {
  readonly strictErrors: string[] = [];
  firstMismatch: string | undefined;
  /** Go's path: names of fields only. */
  readonly #fields: string[] = [];
  /** The strict errors' path: with indices and map keys. */
  readonly #path: (string | number)[] = [];
  readonly #schema: Schema;
  readonly #duplicates: DuplicateKeys | undefined;
  #struct: TypeSchema | undefined;

  constructor(schema: Schema, duplicates: DuplicateKeys | undefined) {
    this.#schema = schema;
    this.#duplicates = duplicates;
  }

  decodeRoot(json: JsonValue, type: TypeSchema, known: JsonObject | undefined): JsonObject {
    if (isJsonObject(json)) return this.#decodeStruct(json, type, known);
    this.#mismatch(describeGoKind(json), `v1.${type.goName}`);
    return {};
  }

  #decodeStruct(json: JsonObject, type: TypeSchema, known?: JsonValue): JsonObject {
    const outer = this.#struct;
    this.#struct = type;
    const { fields, places, absent } = this.#layoutOf(type);
    const decoded = [...absent];
    const duplicates = this.#duplicates?.get(json);
    for (const key of Object.keys(json)) {
      const value = json[key];
      const place = places.get(key);
      const field = place === undefined ? undefined : fields[place];
      if (value === undefined || place === undefined || field === undefined) {
        this.#strict(`unknown field "${this.#pathTo(key)}"`);
        continue;
      }
      const before = isJsonObject(known) ? known[key] : undefined;
      if (value === before && typeof value === 'object' && value !== null) {
        decoded[place] = asEncoded(value, field);
        continue;
      }
      if (duplicates?.has(key) === true) this.#strict(`duplicate field "${this.#pathTo(key)}"`);
      const embeddedIn = field.embeddedIn ?? this.#typeMetaOf(type, key);
      this.#fields.push(embeddedIn === undefined ? key : `${embeddedIn}.${key}`);
      this.#path.push(key);
      const result = this.#decodeValue(value, field.type, field.goType, before);
      this.#fields.pop();
      this.#path.pop();
      if (result !== null) decoded[place] = asEncoded(result, field);
    }
    this.#struct = outer;
    return encodeStruct(fields, decoded);
  }

  /** An object inside another embeds the struct that holds its kind. */
  #typeMetaOf(type: TypeSchema, key: string): string | undefined {
    if (key !== 'kind' && key !== 'apiVersion') return undefined;
    return this.#fields.length > 0 && type.fields.has('metadata') ? 'TypeMeta' : undefined;
  }

  #layoutOf(type: TypeSchema): Layout {
    const known = layouts.get(type);
    if (known !== undefined) return known;
    const fields = [...type.fields.values()];
    const layout: Layout = {
      fields,
      places: new Map(fields.map(({ name }, place) => [name, place])),
      absent: fields.map((field) => deepFreeze(this.#makeAbsentValue(field))),
    };
    layouts.set(type, layout);
    return layout;
  }

  /** What Go writes for a struct without a single field set. */
  #emptyStruct(type: TypeSchema): JsonObject {
    const { fields, absent } = this.#layoutOf(type);
    return encodeStruct(fields, absent);
  }

  #makeAbsentValue(field: FieldSchema): JsonValue | undefined {
    if (field.omitZero || (field.omitEmpty && (field.isPointer || !isGoStruct(field.type, field.goType))))
      return undefined;
    if (field.isPointer) return null;
    switch (field.type.kind) {
      case 'ref': {
        const type = this.#schema.type(field.type.name);
        return type === undefined ? null : this.#emptyStruct(type);
      }
      case 'string':
        return '';
      case 'boolean':
        return false;
      case 'int32':
      case 'int64':
      case 'double':
      case 'intorstring':
        return 0;
      case 'quantity':
        return '0';
      default:
        return null;
    }
  }

  #decodeValue(json: JsonValue, type: FieldType, goType: string, known?: JsonValue): JsonValue {
    if (json === null) return null;
    if (this.#fields.length > maxDepth) throw new DecodeAbort('exceeded max depth');
    switch (type.kind) {
      case 'ref':
        return this.#decodeRef(json, type.name, goType, known);
      case 'array':
        return this.#decodeArray(json, type.items, goType);
      case 'map':
        return this.#decodeMap(json, type.values, goType);
      case 'any':
        return this.#decodeAny(json, goType);
      case 'time':
      case 'microtime':
        if (typeof json === 'string') return type.kind === 'time' ? decodeTime(json) : decodeMicroTime(json);
        this.#mismatch(describeGoKind(json), 'string');
        return null;
      default: {
        const result = decodeScalar(json, type.kind);
        if (!(result instanceof TypeMismatch)) return result;
        this.#mismatch(result.found, result.wanted ?? goType);
        return null;
      }
    }
  }

  /** Some values of any shape have types that Go reads by code of their own. */
  #decodeAny(json: JsonValue, goType: string): JsonValue {
    switch (goType) {
      case 'v1.JSONSchemaPropsOrBool':
        if (isJsonObject(json) || typeof json === 'boolean') return json;
        throw new DecodeAbort('boolean or JSON schema expected');
      case 'v1.JSONSchemaPropsOrArray':
        return typeof json === 'object' ? json : null;
      case 'v1.CustomResourceSubresourceStatus':
        if (isJsonObject(json)) return json;
        this.#mismatch(describeGoKind(json), goType);
        return null;
      default:
        return json;
    }
  }

  #decodeRef(json: JsonValue, name: string, goType: string, known?: JsonValue): JsonValue {
    const type = this.#schema.type(name);
    // Types that Go reads by code of their own (JSONSchemaPropsOrBool) have no fields in the table.
    if (type === undefined) return json;
    if (isJsonObject(json)) return this.#decodeStruct(json, type, known);
    this.#mismatch(describeGoKind(json), goType);
    return null;
  }

  #decodeArray(json: JsonValue, items: FieldType, goType: string): JsonValue {
    if (!Array.isArray(json)) {
      this.#mismatch(describeGoKind(json), goType);
      return null;
    }
    const itemGoType = goType.startsWith('[]') ? goType.slice(2) : goType;
    return json.map((item: JsonValue, index) => {
      this.#path.push(index);
      const result = this.#decodeValue(item, items, itemGoType);
      this.#path.pop();
      return result ?? this.#zeroItem(items);
    });
  }

  #decodeMap(json: JsonValue, values: FieldType, goType: string): JsonValue {
    if (!isJsonObject(json)) {
      this.#mismatch(describeGoKind(json), goType);
      return null;
    }
    const duplicates = this.#duplicates?.get(json);
    const entries = Object.entries(json).map(([key, item]): [string, JsonValue] => {
      if (duplicates?.has(key) === true) this.#strict(`duplicate field "${this.#pathTo(key)}"`);
      this.#path.push(key);
      const result = this.#decodeValue(item, values, goType.slice(goType.indexOf(']') + 1));
      this.#path.pop();
      return [key, result ?? this.#zeroItem(values)];
    });
    // Go writes the keys of a map in order. fromEntries makes `__proto__` a plain key.
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  /** What stands in a list or map for a null. */
  #zeroItem(type: FieldType): JsonValue {
    if (type.kind !== 'ref') return zeroItems.get(type.kind) ?? null;
    const known = this.#schema.type(type.name);
    return known === undefined ? null : this.#emptyStruct(known);
  }

  /** Go goes on after a value of the wrong type and reports the first. */
  #mismatch(found: string, goType: string): void {
    const place =
      this.#struct === undefined
        ? 'Go value'
        : `Go struct field ${this.#struct.goName}.${this.#fields.join('.')}`;
    this.firstMismatch ??= `json: cannot unmarshal ${found} into ${place} of type ${goType}`;
  }

  #strict(problem: string): void {
    if (this.strictErrors.length < maxStrictErrors && !this.strictErrors.includes(problem))
      this.strictErrors.push(problem);
  }

  #pathTo(key: string): string {
    const path = [...this.#path, key].map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`));
    return path.join('').slice(1);
  }
}

/** A value that was set as Go writes it: undefined when it leaves it out. */
function asEncoded(value: JsonValue, field: FieldSchema): JsonValue | undefined {
  if (field.isPointer || !isEmpty(value, field.type)) return value;
  if (field.omitEmpty) return undefined;
  // The server keeps objects as protobuf, which knows no empty list: it comes back as null.
  return typeof value === 'object' ? null : value;
}

/** A struct of the values that there are, in the order of its fields. */
function encodeStruct(
  fields: readonly FieldSchema[],
  values: readonly (JsonValue | undefined)[],
): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (let place = 0; place < fields.length; place += 1) {
    const value = values[place];
    const name = fields[place]?.name;
    if (value !== undefined && name !== undefined) object[name] = value;
  }
  return object;
}

function isGoStruct(type: FieldType, goType: string): boolean {
  if (type.kind === 'any') return goType === 'runtime.RawExtension';
  return ['ref', 'time', 'microtime', 'quantity', 'intorstring'].includes(type.kind);
}

function isEmpty(value: JsonValue, type: FieldType): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (type.kind === 'map') return isJsonObject(value) && Object.keys(value).length === 0;
  if (type.kind === 'intorstring' || type.kind === 'quantity') return false;
  return value === '' || value === 0 || value === false;
}
