/**
 * What the API server knows of each kind: names, defaults, rules, columns. One entry per kind and version, in
 * {@link ./kinds/}; the apiserver has no line about a single kind beyond the hooks here.
 */
import type { JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Decoded, DecodeOptions } from './decode/decode-object.ts';
import type { TypeSchema } from './schema/schema.ts';
import type { KubeObject } from './types/wire.ts';

/** One problem of an object, as field.Error of k8s.io/apimachinery/pkg/util/validation/field. */
export interface FieldError {
  readonly type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotFound'
    | 'InternalError';
  /** `spec.ports[0].nodePort` */
  readonly field: string;
  /** The whole message as it stands in a Status' cause, bad value included: `Invalid value: 8080: provided port …`. */
  readonly message: string;
}

/** A column of a Table, as metav1.TableColumnDefinition. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
}

/** A kind that the API serves. Functions get and give plain objects of the kind and change nothing in place. */
export interface KindDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly (
    | 'status'
    | 'approval'
    | 'scale'
    | 'log'
    | 'exec'
    | 'attach'
    | 'portforward'
    | 'proxy'
    | 'binding'
    | 'eviction'
    | 'finalize'
    | 'ephemeralcontainers'
    | 'token'
  )[];
  /** The name of its schema in the generated table: `V1Service`. */
  readonly schema: string;
  /** A list that is written empty is to its rules not the same as none. */
  readonly heedsEmptyLists?: boolean;
  /** Fields that every write to the main resource leaves as they were (status), or that a status write may change only. */
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  applyDefaults(object: JsonObject): JsonObject;
  /** What a create does besides defaults, before validation: resets status, sets generation. Source: each kind's strategy.go. */
  prepareForCreate?(object: JsonObject): JsonObject;
  prepareForUpdate?(object: JsonObject, old: KubeObject): JsonObject;
  /** What a write to the status keeps of the old object besides all that is no status; `now` is for what it dates. */
  prepareStatus?(object: JsonObject, old: KubeObject, now: string): JsonObject;
  validate(object: JsonObject): readonly FieldError[];
  validateUpdate(object: JsonObject, old: KubeObject): readonly FieldError[];
  /** Warnings that come before a new object is looked at closer: one that is refused has them, too. */
  warningsBefore?(object: JsonObject): readonly string[];
  /** Warnings for clients (deprecated fields or kinds); `old` is there when the object is changed. */
  warnings?(object: JsonObject, old?: KubeObject): readonly string[];
  readonly columns: readonly TableColumn[];
  /** The cells of one row, one per column. `nowMs` serves ages. */
  row(object: KubeObject, nowMs: number): readonly (string | number | boolean | null)[];
  /** Absent for a kind that is kept as it is. */
  readonly storage?: StorageForm;
  /** Present for a kind that a CustomResourceDefinition defines. */
  readonly custom?: CustomForm;
  /** Fields that field selectors may name besides metadata.name and metadata.namespace, with their values. */
  selectableFields?(object: KubeObject): Readonly<Record<string, string>>;
  /** How the kind refuses other fields; absent where it does so as most do. */
  unknownFieldError?(field: string): string;
}

/**
 * How a version of a kind is kept when it is another view of objects that another version, or another group, keeps as they
 * are.
 */
export interface StorageForm {
  /** Under whose key the objects lie. */
  readonly group: string;
  readonly plural: string;
  /** The object as it is kept; `before` is what is kept now. */
  toStorage(object: JsonObject, before: KubeObject | undefined): JsonObject;
  /** A kept object as this version shows it. */
  fromStorage(object: JsonObject): JsonObject;
}

/** What the server knows of a custom resource, whose fields stand in no table. */
export interface CustomForm {
  /** As {@link decodeObject} does with the types of the table. */
  decode(object: JsonObject, options: DecodeOptions): Result<Decoded, string>;
  /** The problems of a write to the status. */
  validateStatus(object: JsonObject, old: KubeObject): readonly FieldError[];
  /** The types of its fields by names of their own, {@link KindDefinition.schema} among them. */
  readonly types: ReadonlyMap<string, TypeSchema>;
  readonly listKind: string;
  /** The schema as its definition gives it. */
  readonly openApiSchema: JsonObject;
  /** Where the scale subresource finds its parts; absent where there is none. */
  readonly scale?: ScalePaths;
  /** What every request to a deprecated version is warned of. */
  readonly deprecation?: string;
  /** Nothing new may be made while the definition is being deleted. */
  readonly isTerminating: boolean;
}

/** Paths of the fields that a Scale shows, as lists of keys. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Of a field that holds a selector as text. */
  readonly labelSelector?: readonly string[];
}

/** All kinds served. */
export interface Scheme {
  readonly kinds: readonly KindDefinition[];
  byResource(group: string, version: string, plural: string): KindDefinition | undefined;
  byKind(group: string, version: string, kind: string): KindDefinition | undefined;
}
