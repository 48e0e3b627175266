/**
 * Objects in the form that kube-apiserver works with inside. A few refusals show it: Go's names, all fields, null for what is
 * absent. Source: pkg/apis/core/types.go, pkg/apis/core/v1/conversion.go,
 * apiextensions-apiserver/pkg/apis/apiextensions/v1/conversion.go.
 */
import { formatNarrowJsonInOrder } from '../../base/go-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { formatUnifiedDiff } from '../../base/sequence-diff.ts';
import { has, struct } from '../read.ts';
import { internalTypes } from './internal-types.ts';

interface InternalField {
  readonly goName: string;
  readonly wireName: string;
  /** `string`, `int`, `*Probe`, `[]Container`, `{}string`; of an embedded struct the type alone. */
  readonly type: string;
  readonly isEmbedded: boolean;
}

/** An object of the wire in the form of an internal type. */
export function internalForm(typeName: string, object: JsonObject): JsonObject {
  return formOf(readTypes(), typeName, object);
}

/** What tells two objects apart, as the API server shows it. Source: k8s.io/apimachinery/pkg/util/diff. */
export function describeDifference(typeName: string, before: JsonObject, after: JsonObject): string {
  return formatUnifiedDiff(linesOf(internalForm(typeName, before)), linesOf(internalForm(typeName, after)));
}

function linesOf(object: JsonObject): readonly string[] {
  return formatNarrowJsonInOrder(object).split('\n');
}

/** The fields of an internal type in their order: Go's name and that of the wire. */
export function internalFields(typeName: string): readonly Pick<InternalField, 'goName' | 'wireName'>[] {
  return readTypes().get(typeName) ?? [];
}

type Types = ReadonlyMap<string, readonly InternalField[]>;

function readTypes(): Types {
  return new Map(
    internalTypes.map((line) => {
      const [name = '', ...fields] = line.split(' ');
      return [name, fields.map(parseField)];
    }),
  );
}

function parseField(text: string): InternalField {
  if (text.startsWith('+')) return { goName: '', wireName: '', type: text.slice(1), isEmbedded: true };
  const [goName = '', wireName = '', type = ''] = text.split(':');
  const small = `${goName.charAt(0).toLowerCase()}${goName.slice(1)}`;
  return { goName, wireName: wireName === '' ? small : wireName, type, isEmbedded: false };
}

function formOf(types: Types, typeName: string, object: JsonObject): JsonObject {
  const source = typeName === 'PodSpec' ? withHostFlags(object) : object;
  return Object.fromEntries(
    (types.get(typeName) ?? []).flatMap(({ goName, wireName, type, isEmbedded }) => {
      if (isEmbedded)
        return Object.entries(type === 'meta' ? struct(source, 'metadata') : formOf(types, type, source));
      return [[goName, internalValue(types, type, source[wireName])]];
    }),
  );
}

/** What a Pod shares with its host belongs to the security context inside. */
function withHostFlags(spec: JsonObject): JsonObject {
  const flags = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'].filter((key) =>
    has(spec, key),
  );
  const shared = Object.fromEntries(flags.map((key) => [key, spec[key] ?? null]));
  return { ...spec, securityContext: { ...struct(spec, 'securityContext'), ...shared } };
}

function internalValue(types: Types, type: string, value: JsonValue | undefined): JsonValue {
  if (type.startsWith('*')) return isAbsent(value) ? null : internalValue(types, type.slice(1), value);
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => internalValue(types, type.slice(2), item)) : null;
  }
  if (type.startsWith('{}')) {
    if (!isJsonObject(value)) return null;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, internalValue(types, type.slice(2), item)]));
  }
  if (types.has(type)) return formOf(types, type, asStruct(type, value));
  return value ?? zeroOf(type);
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** What the wire writes as one of several types is a struct inside. */
function asStruct(type: string, value: JsonValue | undefined): JsonObject {
  switch (type) {
    case 'JSONSchemaPropsOrArray':
      return isJsonObject(value) ? { schema: value } : { schemas: value ?? null };
    case 'JSONSchemaPropsOrBool':
      return isJsonObject(value) ? { allows: true, schema: value } : { allows: value ?? false };
    case 'JSONSchemaPropsOrStringArray':
      return isJsonObject(value) ? { schema: value } : { property: value ?? null };
    default:
      return isJsonObject(value) ? value : {};
  }
}

function zeroOf(type: string): JsonValue {
  if (type === 'string') return '';
  if (type === 'quantity') return '0';
  if (type === 'bool') return false;
  return type === 'meta' ? {} : 0;
}
