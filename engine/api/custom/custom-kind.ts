/**
 * The kinds that a CustomResourceDefinition defines: one for each version that it serves, with the schema of that version
 * enforced. Source: apiextensions-apiserver/pkg/apiserver/customresource_handler.go (which CRDs are served, how bodies are
 * decoded) and pkg/registry/customresource (strategy.go, status_strategy.go, validator.go).
 *
 * All versions are views of one stored object that differ in their apiVersion alone (conversion strategy None).
 * Differs: webhooks are not called; a definition that names one is served as if it said None.
 */
import { isJsonObject, type JsonObject, jsonEqual } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { Decoded } from '../decode/decode-object.ts';
import { duplicateFields } from '../decode/duplicate-fields.ts';
import { invalid } from '../field-errors.ts';
import { firstGeneration } from '../kinds/generation.ts';
import { asJson, flag, has, number, struct, structs, text, texts, without } from '../read.ts';
import type { Schema } from '../schema/schema.ts';
import type { CustomForm, FieldError, KindDefinition, ScalePaths } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { checkDns1123Subdomain } from '../validation/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../validation/object-meta.ts';
import { checkLists } from './check-lists.ts';
import { checkRules, hasRules } from './check-rules.ts';
import { checkValue, checkValueAt } from './check-value.ts';
import type { Correlation } from './correlation.ts';
import { customTable } from './custom-columns.ts';
import { customTypes } from './custom-types.ts';
import { isConditionTrue } from './definition.ts';
import { checkEmbedded, coerceMetadata } from './embedded-resources.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { applySchemaDefaults, pruneNulls, pruneUnknownFields } from './prune.ts';
import { checkScaleSpec, checkScaleStatus, readScalePaths } from './scale-paths.ts';
import { childNode, readSchemaNode, type SchemaNode } from './schema-node.ts';
import { compareVersions } from './version-order.ts';

const allVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** What a kind is made from. */
interface Version {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly node: SchemaNode;
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  readonly schema: Schema;
}

/** The kinds of a definition, the best version first; none before its names are accepted and it is established. */
export function customKinds(definition: KubeObject, schema: Schema): readonly KindDefinition[] {
  const json = asJson(definition);
  if (!isConditionTrue(json, 'Established')) return [];
  const spec = struct(json, 'spec');
  return structs(spec, 'versions')
    .filter((version) => flag(version, 'served'))
    .toSorted((a, b) => compareVersions(text(a, 'name'), text(b, 'name')))
    .map((version) => customKind(json, version, schema));
}

function customKind(definition: JsonObject, json: JsonObject, schema: Schema): KindDefinition {
  const spec = struct(definition, 'spec');
  const names = struct(struct(definition, 'status'), 'acceptedNames');
  const subresources = struct(json, 'subresources');
  const openApiSchema = struct(struct(json, 'schema'), 'openAPIV3Schema');
  const scale = readScalePaths(struct(subresources, 'scale'));
  const version: Version = {
    group: text(spec, 'group'),
    version: text(json, 'name'),
    kind: text(names, 'kind'),
    namespaced: text(spec, 'scope') === 'Namespaced',
    node: readSchemaNode(openApiSchema),
    hasStatus: has(subresources, 'status'),
    ...(scale === undefined ? {} : { scale }),
    schema,
  };
  const { group, kind, namespaced, hasStatus } = version;
  const typeName = `${group}/${version.version}, Kind=${kind}`;
  const plural = text(names, 'plural');
  const table = customTable(json);
  const selectable = structs(json, 'selectableFields').map((field) => text(field, 'jsonPath').slice(1));
  return {
    group,
    version: version.version,
    kind,
    plural,
    singular: text(names, 'singular'),
    shortNames: texts(names, 'shortNames'),
    categories: texts(names, 'categories'),
    namespaced,
    verbs: allVerbs,
    subresources: [
      ...(hasStatus ? ['status' as const] : []),
      ...(scale === undefined ? [] : ['scale' as const]),
    ],
    schema: typeName,
    hasStatus,
    hasGeneration: true,
    applyDefaults: (object) => asJson(applySchemaDefaults(pruneNulls(object, version.node), version.node)),
    prepareForCreate: (object) => firstGeneration(hasStatus ? without(object, 'status') : object),
    prepareForUpdate: countChange,
    validate: (object) => validateNew(version, object),
    validateUpdate: (object, old) => validateChanged(version, object, asJson(old)),
    warnings: finalizerWarnings,
    columns: table.columns,
    row: table.row,
    storage: storageForm(version, plural),
    custom: customForm(version, { definition, json, typeName, openApiSchema }),
    ...(selectable.length === 0
      ? {}
      : { selectableFields: (object: KubeObject) => selectedValues(asJson(object), selectable) }),
  };
}

function customForm(
  version: Version,
  from: {
    readonly definition: JsonObject;
    readonly json: JsonObject;
    readonly typeName: string;
    readonly openApiSchema: JsonObject;
  },
): CustomForm {
  const { definition, json } = from;
  const names = struct(struct(definition, 'status'), 'acceptedNames');
  const warning = text(json, 'deprecationWarning');
  const usual = `${version.group}/${version.version} ${version.kind} is deprecated${successor(version, definition)}`;
  return {
    decode: (object, options) => {
      const coerced = coerceMetadata(version.schema, version.node, object);
      if (coerced.error !== undefined) return err(coerced.error);
      const pruned = pruneUnknownFields(asJson(coerced.value), version.node);
      const problems = [
        ...duplicateFields(object, options.duplicates),
        ...[...coerced.unknownFields, ...pruned.unknownFields].map((field) => `unknown field "${field}"`),
      ];
      if (options.fieldValidation === 'Strict' && problems.length > 0) {
        return err(`strict decoding error: ${problems.join(', ')}`);
      }
      const warnings = options.fieldValidation === 'Warn' ? problems : [];
      return ok({ object: pruned.object, warnings } satisfies Decoded);
    },
    validateStatus: (object, old) => validateStatus(version, object, asJson(old)),
    types: customTypes(from.typeName, version.node),
    listKind: text(names, 'listKind'),
    openApiSchema: from.openApiSchema,
    ...(version.scale === undefined ? {} : { scale: version.scale }),
    ...(flag(json, 'deprecated') ? { deprecation: warning === '' ? usual : warning } : {}),
    isTerminating: has(struct(definition, 'metadata'), 'deletionTimestamp'),
  };
}

/** The first version that is served and not deprecated, as the warning of one that is names it. */
function successor(version: Version, definition: JsonObject): string {
  const [best] = structs(struct(definition, 'spec'), 'versions')
    .filter((other) => flag(other, 'served') && !flag(other, 'deprecated'))
    .map((other) => text(other, 'name'))
    .sort(compareVersions);
  if (best === undefined || compareVersions(best, version.version) > 0) return '';
  return `; use ${version.group}/${best} ${version.kind}`;
}

/**
 * A stored object as this version shows it. What is stored may have been written under an older schema, so that it is pruned
 * and filled in whenever it is read.
 */
function storageForm(version: Version, plural: string): NonNullable<KindDefinition['storage']> {
  const apiVersion = `${version.group}/${version.version}`;
  // An object is frozen, and each of its views follows from it and the definition: seen once, kept.
  const views = new WeakMap<JsonObject, JsonObject>();
  const show = (object: JsonObject): JsonObject => {
    const { object: pruned } = pruneUnknownFields(object, version.node);
    const filled = asJson(applySchemaDefaults(pruneNulls(pruned, version.node), version.node));
    const shown = { ...filled, apiVersion };
    return jsonEqual(shown, object) ? object : shown;
  };
  return {
    group: version.group,
    plural,
    toStorage: (object) => object,
    fromStorage: (object) => {
      const view = views.get(object) ?? show(object);
      views.set(object, view);
      return view;
    },
  };
}

/** Any change but one of metadata makes a new generation. */
function countChange(object: JsonObject, old: KubeObject): JsonObject {
  const before = asJson(old);
  if (jsonEqual(without(object, 'metadata'), without(before, 'metadata'))) return object;
  const generation = (number(struct(before, 'metadata'), 'generation') ?? 0) + 1;
  return { ...object, metadata: { ...struct(object, 'metadata'), generation } };
}

function typeProblems(version: Version, object: JsonObject): readonly FieldError[] {
  const kind = text(object, 'kind');
  return kind === version.kind ? [] : [invalid('kind', kind, `must be ${version.kind}`)];
}

const metaRules = { checkName: checkDns1123Subdomain, anyFinalizer: true };

function validateNew(version: Version, object: JsonObject): readonly FieldError[] {
  const wrongType = typeProblems(version, object);
  if (wrongType.length > 0) return wrongType;
  const { node, scale, namespaced } = version;
  const errors = [
    ...validateObjectMeta(object, { namespaced, ...metaRules }),
    ...checkValue(node, object, ''),
    ...checkScaleSpec(scale, object),
    ...checkScaleStatus(scale, object),
    ...checkEmbedded({ ...node, embeddedResource: false }, object, ''),
    ...checkLists(node, object, ''),
  ];
  return [
    ...errors,
    ...ruleProblems(node, errors, () => checkRules({ node, value: object, path: '', isRoot: true })),
  ];
}

function validateChanged(version: Version, object: JsonObject, old: JsonObject): readonly FieldError[] {
  const wrongType = typeProblems(version, object);
  if (wrongType.length > 0) return wrongType;
  const { node, scale } = version;
  const correlation: Correlation = { value: object, old };
  const errors = [
    ...validateObjectMetaUpdate(object, old),
    ...checkValue(node, object, '', correlation),
    ...checkScaleSpec(scale, object),
    ...checkScaleStatus(scale, object),
    ...checkEmbedded({ ...node, embeddedResource: false }, object, ''),
    // Lists that had items twice before may go on having them.
    ...(checkLists(node, old, '').length === 0 ? checkLists(node, object, '') : []),
  ];
  const rules = () => checkRules({ node, value: object, old, correlation, path: '', isRoot: true });
  return [...errors, ...ruleProblems(node, errors, rules)];
}

function validateStatus(version: Version, object: JsonObject, old: JsonObject): readonly FieldError[] {
  const { node, scale } = version;
  const status = object.status;
  const statusNode = childNode(node, 'status');
  const before = old.status;
  const correlation: Correlation | undefined =
    status === undefined || before === undefined ? undefined : { value: status, old: before };
  const errors = [
    ...validateObjectMetaUpdate(object, old),
    ...(status === undefined || statusNode === undefined
      ? []
      : checkValueAt(statusNode, status, 'status', correlation)),
    ...checkScaleStatus(scale, object),
    ...checkEmbedded({ ...node, embeddedResource: false }, object, ''),
    ...(checkLists(node, old, '').length === 0 ? checkLists(node, object, '') : []),
  ];
  const root: Correlation = { value: object, old };
  const rules = () => checkRules({ node, value: object, old, correlation: root, path: '', isRoot: true });
  return [...errors, ...ruleProblems(node, errors, rules)];
}

/** Rules are not asked about objects that are not of the shape that the rules were written for. */
const blocking = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

function ruleProblems(
  node: SchemaNode,
  errors: readonly FieldError[],
  check: () => readonly FieldError[],
): readonly FieldError[] {
  if (!hasRules(node)) return [];
  if (!errors.some(({ type }) => blocking.has(type))) return check();
  const detail =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [invalid('<nil>', null, detail)];
}

function selectedValues(object: JsonObject, paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    paths.map((path) => {
      let value: unknown = object;
      for (const key of path.split('.')) {
        value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
      }
      return [path, value === undefined || value === null ? '' : String(value)];
    }),
  );
}
