/**
 * From the words with which an object was refused, and the object itself, to what a person should mend. The words are
 * Kubernetes' own and name a field; the object tells what stands there, the schema what should.
 */
import { createScheme } from '../api/create-scheme.ts';
import {
  type FieldSchema,
  type FieldType,
  loadSchema,
  type Schema,
  type TypeSchema,
} from '../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { RefusalHint, ValueType } from './manifest-trouble.ts';

/** A refused object of a manifest. */
export interface Refusal {
  /** As kubectl printed it. */
  readonly message: string;
  /** The object as it stands in the file; undefined when nobody knows which one is meant. */
  readonly object: JsonObject | undefined;
  /** Kinds that the cluster serves. */
  readonly served: readonly { readonly apiVersion: string; readonly kind: string }[];
  /** The candidate that is spelled nearly like the word. */
  readonly nearest: (word: string, candidates: readonly string[]) => string | undefined;
}

/** What to mend; undefined where Kubernetes' words say all that is to say. */
export function explainRefusal(refusal: Refusal): RefusalHint | undefined {
  const { message, object } = refusal;
  const notSet = /error validating data: \[?(apiVersion|kind) not set/.exec(message)?.[1];
  if (notSet !== undefined) return { kind: 'not-set', field: notSet === 'kind' ? 'kind' : 'apiVersion' };
  const noMatch = /no matches for kind "([^"]+)" in version "([^"]+)"/.exec(message);
  if (noMatch !== null) return explainUnknownKind(refusal, noMatch[2] ?? '', noMatch[1] ?? '');
  const unknown = /unknown field "([^"]+)"/.exec(message)?.[1];
  if (unknown !== undefined) return explainUnknownField(refusal, unknown);
  if (message.includes('json: cannot unmarshal ')) return findWrongType(object);
  const namespace = /namespaces "([^"]+)" not found/.exec(message)?.[1];
  if (namespace !== undefined) return { kind: 'namespace-missing', namespace };
  const immutable =
    /([\w.[\]/-]+): (?:Invalid value|Forbidden)[^\n]*(?:may not change once set|field is immutable)/.exec(
      message,
    )?.[1];
  if (immutable !== undefined) return { kind: 'immutable', path: immutable };
  const quota = /exceeded quota: ([^,\s]+),|failed quota: ([^:\s]+):/.exec(message);
  if (quota !== null) {
    const name = quota[1] ?? quota[2] ?? '';
    return {
      kind: 'over-quota',
      quota: name,
      namespace: textAt(object, 'metadata', 'namespace') ?? 'default',
    };
  }
  return explainValue(refusal);
}

const fieldOf = String.raw`([\w.[\]/-]+(?:\[[^\]]*\])?)`;
const requiredValue = new RegExp(`${fieldOf}: Required value`);
const allocated = new RegExp(`${fieldOf}: Invalid value: (\\S+): .*already allocated`);
const outOfRange = new RegExp(
  `${fieldOf}: Invalid value: (\\S+): .*not in the valid range\\. The range of valid \\w+ is (\\S+)`,
);
const unsupported = new RegExp(
  `${fieldOf}: Unsupported value: "([^"]*)": supported values: ((?:"[^"]*"(?:, )?)+)`,
);
const badCharacters = new RegExp(
  `${fieldOf}: Invalid value: "([^"]*)": (?:a lowercase RFC 1123|a DNS-1035|a valid label|name part)`,
);

/** What is wrong with the value of a field that is there, or should be. */
function explainValue({ message, nearest }: Refusal): RefusalHint | undefined {
  const taken = allocated.exec(message);
  if (taken !== null) return { kind: 'taken', path: taken[1] ?? '', value: unquoted(taken[2]) };
  const range = outOfRange.exec(message);
  if (range !== null) {
    const [, path = '', value, ends = ''] = range;
    return { kind: 'out-of-range', path, value: unquoted(value), range: ends };
  }
  const choice = unsupported.exec(message);
  if (choice !== null) {
    const [, path = '', value = '', list = ''] = choice;
    const values = [...list.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
    const near = values.find((one) => one.toLowerCase() === value.toLowerCase()) ?? nearest(value, values);
    return { kind: 'not-one-of', path, value, values, ...(near === undefined ? {} : { nearest: near }) };
  }
  const bad = badCharacters.exec(message);
  if (bad !== null) {
    const [, path = '', value = ''] = bad;
    const isHost = /externalName|\.host|hostname/i.test(path);
    const what = /labels|selector|matchLabels/i.test(path) ? 'label' : isHost ? 'host' : 'name';
    return { kind: 'bad-name', path, value, what };
  }
  const headless = /(spec\.clusterIP)s?(?:\[0\])?: Invalid value: \[?"(none)"/i.exec(message);
  if (headless !== null) {
    const [, path = '', value = ''] = headless;
    return { kind: 'not-one-of', path, value, values: ['None'], nearest: 'None' };
  }
  const required = requiredValue.exec(message)?.[1];
  // Of several complaints a missing field may well follow from the others.
  if ((message.match(/^\* /gm)?.length ?? 0) > 1) return undefined;
  return required === undefined ? undefined : { kind: 'required', path: required };
}

function unquoted(value = ''): string {
  return value.replaceAll(/["[\]]/g, '');
}

function explainUnknownKind(
  { served, nearest }: Refusal,
  apiVersion: string,
  objectKind: string,
): RefusalHint {
  const kind =
    served.find((entry) => entry.kind.toLowerCase() === objectKind.toLowerCase())?.kind ??
    nearest(
      objectKind,
      served.map((entry) => entry.kind),
    );
  const meant = served.find((entry) => entry.kind === kind);
  return { kind: 'unknown-kind', apiVersion, objectKind, ...(meant === undefined ? {} : { meant }) };
}

function explainUnknownField({ object, nearest }: Refusal, path: string): RefusalHint | undefined {
  const root = typeOf(object);
  const objectKind = textAt(object, 'kind') ?? '';
  if (root === undefined) return { kind: 'unknown-field', objectKind, path };
  const schema = loadSchema();
  const steps = path.split('.');
  const name = steps.at(-1) ?? '';
  const parent = typeAt(schema, root, steps.slice(0, -1));
  const near = parent === undefined ? undefined : nearestField(parent, name, nearest);
  const elsewhere = near === undefined ? findField(schema, root, name) : undefined;
  return {
    kind: 'unknown-field',
    objectKind,
    path,
    ...(near === undefined ? {} : { nearest: near }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
  };
}

function nearestField(type: TypeSchema, name: string, nearest: Refusal['nearest']): string | undefined {
  const names = [...type.fields.keys()];
  return names.find((field) => field.toLowerCase() === name.toLowerCase()) ?? nearest(name, names);
}

/** How deep a field is looked for that stands in the wrong place: `spec.template.spec.containers[*].image`. */
const maxDepth = 6;

/** The path of the field of this name that lies least deep. */
function findField(schema: Schema, root: TypeSchema, name: string): string | undefined {
  let level: readonly (readonly [path: string, type: TypeSchema])[] = [['', root]];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const next: (readonly [string, TypeSchema])[] = [];
    for (const [path, type] of level) {
      const prefix = path === '' ? '' : `${path}.`;
      if (path !== '' && type.fields.has(name)) return `${prefix}${name}`;
      for (const field of type.fields.values()) {
        if (field.name === 'status' || field.name === 'managedFields') continue;
        const inner = structOf(schema, field.type);
        if (inner !== undefined) next.push([`${prefix}${field.name}${inner.suffix}`, inner.type]);
      }
    }
    level = next;
  }
  return undefined;
}

function structOf(
  schema: Schema,
  type: FieldType,
): { readonly type: TypeSchema; readonly suffix: string } | undefined {
  const isList = type.kind === 'array';
  const inner = isList ? type.items : type;
  if (inner.kind !== 'ref') return undefined;
  const found = schema.type(inner.name);
  return found === undefined ? undefined : { type: found, suffix: isList ? '[*]' : '' };
}

function typeAt(schema: Schema, root: TypeSchema, steps: readonly string[]): TypeSchema | undefined {
  let type: TypeSchema | undefined = root;
  for (const step of steps) {
    const field: FieldSchema | undefined = type?.fields.get(step.replace(/\[.*$/, ''));
    type = field === undefined ? undefined : structOf(schema, field.type)?.type;
  }
  return type;
}

/** The first value, in the file's order, that is not of its field's type. */
function findWrongType(object: JsonObject | undefined): RefusalHint | undefined {
  const root = typeOf(object);
  if (root === undefined || object === undefined) return undefined;
  return firstMismatch(object, { kind: 'ref', name: root.name }, '');
}

function firstMismatch(value: JsonValue, type: FieldType, path: string): RefusalHint | undefined {
  if (value === null) return undefined;
  const wanted = wantedOf(type);
  const found = typeOfValue(value);
  if (wanted === undefined) return undefined;
  if (wanted !== found) {
    const shown = found === 'list' || found === 'map' ? {} : { value: String(value) };
    return { kind: 'wrong-type', path, wanted, found, ...shown };
  }
  if (type.kind === 'array' && Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    return first(items, (item, index) => firstMismatch(item, type.items, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return undefined;
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  return first(Object.entries(value), ([key, inner]) => {
    if (type.kind === 'map') return firstMismatch(inner, type.values, below(key));
    const field = type.kind === 'ref' ? loadSchema().type(type.name)?.fields.get(key) : undefined;
    return field === undefined ? undefined : firstMismatch(inner, field.type, below(key));
  });
}

/** Undefined for what takes several types. */
function wantedOf(type: FieldType): ValueType | undefined {
  switch (type.kind) {
    case 'string':
    case 'byte':
    case 'time':
    case 'microtime':
      return 'text';
    case 'int32':
    case 'int64':
    case 'double':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return 'list';
    case 'map':
      return 'map';
    case 'ref':
      return loadSchema().type(type.name) === undefined ? undefined : 'map';
    default:
      return undefined;
  }
}

function typeOfValue(value: JsonValue): ValueType {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'map';
}

function first<T>(
  items: readonly T[],
  find: (item: T, index: number) => RefusalHint | undefined,
): RefusalHint | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Custom kinds stand in no table. */
function typeOf(object: JsonObject | undefined): TypeSchema | undefined {
  const [version = '', group = ''] = (textAt(object, 'apiVersion') ?? '').split('/').reverse();
  const definition = createScheme().byKind(group, version, textAt(object, 'kind') ?? '');
  return definition === undefined ? undefined : loadSchema().type(definition.schema);
}

function textAt(object: JsonValue | undefined, ...path: readonly string[]): string | undefined {
  let at: JsonValue | undefined = object;
  for (const step of path) at = isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  return typeof at === 'string' ? at : undefined;
}
