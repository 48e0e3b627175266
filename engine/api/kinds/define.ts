/**
 * What most kinds have in common, so that each kind's file says only what is its own.
 */
import type { JsonObject } from '../../base/json.ts';
import { ageSince } from '../duration.ts';
import { asJson, struct, structs, text, textMap } from '../read.ts';
import type { FieldError, KindDefinition, TableColumn } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { checkDns1123Subdomain, checkPathSegmentName, type NameCheck } from '../validation/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../validation/object-meta.ts';

/** The cells of a row, one per column. */
export type Row = readonly (string | number | boolean | null)[];

/** A kind as its file describes it; what is absent is as with most kinds. */
export interface KindOptions
  extends Pick<KindDefinition, 'kind' | 'plural' | 'schema' | 'columns' | 'row'>,
    Partial<
      Omit<KindDefinition, 'kind' | 'plural' | 'schema' | 'columns' | 'row' | 'validate' | 'validateUpdate'>
    > {
  readonly checkName?: NameCheck;
  /** Finalizers may be any qualified names: the kind's validation asks for no more. */
  readonly anyFinalizer?: boolean;
  /**
   * Which rules of metadata the kind itself repeats when an object changes, after those that every change meets; a problem
   * then stands in the answer twice. Just those of a change when absent.
   */
  readonly changedMeta?: readonly ('new' | 'changed')[];
  /** The problems besides those of metadata. */
  readonly validateRest?: (object: JsonObject) => readonly FieldError[];
  /**
   * The problems of a change besides those of metadata. When absent, the rules of a new object count for a changed one,
   * too.
   */
  readonly validateChange?: (object: JsonObject, old: KubeObject) => readonly FieldError[];
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Makes a kind. */
export function defineKind(options: KindOptions): KindDefinition {
  const {
    checkName = checkDns1123Subdomain,
    anyFinalizer = false,
    changedMeta = ['changed'],
    validateRest,
    validateChange,
    ...rest
  } = options;
  const namespaced = options.namespaced ?? true;
  return {
    group: '',
    version: 'v1',
    singular: options.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced,
    verbs: allVerbs,
    subresources: [],
    hasStatus: false,
    hasGeneration: false,
    applyDefaults: (object) => object,
    ...rest,
    validate: (object) => [
      ...validateObjectMeta(object, { namespaced, checkName, anyFinalizer }),
      ...(validateRest?.(object) ?? []),
    ],
    validateUpdate: (object, old) => [
      ...validateObjectMeta(object, { namespaced, checkName: checkPathSegmentName, anyFinalizer: true }),
      ...validateObjectMetaUpdate(object, asJson(old)),
      ...changedMeta.flatMap((rules) =>
        rules === 'new'
          ? validateObjectMeta(object, { namespaced, checkName, anyFinalizer })
          : validateObjectMetaUpdate(object, asJson(old)),
      ),
      ...(validateChange?.(object, old) ?? validateRest?.(object) ?? []),
    ],
  };
}

/** A column that is always shown. */
export function column(name: string, type: TableColumn['type'], description: string): TableColumn {
  return { name, type, format: '', description, priority: 0 };
}

/** A column of `-o wide`. */
export function wideColumn(name: string, type: TableColumn['type'], description: string): TableColumn {
  return { name, type, format: '', description, priority: 1 };
}

/** The column `Name`. */
export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique among the objects of its kind in its namespace.',
  priority: 0,
};

/** The column `Age`. */
export const ageColumn: TableColumn = column('Age', 'string', 'Time since the object was created.');

/** The cell of {@link ageColumn}. */
export function age(object: KubeObject, nowMs: number): string {
  return ageSince(object.metadata.creationTimestamp, nowMs);
}

/** The columns `Containers` and `Images` of `-o wide` for kinds that make Pods from a template. */
export const containerColumns: readonly TableColumn[] = [
  wideColumn('Containers', 'string', 'Names of the containers in the template.'),
  wideColumn('Images', 'string', 'Images of the containers in the template.'),
];

/** The cells of {@link containerColumns}. */
export function containerCells(template: JsonObject): Row {
  const containers = structs(struct(template, 'spec'), 'containers');
  return [
    containers.map((container) => text(container, 'name')).join(','),
    containers.map((container) => text(container, 'image')).join(','),
  ];
}

/** A map of labels as selectors are shown: `app=web,tier=front`, or `<none>`. */
export function formatLabels(parent: JsonObject, key: string): string {
  const labels = [...textMap(parent, key)].map(([name, value]) => `${name}=${value}`);
  return labels.length === 0 ? '<none>' : labels.join(',');
}

/** An object without status, as most kinds are created. */
export function withStatus(object: JsonObject, status: JsonObject): JsonObject {
  return { ...object, status };
}

/** An update with the status that was there: only the status subresource changes it. */
export function keepStatus(object: JsonObject, old: KubeObject): JsonObject {
  const status = asJson(old).status;
  return status === undefined ? object : { ...object, status };
}
