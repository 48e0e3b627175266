/**
 * Requests for every kind, made from one valid object each (`fixtures/exchanges/kinds.yaml`): every field missing, of a wrong
 * type, out of range and unknown, those that the object leaves out, what may be changed later, and each kind of request.
 */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { createScheme } from '../../../api/create-scheme.ts';
import { type FieldType, loadSchema, type Schema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import type { Exchange, Flow } from './exchange.ts';
import { objectRequests } from './object-requests.ts';

/** A change of one place of an object. */
interface Variant {
  readonly label: string;
  readonly object: JsonObject;
}

const file = new URL('../fixtures/exchanges/kinds.yaml', import.meta.url);

/** Two flows for every object of a kind that we serve: what is created from it, and what becomes of it. */
export function kindFlows(): readonly Flow[] {
  const schema = loadSchema();
  const scheme = createScheme();
  return readBases().flatMap((base, index) => {
    const apiVersion = String(base.apiVersion);
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    if (scheme.byKind(group, version, String(base.kind)) === undefined) return [];
    const name = `${String(base.kind)} ${index + 1}`;
    const collection = collectionPath(base);
    const type = typeOf(base);
    const variants = [...variantsOf(schema, type, base, [])];
    return [
      {
        name: `create ${name}`,
        exchanges: [{ label: 'as it is', object: base }, ...variants].map(({ label, object }) =>
          write('POST', `${collection}?dryRun=All`, label, object),
        ),
      },
      // The server's own controllers write to these at some time after they were made.
      ...(['CustomResourceDefinition', 'APIService'].includes(String(base.kind))
        ? []
        : [{ name: `change ${name}`, exchanges: changes(collection, base, variants) }]),
    ];
  });
}

function readBases(): readonly JsonObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const value: JsonValue = document.toJS();
    if (!isJsonObject(value)) throw new Error('kinds.yaml holds objects only');
    return value;
  });
}

/** The collection that an object is posted to. Objects of the cluster have names of more than one letter. */
function collectionPath(object: JsonObject): string {
  const apiVersion = String(object.apiVersion);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const isNamespaced = nameOf(object) === 'x';
  return `${root}${isNamespaced ? '/namespaces/$NS' : ''}/${pluralOf(String(object.kind))}`;
}

function nameOf({ metadata }: JsonObject): string {
  return isJsonObject(metadata) ? String(metadata.name) : '';
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('endpoints')) return lower;
  if (lower.endsWith('s')) return `${lower}es`;
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** The model's name of an object's type. */
function typeOf({ apiVersion, kind }: JsonObject): string {
  const version = String(apiVersion).split('/').at(-1) ?? '';
  const prefix = `${version.charAt(0).toUpperCase()}${version.slice(1)}`;
  if (kind !== 'Event') return `${prefix}${String(kind)}`;
  return String(apiVersion).includes('/') ? `Events${prefix}Event` : `Core${prefix}Event`;
}

function write(method: string, path: string, label: string, body: JsonValue): Exchange {
  return { label, method, path, headers: {}, body: JSON.stringify(body) };
}

function changes(collection: string, base: JsonObject, variants: readonly Variant[]): readonly Exchange[] {
  const path = `${collection}/${nameOf(base)}`;
  const changed = variants.filter(({ label }) => !/^metadata|( is wrongly typed| null)$/.test(label));
  // Nearly nothing of a Pod may change: that is told by one in ten as well.
  const kept = changed.filter((_, index) => base.kind !== 'Pod' || index % 10 === 0);
  return [
    write('POST', collection, 'create', base),
    ...kept.map(({ label, object }) =>
      write('PUT', `${path}?dryRun=All`, `update ${label}`, withRevision(object)),
    ),
    ...objectRequests(path, base),
  ];
}

function withRevision(object: JsonObject): JsonObject {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, resourceVersion: '$RV' } };
}

/** All changes in one place below a value, the whole object with each. */
function* variantsOf(
  schema: Schema,
  typeName: string,
  whole: JsonObject,
  path: readonly (string | number)[],
): Generator<Variant> {
  const object = valueAt(whole, path);
  const type = schema.type(typeName);
  if (!isJsonObject(object) || type === undefined || isToldElsewhere(whole, path)) return;
  const at = (key: string | number): string => labelOf([...path, key]);
  yield { label: `${at('bogus')} unknown`, object: replaced(whole, [...path, 'bogus'], 1) };
  for (const field of type.fields.values()) {
    if (path.length === 0 && ['apiVersion', 'kind', 'status'].includes(field.name)) continue;
    if (field.name === 'metadata' && path.length === 0 && !withMetadata.has(String(whole.kind))) continue;
    const place = [...path, field.name];
    const value = object[field.name];
    for (const [what, other] of valuesOf(field.type, value)) {
      yield { label: `${at(field.name)} ${what}`, object: replaced(whole, place, other) };
    }
    if (value === undefined || path[0] === 'metadata') continue;
    yield* below(schema, field.type, whole, place);
  }
}

/** Kinds whose metadata is changed, too: that of the others is checked by the same code. */
const withMetadata: ReadonlySet<string> = new Set(['ConfigMap', 'Namespace', 'Service', 'Role']);

/** The parts of a Pod are changed in Pods, not in every template of them. */
function isToldElsewhere({ kind }: JsonObject, path: readonly (string | number)[]): boolean {
  const at = path.lastIndexOf('template');
  return kind !== 'Pod' && at >= 0 && path.length > at + 2;
}

function* below(
  schema: Schema,
  type: FieldType,
  whole: JsonObject,
  path: readonly (string | number)[],
): Generator<Variant> {
  const value = valueAt(whole, path);
  if (type.kind === 'ref') yield* variantsOf(schema, type.name, whole, path);
  if (type.kind !== 'array' || !Array.isArray(value)) return;
  for (const [index] of value.entries()) {
    for (const [what, other] of valuesOf(type.items, value[index]).slice(0, 3)) {
      yield {
        label: `${labelOf([...path, index])} ${what}`,
        object: replaced(whole, [...path, index], other),
      };
    }
    yield* below(schema, type.items, whole, [...path, index]);
  }
}

type Named = readonly (readonly [what: string, value: JsonValue | undefined])[];

/** What is put in the place of a value; `undefined` takes it away. */
function valuesOf(type: FieldType, value: JsonValue | undefined): Named {
  const gone: Named =
    value === undefined
      ? []
      : [
          ['missing', undefined],
          ['null', null],
        ];
  return [...gone, ...byType(type, value)].filter(
    ([what, other]) => what === 'missing' || JSON.stringify(other) !== JSON.stringify(value),
  );
}

const long = 'a'.repeat(300);

function byType(type: FieldType, value: JsonValue | undefined): Named {
  switch (type.kind) {
    case 'string':
      return [
        ['empty', ''],
        ['other', 'other'],
        ['Bad_Name!', 'Bad_Name!'],
        ['long', long],
        ['is wrongly typed', 5],
      ];
    case 'int32':
    case 'int64':
      return [
        ['-1', -1],
        ['0', 0],
        ['1', 1],
        ['70000', 70_000],
        ['2^31', 2_147_483_648],
        ['is wrongly typed', '5'],
      ];
    case 'double':
      return [
        ['-1', -1],
        ['is wrongly typed', 'x'],
      ];
    case 'boolean':
      return [
        ['true', true],
        ['false', false],
        ['is wrongly typed', 'true'],
      ];
    case 'quantity':
      return [
        ['-1', '-1'],
        ['0', '0'],
        ['1.5', '1.5'],
        ['x', 'x'],
        ['a number', 3],
      ];
    case 'intorstring':
      return [
        ['-1', -1],
        ['0', 0],
        ['0%', '0%'],
        ['150%', '150%'],
        ['a word', 'word'],
        ['70000', 70_000],
        ['is wrongly typed', true],
      ];
    case 'time':
    case 'microtime':
      return [
        ['a time', '2026-02-03T04:05:06Z'],
        ['a word', 'word'],
      ];
    case 'byte':
      return [['no base64', '*']];
    case 'array':
      return [
        ['empty', []],
        ['with an item', [itemOf(type.items)]],
        ...(Array.isArray(value) && value[0] !== undefined ? [['twice', [...value, value[0]]] as const] : []),
        ['is wrongly typed', {}],
      ];
    case 'map':
      return [
        ['empty', {}],
        ['with a bad key', { 'Bad Key!': itemOf(type.values) }],
        ['with an entry', { key: itemOf(type.values) }],
        ['is wrongly typed', []],
      ];
    case 'ref':
      return [
        ['empty', {}],
        ['is wrongly typed', 'text'],
      ];
    case 'any':
      return [['is wrongly typed', 5]];
  }
}

function itemOf(type: FieldType): JsonValue {
  switch (type.kind) {
    case 'string':
    case 'intorstring':
      return 'item';
    case 'quantity':
      return '1';
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'byte':
      return 'MQ==';
    case 'map':
    case 'ref':
    case 'any':
      return {};
    default:
      return 1;
  }
}

function labelOf(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

function valueAt(value: JsonValue, path: readonly (string | number)[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const part of path) {
    if (Array.isArray(current) && typeof part === 'number') current = current[part];
    else if (isJsonObject(current) && typeof part === 'string') current = current[part];
    else return undefined;
  }
  return current;
}

function replaced(
  object: JsonObject,
  path: readonly (string | number)[],
  value: JsonValue | undefined,
): JsonObject {
  const changed = replacedIn(object, path, value);
  if (!isJsonObject(changed)) throw new Error('the whole object was replaced');
  return changed;
}

function replacedIn(
  current: JsonValue | undefined,
  [part, ...rest]: readonly (string | number)[],
  value: JsonValue | undefined,
): JsonValue | undefined {
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const items: readonly JsonValue[] = Array.isArray(current) ? current : [];
    return items.flatMap((item, index) => {
      const next = index === part ? replacedIn(item, rest, value) : item;
      return next === undefined ? [] : [next];
    });
  }
  const known = isJsonObject(current) ? current : {};
  const next = replacedIn(known[part], rest, value);
  return Object.fromEntries([
    ...Object.entries(known).filter(([key]) => key !== part),
    ...(next === undefined ? [] : [[part, next] as const]),
  ]);
}
