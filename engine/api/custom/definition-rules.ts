/**
 * The rules of a CustomResourceDefinition. Source:
 * apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go.
 *
 * What all versions have alike (schema, subresources, columns) upstream holds in one place, and names that place in errors:
 * `spec.validation` instead of `spec.versions[0].schema`.
 * Differs: what rules in CEL may cost is not estimated beforehand; the bound is held when they run.
 */
import { type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooMany } from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { flag, has, struct, structs, text, texts, without } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { checkDns1035Label, checkDns1123Subdomain } from '../validation/names.ts';
import { approvalOf, isProtectedGroup } from './api-approval.ts';
import { isConditionTrue } from './definition.ts';
import { readRulePath } from './rule-path.ts';
import { childNode, readSchemaNode, type SchemaNode } from './schema-node.ts';
import { checkSchema } from './schema-rules.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxSelectableFields = 8;

/** The problems of a definition besides those of its metadata; `old` when it is changed. */
export function checkDefinition(definition: JsonObject, old?: JsonObject): readonly FieldError[] {
  const spec = struct(definition, 'spec');
  const names = struct(spec, 'names');
  const missing = ['plural', 'singular', 'kind', 'listKind'].filter((key) => text(names, key) === '');
  return [
    ...(old === undefined ? checkName(definition) : []),
    ...checkGroup(text(spec, 'group')),
    ...checkScope(text(spec, 'scope')),
    ...checkVersions(spec),
    ...missing.map((key) => required(`spec.names.${key}`)),
    ...checkNames(names, 'spec.names'),
    ...checkConversion(struct(spec, 'conversion')),
    ...(old === undefined ? [] : checkImmutable(spec, old)),
    ...checkNames(struct(struct(definition, 'status'), 'acceptedNames'), 'status.acceptedNames'),
    ...checkStoredVersions(definition),
    ...checkApproval(definition, old),
    ...checkPreserve(spec),
  ];
}

function checkName(definition: JsonObject): readonly FieldError[] {
  const name = text(struct(definition, 'metadata'), 'name');
  const spec = struct(definition, 'spec');
  if (name === `${text(struct(spec, 'names'), 'plural')}.${text(spec, 'group')}`) return [];
  return [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function checkGroup(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = checkDns1123Subdomain(group);
  if (problems.length > 0) return [invalid('spec.group', group, problems.join(','))];
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function checkScope(scope: string): readonly FieldError[] {
  const scopes = ['Cluster', 'Namespaced'];
  if (scope === '') return [required('spec.scope')];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

/** Whether all versions say the same of something, so that it is one thing of the whole definition. */
function isShared(versions: readonly JsonObject[], key: string): boolean {
  const [first, ...others] = versions;
  return first !== undefined && has(first, key) && others.every((other) => jsonEqual(other[key], first[key]));
}

function checkVersions(spec: JsonObject): readonly FieldError[] {
  const versions = structs(spec, 'versions');
  const schemaless = versions.flatMap((version, index) =>
    has(struct(version, 'schema'), 'openAPIV3Schema')
      ? []
      : [required(`spec.versions[${index}].schema.openAPIV3Schema`)],
  );
  const keys = ['schema', 'subresources', 'additionalPrinterColumns'];
  const shared = new Set(keys.filter((key) => isShared(versions, key)));
  const own = versions.flatMap((version, index) => {
    const path = `spec.versions[${index}]`;
    const name = text(version, 'name');
    const problems = checkDns1035Label(name);
    return [
      ...(problems.length === 0 ? [] : [invalid(`${path}.name`, name, problems.join(','))]),
      ...checkDeprecation(version, `${path}.deprecationWarning`),
      ...(shared.has('schema') ? [] : checkVersionSchema(version, `${path}.schema`)),
      ...(shared.has('subresources') ? [] : checkSubresources(version, `${path}.subresources`)),
      ...(shared.has('additionalPrinterColumns')
        ? []
        : checkColumns(version, `${path}.additionalPrinterColumns`)),
      ...checkSelectableFields(
        version,
        versions.length === 1 ? 'spec.selectableFields' : `${path}.selectableFields`,
      ),
    ];
  });
  const names = versions.map((version) => text(version, 'name'));
  const stored = versions.filter((version) => flag(version, 'storage')).length;
  const [first = {}] = versions;
  const shown = has(spec, 'versions') ? shownVersions(versions) : null;
  const firstName = text(first, 'name');
  const firstProblems = firstName === '' ? [] : checkDns1035Label(firstName);
  return [
    ...schemaless,
    ...own,
    ...(new Set(names).size === names.length
      ? []
      : [invalid('spec.versions', shown, 'must contain unique version names')]),
    ...(stored === 1
      ? []
      : [invalid('spec.versions', shown, 'must have exactly one version marked as storage version')]),
    // Inside, the first version's name is a field of its own as well.
    ...(firstProblems.length === 0 ? [] : [invalid('spec.version', firstName, firstProblems.join(','))]),
    ...(shared.has('schema') ? checkVersionSchema(first, 'spec.validation') : []),
    ...(shared.has('subresources') ? checkSubresources(first, 'spec.subresources') : []),
    ...(shared.has('additionalPrinterColumns') ? checkColumns(first, 'spec.additionalPrinterColumns') : []),
  ];
}

/** The versions as the server has them inside, without what they have alike. */
function shownVersions(versions: readonly JsonObject[]): JsonValue {
  const keys = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'];
  const shared = keys.filter((key) => isShared(versions, key));
  return versions.map((version) =>
    internalForm('CustomResourceDefinitionVersion', without(version, ...shared)),
  );
}

function checkVersionSchema(version: JsonObject, path: string): readonly FieldError[] {
  const schema = struct(version, 'schema');
  if (!has(schema, 'openAPIV3Schema')) return [];
  const hasStatus = has(struct(version, 'subresources'), 'status');
  return checkSchema(struct(schema, 'openAPIV3Schema'), `${path}.openAPIV3Schema`, hasStatus);
}

function checkDeprecation(version: JsonObject, path: string): readonly FieldError[] {
  const { deprecationWarning: warning } = version;
  if (typeof warning !== 'string') return [];
  const problem = (detail: string) => [invalid(path, warning, detail)];
  if (!flag(version, 'deprecated')) return problem('can only be set for deprecated versions');
  if (warning === '') return problem('must not be an empty string');
  return warning.length > 256 ? problem('must be <= 256 characters long') : [];
}

function checkSubresources(version: JsonObject, path: string): readonly FieldError[] {
  const scale = struct(struct(version, 'subresources'), 'scale');
  if (!has(struct(version, 'subresources'), 'scale')) return [];
  const check = (key: string, root: string): readonly FieldError[] => {
    const value = text(scale, key);
    const field = `${path}.scale.${key}`;
    if (value === '') return [required(field)];
    const simple = checkSimplePath(value, field);
    if (simple.length > 0 || value.startsWith(`${root}.`)) return simple;
    return [invalid(field, value, `should be a json path under ${root}`)];
  };
  const selector = text(scale, 'labelSelectorPath');
  const field = `${path}.scale.labelSelectorPath`;
  const isPlaced = selector === '' || /^\.(?:spec|status)\./.test(selector);
  const misplaced = isPlaced
    ? []
    : [invalid(field, selector, 'should be a json path under either .spec or .status')];
  return [...check('specReplicasPath', '.spec'), ...check('statusReplicasPath', '.status'), ...misplaced];
}

function checkSimplePath(value: string, field: string): readonly FieldError[] {
  return value.startsWith('.') ? [] : [invalid(field, value, 'must be a simple json path starting with .')];
}

function checkColumns(version: JsonObject, path: string): readonly FieldError[] {
  return structs(version, 'additionalPrinterColumns').flatMap((column, index) => {
    const at = `${path}[${index}]`;
    const [type, format, jsonPath] = ['type', 'format', 'jsonPath'].map((key) => text(column, key));
    const types = `must be one of ${columnTypes.join(',')}`;
    return [
      ...(text(column, 'name') === '' ? [required(`${at}.name`)] : []),
      ...(type === '' ? [required(`${at}.type`, types)] : []),
      ...(type && !columnTypes.includes(type) ? [invalid(`${at}.type`, type, types)] : []),
      ...(format && !columnFormats.includes(format)
        ? [invalid(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`)]
        : []),
      ...(jsonPath ? checkSimplePath(jsonPath, `${at}.JSONPath`) : [required(`${at}.JSONPath`)]),
    ];
  });
}

function checkSelectableFields(version: JsonObject, path: string): readonly FieldError[] {
  const schema = struct(struct(version, 'schema'), 'openAPIV3Schema');
  const seen = new Set<string>();
  const errors = structs(version, 'selectableFields').flatMap((field, index): readonly FieldError[] => {
    const jsonPath = text(field, 'jsonPath');
    const at = `${path}[${index}].jsonPath`;
    if (jsonPath === '') return [required(at)];
    const node = readSchemaNode(schema);
    if (jsonPath.includes('['))
      return [invalid(at, jsonPath, 'is an invalid path: array notation is not allowed')];
    if (readRulePath(node, jsonPath) === undefined) {
      return [invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field')];
    }
    const found: FieldError[] = [];
    if (jsonPath.startsWith('.metadata'))
      found.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(nodeAt(node, jsonPath)?.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      found.push(invalid(at, jsonPath, detail));
    }
    if (seen.has(jsonPath)) found.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
    return found;
  });
  return seen.size > maxSelectableFields
    ? [...errors, tooMany(path, seen.size, maxSelectableFields)]
    : errors;
}

function nodeAt(node: SchemaNode, path: string): SchemaNode | undefined {
  return path
    .slice(1)
    .split('.')
    .reduce<SchemaNode | undefined>((at, key) => childNode(at, key), node);
}

function checkNames(names: JsonObject, path: string): readonly FieldError[] {
  const words = (['plural', 'singular', 'kind', 'listKind'] as const).flatMap((key) => {
    const name = text(names, key);
    const isKind = key === 'kind' || key === 'listKind';
    const problems = name === '' ? [] : checkDns1035Label(isKind ? name.toLowerCase() : name);
    const detail = `${isKind ? 'may have mixed case, but should otherwise match: ' : ''}${problems.join(',')}`;
    return problems.length === 0 ? [] : [invalid(`${path}.${key}`, name, detail)];
  });
  const list = (key: string): readonly FieldError[] =>
    texts(names, key).flatMap((name, index) => {
      const problems = checkDns1035Label(name);
      return problems.length === 0 ? [] : [invalid(`${path}.${key}[${index}]`, name, problems.join(','))];
    });
  const kind = text(names, 'kind');
  const isSame = kind !== '' && kind === text(names, 'listKind');
  return [
    ...words,
    ...list('shortNames'),
    ...(isSame ? [invalid(`${path}.listKind`, kind, 'kind and listKind may not be the same')] : []),
    ...list('categories'),
  ];
}

function checkConversion(conversion: JsonObject): readonly FieldError[] {
  const strategy = text(conversion, 'strategy');
  const strategies = ['None', 'Webhook'];
  const webhook = struct(conversion, 'webhook');
  const path = 'spec.conversion';
  const versions = texts(webhook, 'conversionReviewVersions');
  const listed = `${path}.conversionReviewVersions`;
  if (strategy === 'Webhook') {
    const client = struct(webhook, 'clientConfig');
    const field = `${path}.webhookClientConfig`;
    const isOne = has(client, 'url') !== has(client, 'service');
    const wanted = has(webhook, 'clientConfig')
      ? 'exactly one of url or service is required'
      : 'required when strategy is set to Webhook';
    return [...(isOne ? [] : [required(field, wanted)]), ...checkReviewVersions(versions, listed)];
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  const known =
    strategy === ''
      ? [required(`${path}.strategy`)]
      : strategies.includes(strategy)
        ? []
        : [notSupported(`${path}.strategy`, strategy, strategies)];
  return [
    ...known,
    ...(has(webhook, 'clientConfig') ? [forbidden(`${path}.webhookClientConfig`, detail)] : []),
    ...(versions.length > 0 ? [forbidden(listed, detail)] : []),
  ];
}

/** Versions of the object by which a webhook is asked, one of which the server must speak. */
function checkReviewVersions(versions: readonly string[], path: string): readonly FieldError[] {
  if (versions.length === 0) return [required(path)];
  const each = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index)
      return [invalid(`${path}[${index}]`, version, 'duplicate version')];
    return checkDns1035Label(version).map((problem) => invalid(`${path}[${index}]`, version, problem));
  });
  if (versions.includes('v1') || versions.includes('v1beta1')) return each;
  return [...each, invalid(path, [...versions], 'must include at least one of v1, v1beta1')];
}

function checkImmutable(spec: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = struct(old, 'spec');
  const same = (path: string, value: string, was: string) =>
    value === was ? [] : [invalid(path, value, 'field is immutable')];
  const of = (key: string) => [text(struct(spec, 'names'), key), text(struct(before, 'names'), key)] as const;
  const established = isConditionTrue(old, 'Established')
    ? [
        ...same('spec.scope', text(spec, 'scope'), text(before, 'scope')),
        ...same('spec.names.kind', ...of('kind')),
      ]
    : [];
  return [
    ...established,
    ...same('spec.group', text(spec, 'group'), text(before, 'group')),
    ...same('spec.names.plural', ...of('plural')),
  ];
}

function checkStoredVersions(definition: JsonObject): readonly FieldError[] {
  const stored = texts(struct(definition, 'status'), 'storedVersions');
  const path = 'status.storedVersions';
  const shown: JsonValue = stored.length === 0 ? null : [...stored];
  if (stored.length === 0) return [invalid(path, shown, 'must have at least one stored version')];
  const versions = structs(struct(definition, 'spec'), 'versions');
  const names = versions.map((version) => text(version, 'name'));
  // One that comes again counts as unlisted: upstream strikes off each that it has seen.
  const unlisted = versions
    .filter((version, index) => {
      const name = text(version, 'name');
      return flag(version, 'storage') && (!stored.includes(name) || names.indexOf(name) < index);
    })
    .map((version) => invalid(path, shown, `must have the storage version ${text(version, 'name')}`));
  const gone = stored.flatMap((name, index) => {
    if (names.includes(name)) return [];
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalid(`${path}[${index}]`, name, detail)];
  });
  return [...unlisted, ...gone];
}

function checkApproval(definition: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  if (!isProtectedGroup(text(struct(definition, 'spec'), 'group'))) return [];
  const { state, reason } = approvalOf(definition);
  if (old !== undefined && approvalOf(old).state === state) return [];
  const field = 'metadata.annotations[api-approved.kubernetes.io]';
  if (state === 'Missing') return [required(field, reason)];
  if (state !== 'Invalid') return [];
  const value = struct(struct(definition, 'metadata'), 'annotations')['api-approved.kubernetes.io'];
  return [invalid(field, value, reason)];
}

function checkPreserve(spec: JsonObject): readonly FieldError[] {
  if (!flag(spec, 'preserveUnknownFields')) return [];
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, detail)];
}
