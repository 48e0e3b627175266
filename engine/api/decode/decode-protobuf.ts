/**
 * Objects in the protobuf form that Go clients like best: read into the JSON that the same client would have sent. Source:
 * k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go (the envelope) and the Protocol Buffers encoding guide.
 *
 * Left out: writing it; answers are JSON, which every client takes as its second choice.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { FieldSchema, FieldType, Schema } from '../schema/schema.ts';
import { ProtobufError, type ProtobufField, readFields, readVarints } from './protobuf-wire.ts';

/** The media type of the form. */
export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** What the types are looked up in. */
export interface ProtobufTypes {
  readonly schema: Schema;
  /** The schema's name of a kind; undefined when there is no such kind. */
  typeOf(apiVersion: string, kind: string): string | undefined;
}

/** Nested deeper than any object is. */
const maxDepth = 64;
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Decodes an object in its envelope; a failure says what is wrong with it. */
export function decodeProtobuf(bytes: Uint8Array, types: ProtobufTypes): Result<JsonObject, string> {
  if (!magic.equals(bytes.subarray(0, magic.length))) {
    return err('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const envelope = readFields(bytes.subarray(magic.length));
    const typeMeta = readFields(bytesOf(envelope.find(({ number }) => number === 1)));
    const apiVersion = textOf(typeMeta.find(({ number }) => number === 1));
    const kind = textOf(typeMeta.find(({ number }) => number === 2));
    const typeName = types.typeOf(apiVersion, kind);
    if (typeName === undefined) {
      return err(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    }
    const raw = bytesOf(envelope.find(({ number }) => number === 2));
    return ok({ kind, apiVersion, ...decodeMessage(types.schema, typeName, raw, 0) });
  } catch (error) {
    if (error instanceof ProtobufError) return err(error.message);
    throw error;
  }
}

function decodeMessage(schema: Schema, typeName: string, bytes: Uint8Array, depth: number): JsonObject {
  if (depth > maxDepth) throw new ProtobufError('proto: message nested too deeply');
  const occurrences = flatten(schema, typeName, bytes);
  const entries: [string, JsonValue][] = [];
  for (const [name, field] of schema.type(typeName)?.fields ?? []) {
    const found = occurrences.get(name);
    if (found === undefined) continue;
    const value = decodeField(schema, field.type, found, depth);
    if (!isLeftOut(field, value)) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** The occurrences of each field by name; those of embedded structs, which are messages of their own, among them. */
function flatten(schema: Schema, typeName: string, bytes: Uint8Array): Map<string, ProtobufField[]> {
  const byNumber = new Map<number, string>();
  const embedded = new Map<number, Map<number, string>>();
  for (const [name, { protobuf }] of schema.type(typeName)?.fields ?? []) {
    if (protobuf === undefined) continue;
    if (protobuf.embedded === undefined) byNumber.set(protobuf.number, name);
    else {
      const inner = embedded.get(protobuf.embedded) ?? new Map<number, string>();
      embedded.set(protobuf.embedded, inner.set(protobuf.number, name));
    }
  }
  const occurrences = new Map<string, ProtobufField[]>();
  const add = (name: string | undefined, field: ProtobufField): void => {
    if (name === undefined) return;
    const found = occurrences.get(name);
    if (found === undefined) occurrences.set(name, [field]);
    else found.push(field);
  };
  for (const field of readFields(bytes)) {
    const inner = embedded.get(field.number);
    if (inner === undefined) add(byNumber.get(field.number), field);
    else for (const nested of readFields(bytesOf(field))) add(inner.get(nested.number), nested);
  }
  return occurrences;
}

function decodeField(
  schema: Schema,
  type: FieldType,
  found: readonly ProtobufField[],
  depth: number,
): JsonValue {
  if (type.kind === 'array') {
    const { items } = type;
    const isPacked = items.kind === 'int32' || items.kind === 'int64' || items.kind === 'boolean';
    const each = isPacked ? found.flatMap(unpack) : found;
    return each.map((field) => decodeValue(schema, items, field, depth));
  }
  if (type.kind === 'map') {
    return Object.fromEntries(
      found.map((field) => {
        const entry = readFields(bytesOf(field));
        const value = entry.find(({ number }) => number === 2) ?? emptyField;
        return [
          textOf(entry.find(({ number }) => number === 1)),
          decodeValue(schema, type.values, value, depth),
        ];
      }),
    );
  }
  // The last one counts, as the encoding guide has it.
  return decodeValue(schema, type, found.at(-1) ?? emptyField, depth);
}

const emptyField: ProtobufField = { number: 0, value: new Uint8Array() };

/** Numbers of a repeated field may stand together in one occurrence. */
function unpack(field: ProtobufField): readonly ProtobufField[] {
  if (typeof field.value === 'bigint') return [field];
  return readVarints(field.value).map((value) => ({ number: field.number, value }));
}

function decodeValue(schema: Schema, type: FieldType, field: ProtobufField, depth: number): JsonValue {
  switch (type.kind) {
    case 'string':
      return textOf(field);
    case 'boolean':
      return numberOf(field) !== 0;
    case 'int32':
    case 'int64':
      return numberOf(field);
    case 'double':
      return doubleOf(field);
    case 'byte':
      return Buffer.from(bytesOf(field)).toString('base64');
    case 'time':
      return decodeTime(field, 0);
    case 'microtime':
      return decodeTime(field, 6);
    case 'quantity':
      return textOf(readFields(bytesOf(field)).find(({ number }) => number === 1));
    case 'intorstring':
      return decodeIntOrString(field);
    case 'any':
      return decodeRaw(field);
    case 'array':
      // A list inside a map is a message around it: its items are field 1.
      return decodeField(
        schema,
        type,
        readFields(bytesOf(field)).filter(({ number }) => number === 1),
        depth + 1,
      );
    case 'map':
      throw new ProtobufError('proto: a map inside a map or list has no protobuf form');
    case 'ref':
      return decodeMessage(schema, type.name, bytesOf(field), depth + 1);
  }
}

/** Go leaves out what is empty unless it is a pointer; an unset time is null, which is the same as absent. */
function isLeftOut(field: FieldSchema, value: JsonValue): boolean {
  if (value === null) return true;
  if (field.isPointer || !field.omitEmpty) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (isJsonObject(value)) return field.type.kind === 'map' && Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function decodeTime(field: ProtobufField, digits: 0 | 6): JsonValue {
  const parts = readFields(bytesOf(field));
  const seconds = parts.find(({ number }) => number === 1);
  const nanos = parts.find(({ number }) => number === 2);
  if (seconds === undefined && nanos === undefined) return null;
  const ms = numberOf(seconds) * 1000;
  if (Math.abs(ms) > 8.64e15) throw new ProtobufError('proto: time out of range');
  const whole = new Date(ms).toISOString().slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  const micros = Math.floor(numberOf(nanos) / 1000);
  return `${whole}.${String(micros).padStart(digits, '0')}Z`;
}

/** Source: k8s.io/apimachinery/pkg/util/intstr: type 0 is a number, 1 a string. */
function decodeIntOrString(field: ProtobufField): JsonValue {
  const parts = readFields(bytesOf(field));
  const isText = numberOf(parts.find(({ number }) => number === 1)) === 1;
  return isText
    ? textOf(parts.find(({ number }) => number === 3))
    : numberOf(parts.find(({ number }) => number === 2));
}

/** Anything at all travels as JSON inside. */
function decodeRaw(field: ProtobufField): JsonValue {
  const raw = textOf(readFields(bytesOf(field)).find(({ number }) => number === 1));
  if (raw === '') return null;
  try {
    const value: JsonValue = JSON.parse(raw);
    return value;
  } catch {
    throw new ProtobufError('proto: raw extension is not JSON');
  }
}

function bytesOf(field: ProtobufField | undefined): Uint8Array {
  if (field === undefined) return new Uint8Array();
  if (typeof field.value === 'bigint') throw new ProtobufError('proto: wrong wireType');
  return field.value;
}

function textOf(field: ProtobufField | undefined): string {
  return Buffer.from(bytesOf(field)).toString('utf8');
}

function numberOf(field: ProtobufField | undefined): number {
  if (field === undefined) return 0;
  if (typeof field.value !== 'bigint') throw new ProtobufError('proto: wrong wireType');
  return Number(BigInt.asIntN(64, field.value));
}

function doubleOf(field: ProtobufField): number {
  const bytes = bytesOf(field);
  if (bytes.length !== 8) throw new ProtobufError('proto: wrong wireType');
  return Buffer.from(bytes).readDoubleLE(0);
}
