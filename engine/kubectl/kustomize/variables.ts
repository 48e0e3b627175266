/** `vars` of old: `$(NAME)` in commands, arguments and environments stands for a field of an object. Source: sigs.k8s.io/kustomize/api, refvar. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import { objectAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { isTarget, type KustomizeResource, readTarget } from './resource.ts';

/** The objects with all variables filled in. */
export function resolveVariables(
  resources: readonly KustomizeResource[],
  variables: readonly JsonObject[],
): Outcome<readonly KustomizeResource[]> {
  if (variables.length === 0) return ok(resources);
  const values = new Map<string, string>();
  for (const variable of variables) {
    const name = stringAt(variable, 'name');
    const about = readTarget(objectAt(variable, 'objref'));
    const found = resources.find(
      ({ object, origin }) =>
        isTarget(object, about) ||
        (origin !== undefined && isTarget(withValueAt(object, ['metadata', 'name'], origin), about)),
    );
    const path = stringAt(variable, 'fieldref', 'fieldpath') || 'metadata.name';
    const value = found && valueAt(found.object, ...path.split('.').map(step));
    if (value === undefined)
      return failure(`var '${name}' cannot be mapped to a field in the set of known resources`);
    values.set(name, String(value));
  }
  return ok(resources.map((resource) => ({ ...resource, object: fillObject(resource.object, values) })));
}

function step(word: string): string | number {
  return /^\d+$/.test(word) ? Number(word) : word;
}

const filledFields: ReadonlySet<string> = new Set([
  'args',
  'command',
  'value',
  'annotations',
  'host',
  'path',
]);

function fillObject(object: JsonObject, values: ReadonlyMap<string, string>): JsonObject {
  const filled = fill(object, false, values);
  return isJsonObject(filled) ? filled : object;
}

function fill(value: JsonValue, isOpen: boolean, values: ReadonlyMap<string, string>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => fill(item, isOpen, values));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        fill(inner, isOpen || filledFields.has(key), values),
      ]),
    );
  }
  if (typeof value !== 'string' || !isOpen) return value;
  return value.replaceAll(/\$\(([^()]+)\)/g, (whole, name: string) => values.get(name) ?? whole);
}
