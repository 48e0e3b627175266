/**
 * Where the scale subresource of a custom resource finds what it shows. Source:
 * apiextensions-apiserver/pkg/registry/customresource (validator.go, ValidateScaleSpec and ValidateScaleStatus).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { text } from '../read.ts';
import type { FieldError, ScalePaths } from '../scheme.ts';

const maxReplicas = 2_147_483_647;

/** The paths of a version's `subresources.scale`; undefined when it has none. */
export function readScalePaths(scale: JsonObject): ScalePaths | undefined {
  const [spec, status, selector] = ['specReplicasPath', 'statusReplicasPath', 'labelSelectorPath'].map(
    (key) => text(scale, key),
  );
  if (!spec || !status) return undefined;
  const keys = (path: string) => path.replace(/^\./, '').split('.');
  return {
    specReplicas: keys(spec),
    statusReplicas: keys(status),
    ...(selector ? { labelSelector: keys(selector) } : {}),
  };
}

/** The value at a path, undefined where there is none. */
function valueAtPath(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue = object;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key] ?? null;
  }
  return value;
}

/** The object with a number put at a path; undefined when something on the way is no map. */
export function withValueAtPath(
  object: JsonObject,
  path: readonly string[],
  value: number,
): JsonObject | undefined {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return { ...object, [key]: value };
  const inner = Object.hasOwn(object, key) ? object[key] : {};
  const changed = isJsonObject(inner) ? withValueAtPath(inner, rest, value) : undefined;
  return changed === undefined ? undefined : { ...object, [key]: changed };
}

/** The problems of the number of replicas that is wanted. */
export function checkScaleSpec(scale: ScalePaths | undefined, object: JsonObject): readonly FieldError[] {
  return scale === undefined ? [] : checkReplicas(scale.specReplicas, object);
}

/** The problems of the number of replicas that there are, and of the selector. */
export function checkScaleStatus(scale: ScalePaths | undefined, object: JsonObject): readonly FieldError[] {
  if (scale === undefined) return [];
  const { labelSelector } = scale;
  const selector = labelSelector === undefined ? [] : checkAccess(labelSelector, object, 'string');
  return [...checkReplicas(scale.statusReplicas, object), ...selector];
}

function checkReplicas(path: readonly string[], object: JsonObject): readonly FieldError[] {
  const value = valueAtPath(object, path);
  const field = `.${path.join('.')}`;
  if (typeof value !== 'number') return checkAccess(path, object, 'int64');
  if (value < 0) return [invalid(field, value, 'should be a non-negative integer')];
  if (value <= maxReplicas) return [];
  return [invalid(field, value, `should be less than or equal to ${maxReplicas}`)];
}

/** A value of another type than the one that is looked for. */
function checkAccess(
  path: readonly string[],
  object: JsonObject,
  wanted: 'string' | 'int64',
): readonly FieldError[] {
  const value = valueAtPath(object, path);
  if (value === undefined || typeof value === (wanted === 'string' ? 'string' : 'number')) return [];
  const field = `.${path.join('.')}`;
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  const detail = `${field} accessor error: ${shown} is of the type ${goType(value)}, expected ${wanted}`;
  return [invalid(field, wanted === 'string' ? '' : 0, detail)];
}

function goType(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
