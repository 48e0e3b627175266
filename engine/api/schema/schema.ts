/**
 * The schema of every built-in kind: which fields there are, of which type, and what Go makes of an absent one.
 * The table is made at build time by generate.mjs; it is read when first asked for, and each type is parsed when first
 * met, so that commands which need no schema pay nothing.
 */
import { isJsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import { readBuildFile } from './build-file.ts';

/** The type of a field, as it stands on the wire. */
export type FieldType =
  | {
      readonly kind:
        | 'string'
        | 'boolean'
        | 'int32'
        | 'int64'
        | 'double'
        | 'byte'
        | 'time'
        | 'microtime'
        | 'intorstring'
        | 'quantity'
        | 'any';
    }
  | { readonly kind: 'array'; readonly items: FieldType }
  | { readonly kind: 'map'; readonly values: FieldType }
  | { readonly kind: 'ref'; readonly name: string };

/** One field of a type. */
export interface FieldSchema {
  /** As on the wire. */
  readonly name: string;
  readonly type: FieldType;
  /** Go's name of the type, without the pointer: the words of decoding errors. `v1.Protocol`, `[]v1.ServicePort`. */
  readonly goType: string;
  /** In Go a pointer: null and absent are the same, and a zero value is kept. */
  readonly isPointer: boolean;
  /** Left out when empty. A struct that is no pointer is written even so. */
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  /** Whether the API's documents call the field required. */
  readonly required: boolean;
  /** `merge`, `retainKeys` or both; absent means replace. */
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'map' | 'set';
  readonly listMapKeys: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** The Go struct inside this one that holds the field, where JSON does not show it: `ProbeHandler`. */
  readonly embeddedIn?: string;
  /** The field's number in the protobuf form, and that of the struct that embeds it; absent for types without that form. */
  readonly protobuf?: { readonly number: number; readonly embedded?: number };
}

/** A type of the API: its fields in the order in which Go writes them. */
export interface TypeSchema {
  readonly name: string;
  /** Go's name without the package: `ServicePort`. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
}

/** The table of all types. */
export interface Schema {
  /** The Kubernetes release it was made from: `1.36`. */
  readonly release: string;
  readonly typeNames: readonly string[];
  /** A type by its model's name (`V1ServicePort`). */
  type(name: string): TypeSchema | undefined;
}

// The table never changes while the program runs, so reading it once for all clusters is not shared state.
let loaded: Schema | undefined;

/**
 * The schema table, read on the first call.
 *
 * @throws BuildFileMissingError when the project was not built.
 */
export function loadSchema(): Schema {
  loaded ??= readSchema();
  return loaded;
}

/** What the API's documents say of a type. */
export interface TypeDocs {
  /** Go's package, as OpenAPI names it: `api.core.v1`. */
  readonly package: string;
  readonly description: string;
  /** By the field's wire name. */
  readonly fields: ReadonlyMap<string, string>;
  /** The values of fields that are enums. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

// As with the table itself.
let loadedDocs: ReadonlyMap<string, TypeDocs> | undefined;

/**
 * The documentation of every type by its model's name, read on the first call.
 *
 * @throws BuildFileMissingError when the project was not built.
 */
export function loadSchemaDocs(): ReadonlyMap<string, TypeDocs> {
  loadedDocs ??= readDocs();
  return loadedDocs;
}

function readDocs(): ReadonlyMap<string, TypeDocs> {
  const table = readBuildFile('schema-docs.json');
  invariant(isJsonObject(table) && isJsonObject(table.types), 'schema-docs.json has types');
  return new Map(
    Object.entries(table.types).map(([name, entry]): [string, TypeDocs] => {
      invariant(isJsonObject(entry) && isJsonObject(entry.fields), `schema-docs.json: ${name} has fields`);
      const fields = Object.entries(entry.fields).map(([field, text]): [string, string] => [
        field,
        String(text),
      ]);
      const enums = isJsonObject(entry.enums) ? Object.entries(entry.enums) : [];
      return [
        name,
        {
          package: String(entry.package),
          description: String(entry.description),
          fields: new Map(fields),
          enums: new Map(
            enums.map(([field, values]) => [field, Array.isArray(values) ? values.map(String) : []]),
          ),
        },
      ];
    }),
  );
}

function readSchema(): Schema {
  const table = readBuildFile('schema.json');
  invariant(isJsonObject(table) && typeof table.release === 'string', 'schema.json has a release');
  const lines = table.types;
  invariant(isJsonObject(lines), 'schema.json has types');
  const types = new Map<string, TypeSchema>();
  return {
    release: table.release,
    typeNames: Object.keys(lines),
    type: (name) => {
      const known = types.get(name);
      if (known !== undefined || !Object.hasOwn(lines, name)) return known;
      const parsed = parseType(name, lines[name]);
      types.set(name, parsed);
      return parsed;
    },
  };
}

function parseType(name: string, lines: unknown): TypeSchema {
  invariant(Array.isArray(lines), `schema.json: ${name} is a list of fields`);
  const fields = new Map<string, FieldSchema>();
  for (const line of lines) {
    const field = parseField(String(line));
    fields.set(field.name, field);
  }
  return { name, goName: name.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?/, ''), fields };
}

function parseField(line: string): FieldSchema {
  const [name = '', type = '', goType = '', ...words] = line.split(' ');
  const facts = new Map(words.map((word) => split(word)));
  const mergeKey = facts.get('key');
  const listType = facts.get('list');
  const mapType = facts.get('map');
  const embeddedIn = facts.get('in');
  const number = facts.get('pb');
  const embedded = facts.get('inpb');
  return {
    name,
    type: parseFieldType(type),
    goType: goType.replace(/^\*/, ''),
    isPointer: goType.startsWith('*'),
    omitEmpty: facts.has('o'),
    omitZero: facts.has('z'),
    required: facts.has('r'),
    patchStrategy: facts.get('patch')?.split(',') ?? [],
    ...(mergeKey === undefined ? {} : { patchMergeKey: mergeKey }),
    ...(listType === 'atomic' || listType === 'map' || listType === 'set' ? { listType } : {}),
    listMapKeys: facts.get('keys')?.split('|') ?? [],
    ...(mapType === 'atomic' || mapType === 'granular' ? { mapType } : {}),
    ...(embeddedIn === undefined ? {} : { embeddedIn }),
    ...(number === undefined
      ? {}
      : {
          protobuf: {
            number: Number(number),
            ...(embedded === undefined ? {} : { embedded: Number(embedded) }),
          },
        }),
  };
}

function split(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function parseFieldType(type: string): FieldType {
  if (type.startsWith('[]')) return { kind: 'array', items: parseFieldType(type.slice(2)) };
  if (type.startsWith('{}')) return { kind: 'map', values: parseFieldType(type.slice(2)) };
  switch (type) {
    case 'string':
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'double':
    case 'byte':
    case 'time':
    case 'microtime':
    case 'intorstring':
    case 'quantity':
    case 'any':
      return { kind: type };
    default:
      return { kind: 'ref', name: type };
  }
}
