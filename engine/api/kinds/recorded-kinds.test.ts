import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createScheme } from '../create-scheme.ts';
import { decodeObject } from '../decode/decode-object.ts';
import { asJson, struct, text, without } from '../read.ts';
import { loadSchema } from '../schema/schema.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { statusInvalid } from '../status.ts';
import type { KubeObject } from '../types/wire.ts';

interface Case {
  readonly name: string;
  readonly op: 'create' | 'update';
  readonly object: JsonObject;
  readonly old?: JsonObject;
  readonly want: {
    readonly object?: JsonObject;
    readonly status?: JsonObject;
    readonly warnings?: readonly string[];
    readonly error?: string;
  };
}

const fixtures = new URL('../fixtures/', import.meta.url);
const schema = loadSchema();
const scheme = createScheme();

function readCases(file: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')).cases;
}

function kindOf(object: JsonObject): KindDefinition {
  const [version = '', group = ''] = text(object, 'apiVersion').split('/').reverse();
  const kind = scheme.byKind(group, version, text(object, 'kind'));
  if (kind === undefined) throw new Error(`no kind for ${JSON.stringify(object.kind)}`);
  return kind;
}

function isStored(object: unknown): object is KubeObject {
  return isJsonObject(object) && isJsonObject(object.metadata);
}

function decode(kind: KindDefinition, object: JsonObject) {
  const decoded = decodeObject(schema, kind.schema, object, { fieldValidation: 'Strict' });
  return decoded.ok ? kind.applyDefaults(decoded.value.object) : decoded.error;
}

/** What the server does with the case: the object as stored, or its refusal. */
function answer(row: Case): Case['want'] {
  const kind = kindOf(row.object);
  const decoded = decode(kind, row.object);
  if (typeof decoded === 'string') return { error: decoded };
  const prepared = prepare(kind, row, decoded);
  const { object, errors } = prepared;
  if (errors.length > 0) {
    const {
      metadata: _,
      kind: _kind,
      apiVersion: _version,
      ...status
    } = asJson(statusInvalid(shownKind(kind), text(struct(object, 'metadata'), 'name'), errors));
    return { status };
  }
  const warnings = kind.warnings?.(object, prepared.old) ?? [];
  const named = nameGenerated(object, row.want.object);
  return { object: named, ...(warnings.length === 0 ? {} : { warnings }) };
}

/** Upstream names the kind as which the object is kept. */
function shownKind({ group, kind, storage }: KindDefinition) {
  return { group: storage?.group ?? group, kind };
}

function prepare(
  kind: KindDefinition,
  row: Case,
  decoded: JsonObject,
): { object: JsonObject; errors: readonly FieldError[]; old?: KubeObject } {
  if (row.old === undefined) {
    const metadata = struct(decoded, 'metadata');
    const identified = { ...decoded, metadata: { ...metadata, uid: 'uid-1' } };
    const prepared = kind.prepareForCreate?.(identified) ?? identified;
    const errors = kind.validate(prepared);
    return { object: { ...prepared, metadata: without(struct(prepared, 'metadata'), 'uid') }, errors };
  }
  const old = decode(kind, row.old);
  if (!isStored(old)) throw new Error('the old object is valid');
  const object = kind.prepareForUpdate?.(decoded, old) ?? decoded;
  return { object, errors: kind.validateUpdate(object, old), old };
}

/** A generated name is the API server's doing. */
function nameGenerated(object: JsonObject, want: JsonObject | undefined): JsonObject {
  return text(struct(object, 'metadata'), 'generateName') !== '' && want !== undefined
    ? { ...object, metadata: { ...struct(object, 'metadata'), name: text(struct(want, 'metadata'), 'name') } }
    : object;
}

const files = readdirSync(fixtures).filter((file) => file.endsWith('-kinds.json'));

describe.each(files)('%s, recorded from the strategies of Kubernetes v1.36.0', (file) => {
  it.each(readCases(file))('$object.kind: $name', (row) => {
    expect(answer(row)).toEqual(row.want);
  });
});
