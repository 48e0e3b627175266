/**
 * Holds a value to a schema, in the words of kube-openapi/pkg/validation/validate and of
 * apiextensions-apiserver/pkg/apiserver/validation (how its errors become errors of fields).
 *
 * Where one of several alternatives would do, the problems of the one that came closest are told: as upstream, each check
 * that was made counts, and the alternative with the most counts wins.
 */
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { invalid, notSupported, required, tooLong, tooMany } from '../field-errors.ts';
import type { FieldError } from '../scheme.ts';
import { checkNumber } from './check-number.ts';
import { type Correlation, correlateItem, correlateKey, isUnchanged } from './correlation.ts';
import { hasFormat } from './formats.ts';
import { compileGoRegexp } from './go-regexp.ts';
import type { SchemaNode } from './schema-node.ts';

/** Where upstream has no path to tell, Go prints its absence. */
const nowhere = '<nil>';

/** Problems, each once, and how many checks were made. */
class Findings {
  readonly errors: FieldError[] = [];
  checks = 0;

  add(...errors: readonly FieldError[]): void {
    for (const error of errors) {
      const isKnown = this.errors.some(
        ({ field, message }) => field === error.field && message === error.message,
      );
      if (!isKnown) this.errors.push(error);
    }
  }

  merge(other: Findings): void {
    this.add(...other.errors);
    this.checks += other.checks;
  }
}

/** The problems of a value that has a place but is checked as if it stood alone, which the messages show. */
export function checkValueAt(
  node: SchemaNode,
  value: JsonValue,
  path: string,
  correlation?: Correlation,
): readonly FieldError[] {
  return checkValue(node, value, '', correlation).map((error) => ({
    ...error,
    field: error.field === '' || error.field === nowhere ? path : `${path}.${error.field}`,
  }));
}

/**
 * The problems of a value. With a correlation the value is the new one of a change, and what the change left alone passes.
 *
 * @param path of the value, empty for a whole object.
 */
export function checkValue(
  node: SchemaNode,
  value: JsonValue,
  path: string,
  correlation?: Correlation,
): readonly FieldError[] {
  return checkNode(node, value, path, correlation).errors;
}

function checkNode(node: SchemaNode, value: JsonValue, path: string, correlation?: Correlation): Findings {
  const findings = new Findings();
  const types = typesOf(node);
  if (value === null) {
    if (types.length > 0 && !node.nullable) findings.add(typeError(path, types.join(','), 'null'));
    findings.add(...checkEnum(node, value, path));
  } else {
    const run = (check: Findings): void => {
      findings.merge(check);
      findings.checks += 1;
    };
    if (types.length > 0 || node.format !== '') run(checkType(node, types, value, path));
    run(checkAlternatives(node, value, path, correlation));
    if (typeof value === 'string') {
      run(foundIn(checkString(node, value, path)));
      if (node.format !== '') run(foundIn(checkFormat(node, value, path)));
    }
    if (typeof value === 'number') run(counted(checkNumber(node, value, path)));
    if (Array.isArray(value)) run(checkItems(node, value, path, correlation));
    run(foundIn(checkEnum(node, value, path)));
    if (isJsonObject(value)) run(checkFields(node, value, path, correlation));
    findings.checks += 1;
  }
  return findings.errors.length > 0 && isUnchanged(correlation) ? new Findings() : findings;
}

function foundIn(errors: readonly FieldError[]): Findings {
  const findings = new Findings();
  findings.add(...errors);
  return findings;
}

function counted(errors: readonly FieldError[]): Findings {
  const findings = foundIn(errors);
  findings.checks += 1;
  return findings;
}

function typesOf(node: SchemaNode): readonly string[] {
  if (node.intOrString) return ['integer', 'string'];
  return node.type === '' ? [] : [node.type];
}

/** The JSON type of a value, and Go's format of it where it is a number. */
function typeOfValue(value: JsonValue): { readonly type: string; readonly format: string } {
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? { type: 'integer', format: 'int64' }
      : { type: 'number', format: 'float64' };
  }
  return { type: typeof value, format: '' };
}

function typeError(path: string, wanted: string, found: string): FieldError {
  const detail = `${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`;
  return { ...invalid(path, found, detail), type: 'FieldValueTypeInvalid' };
}

function checkType(node: SchemaNode, types: readonly string[], value: JsonValue, path: string): Findings {
  const found = typeOfValue(value);
  const isText = typeof value === 'string' || Array.isArray(value);
  const isIntegral = found.type === 'integer' && types.includes('number');
  if (
    !isText &&
    node.format !== '' &&
    !types.includes(found.type) &&
    !isIntegral &&
    found.format !== node.format
  ) {
    return foundIn([typeError(path, node.format, found.format)]);
  }
  const isNumeric = types.includes('number') || types.includes('integer');
  // What a text with a format holds is for the format to say.
  if (!isNumeric && node.format !== '' && isText) return counted([]);
  if (types.includes(found.type) || isIntegral) return counted([]);
  return foundIn([typeError(path, types.join(','), found.type)]);
}

function checkString(node: SchemaNode, value: string, path: string): readonly FieldError[] {
  const { minLength, maxLength, pattern } = node;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)];
  if (minLength !== undefined && length < minLength) {
    return [invalid(path, value, `${path} in body should be at least ${minLength} chars long`)];
  }
  if (pattern === '') return [];
  const compiled = compileGoRegexp(pattern);
  if (compiled.ok && compiled.value.matcher(value).find()) return [];
  const shown = compiled.ok ? pattern : `${pattern}, but pattern is invalid: ${compiled.error}`;
  return [invalid(path, value, `${path} in body should match '${shown}'`)];
}

function checkFormat(node: SchemaNode, value: string, path: string): readonly FieldError[] {
  return hasFormat(node.format, value) ? [] : [typeError(path, node.format, value)];
}

function checkEnum(node: SchemaNode, value: JsonValue, path: string): readonly FieldError[] {
  if (node.enum.length === 0 || node.enum.some((allowed) => jsonEqual(allowed, value))) return [];
  const allowed = node.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return [notSupported(path, value, allowed)];
}

function checkItems(
  node: SchemaNode,
  value: readonly JsonValue[],
  path: string,
  correlation: Correlation | undefined,
): Findings {
  const findings = new Findings();
  const { items, minItems, maxItems } = node;
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      const before = correlateItem(correlation, node, item);
      findings.merge(checkNode(items, item, `${path}[${index}]`, before));
    }
  }
  const count = value.length;
  if (minItems !== undefined && count < minItems) {
    findings.add(invalid(path, count, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && count > maxItems) findings.add(tooMany(path, count, maxItems));
  findings.checks += 1;
  return findings;
}

function checkFields(
  node: SchemaNode,
  value: JsonObject,
  path: string,
  correlation: Correlation | undefined,
): Findings {
  const findings = new Findings();
  const keys = Object.keys(value).sort(compareKeys);
  const { minProperties, maxProperties, additionalProperties } = node;
  if (minProperties !== undefined && keys.length < minProperties) {
    const detail = `${path} in body should have at least ${minProperties} properties`;
    findings.add(invalid(path, keys.length, detail));
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    findings.add(tooMany(path, keys.length, maxProperties));
  }
  for (const key of keys) {
    const property = node.properties.get(key);
    const below = path === '' ? key : `${path}.${key}`;
    const schema = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (schema !== undefined) {
      const isTypeMeta = path === '' && (key === 'apiVersion' || key === 'kind');
      const before = isTypeMeta ? undefined : correlateKey(correlation, node, key);
      findings.merge(checkNode(schema, value[key] ?? null, below, before));
    } else if (additionalProperties === false) {
      findings.add(invalid(path, key, `${path}.${key} in body is a forbidden property`));
    }
  }
  for (const key of node.required) {
    if (!Object.hasOwn(value, key)) findings.add(required(path === '' ? key : `${path}.${key}`));
  }
  return findings;
}

function checkAlternatives(
  node: SchemaNode,
  value: JsonValue,
  path: string,
  correlation: Correlation | undefined,
): Findings {
  const findings = new Findings();
  const check = (schema: SchemaNode) => checkNode(schema, value, path, correlation);
  const complain = (what: string) => findings.add(invalid(nowhere, '', `${JSON.stringify(path)} ${what}`));
  if (node.anyOf.length > 0) {
    const results = node.anyOf.map(check);
    const success = results.find(({ errors }) => errors.length === 0);
    if (success === undefined) complain('must validate at least one schema (anyOf)');
    findings.merge(success ?? closest(results));
  }
  if (node.oneOf.length > 0) {
    const results = node.oneOf.map(check);
    const successes = results.filter(({ errors }) => errors.length === 0);
    const [success] = successes;
    if (successes.length === 1 && success !== undefined) {
      findings.merge(success);
    } else {
      const found = success === undefined ? 'none valid' : `${successes.length} valid alternatives`;
      complain(`must validate one and only one schema (oneOf). Found ${found}`);
      if (success === undefined) findings.merge(closest(results));
    }
  }
  if (node.allOf.length > 0) {
    const results = node.allOf.map(check);
    for (const result of results) findings.merge(result);
    const successes = results.filter(({ errors }) => errors.length === 0).length;
    if (successes < results.length) {
      complain(`must validate all the schemas (allOf)${successes === 0 ? '. None validated' : ''}`);
    }
  }
  if (node.not !== undefined && check(node.not).errors.length === 0) {
    complain('must not validate the schema (not)');
  }
  return findings;
}

/** The first of those that made the most checks. */
function closest(results: readonly Findings[]): Findings {
  return results.reduce(
    (best, result) => (result.checks > best.checks ? result : best),
    results[0] ?? new Findings(),
  );
}
