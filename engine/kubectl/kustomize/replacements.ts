/** `replacements`: values of one object put into fields of others. Source: sigs.k8s.io/kustomize/api, filters/replacement. */
import { parse } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { absolute, joinPath } from './paths.ts';
import { isTarget, type KustomizeResource, readTarget } from './resource.ts';

/** The objects after all replacements of a kustomization. */
export async function applyReplacements(
  host: KubectlHost,
  root: string,
  file: JsonObject,
  resources: readonly KustomizeResource[],
): Promise<Outcome<readonly KustomizeResource[]>> {
  let current = resources;
  for (const entry of objectsAt(file, 'replacements')) {
    const read = await readEntries(host, root, entry);
    if (!read.ok) return read;
    for (const replacement of read.value) {
      const replaced = replaceOne(current, replacement);
      if (!replaced.ok) return replaced;
      current = replaced.value;
    }
  }
  return ok(current);
}

/** An entry itself, or those of the file that it names. */
async function readEntries(
  host: KubectlHost,
  root: string,
  entry: JsonObject,
): Promise<Outcome<readonly JsonObject[]>> {
  const path = stringAt(entry, 'path');
  if (path === '') return ok([entry]);
  const text = await host.readFile(joinPath(root, path));
  if (text === undefined) {
    const full = absolute(host, joinPath(root, path));
    return failure(`evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`);
  }
  const value: unknown = parse(text, { maxAliasCount: 100 });
  if (Array.isArray(value)) return ok(value.filter(isJsonObject));
  return ok(isJsonObject(value) ? [value] : []);
}

function isSelected(resource: KustomizeResource, selector: JsonObject): boolean {
  const target = readTarget(selector);
  if (isTarget(resource.object, target)) return true;
  const { origin } = resource;
  return origin !== undefined && isTarget(withValueAt(resource.object, ['metadata', 'name'], origin), target);
}

function describeSelector(selector: JsonObject): string {
  const part = (field: string, none: string) => stringAt(selector, field) || none;
  const kind = [part('kind', '[noKind]'), part('version', '[noVer]'), part('group', '[noGrp]')].join('.');
  return `${kind}/${part('name', '[noName]')}.${part('namespace', '[noNs]')}`;
}

function replaceOne(
  resources: readonly KustomizeResource[],
  replacement: JsonObject,
): Outcome<readonly KustomizeResource[]> {
  const source = objectAt(replacement, 'source');
  const found = resources.filter((one) => isSelected(one, source));
  const [from, another] = found;
  if (from === undefined) return failure(`nothing selected by ${describeSelector(source)}`);
  if (another !== undefined) return failure(`multiple matches for selector ${describeSelector(source)}`);
  const fieldPath = stringAt(source, 'fieldPath') || 'metadata.name';
  const whole = valueUnder(from.object, splitPath(fieldPath));
  if (whole === undefined) {
    return failure(
      `fieldPath \`${fieldPath}\` is missing for replacement source ${describeSelector(source)}`,
    );
  }
  const value = pieceOf(whole, objectAt(source, 'options'));
  if (!value.ok) return value;
  let current = resources;
  for (const target of objectsAt(replacement, 'targets')) {
    const replaced = replaceInTarget(current, target, value.value);
    if (!replaced.ok) return replaced;
    current = replaced.value;
  }
  return ok(current);
}

/** With a delimiter only one part of the value counts. */
function pieceOf(value: JsonValue, options: JsonObject): Outcome<JsonValue> {
  const delimiter = stringAt(options, 'delimiter');
  if (delimiter === '') return ok(value);
  const index = Number(valueAt(options, 'index') ?? 0);
  const part = String(value).split(delimiter)[index];
  return part === undefined
    ? failure(`options.index ${index} is out of bounds for value ${String(value)}`)
    : ok(part);
}

function replaceInTarget(
  resources: readonly KustomizeResource[],
  target: JsonObject,
  value: JsonValue,
): Outcome<readonly KustomizeResource[]> {
  const paths = listAt(target, 'fieldPaths').map(String);
  const options = objectAt(target, 'options');
  const changed: KustomizeResource[] = [];
  for (const resource of resources) {
    const isMeant =
      isSelected(resource, objectAt(target, 'select')) &&
      !objectsAt(target, 'reject').some((one) => isSelected(resource, one));
    let object = resource.object;
    for (const path of isMeant ? (paths.length > 0 ? paths : ['metadata.name']) : []) {
      const replaced = replaceAt(object, splitPath(path), (before) => joined(before, value, options), {
        creates: valueAt(options, 'create') === true,
      });
      if (replaced === undefined || !isJsonObject(replaced))
        return failure(`unable to find field ${JSON.stringify(path)} in replacement target`);
      object = replaced;
    }
    changed.push({ ...resource, object });
  }
  return ok(changed);
}

function isScalar(value: JsonValue): boolean {
  return value === null || typeof value !== 'object';
}

/** With a delimiter only one part of the field is replaced. */
function joined(before: JsonValue | undefined, value: JsonValue, options: JsonObject): JsonValue {
  const delimiter = stringAt(options, 'delimiter');
  if (delimiter === '') {
    // A field keeps its type.
    if (!isScalar(value) || before === undefined) return value;
    if (typeof before === 'number' && !Number.isNaN(Number(value))) return Number(value);
    if (typeof before === 'boolean') return String(value) === 'true';
    return typeof before === 'string' ? String(value) : value;
  }
  const parts = typeof before === 'string' ? before.split(delimiter) : [];
  const index = Number(valueAt(options, 'index') ?? 0);
  if (index < 0) return [String(value), ...parts].join(delimiter);
  if (index >= parts.length) return [...parts, String(value)].join(delimiter);
  return parts.with(index, String(value)).join(delimiter);
}

/** `spec.containers.[name=a.b].image`, `metadata.labels.a\.b`, `data.[a/b]`: the steps of a path. */
function splitPath(path: string): readonly string[] {
  const steps: string[] = [];
  let step = '';
  let isBracketed = false;
  for (let at = 0; at < path.length; at += 1) {
    const character = path.charAt(at);
    if (character === '\\' && path.charAt(at + 1) === '.') {
      step += '.';
      at += 1;
    } else if (character === '.' && !isBracketed) {
      if (step !== '') steps.push(step);
      step = '';
    } else {
      if (character === '[') isBracketed = true;
      if (character === ']') isBracketed = false;
      step += character;
    }
  }
  return step === '' ? steps : [...steps, step];
}

/** Whether an item of a list is meant by a step: `*`, an index, or `[key=value]`. */
function isItem(item: JsonValue, index: number, step: string): boolean {
  if (step === '*') return true;
  if (/^\d+$/.test(step)) return index === Number(step);
  const [, key = '', wanted] = /^\[([^=\]]*)=([^\]]*)\]$/.exec(step) ?? [];
  if (wanted === undefined) return false;
  return key === '' ? String(item) === wanted : String(valueAt(item, key)) === wanted;
}

function plainStep(step: string): string {
  return step.replace(/^\[([^=]*)\]$/, '$1');
}

function valueUnder(value: JsonValue | undefined, steps: readonly string[]): JsonValue | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    return valueUnder(
      value.find((item, index) => isItem(item, index, step)),
      rest,
    );
  }
  return valueUnder(valueAt(value, plainStep(step)), rest);
}

/** The value with a field changed; undefined where the path leads nowhere. */
function replaceAt(
  value: JsonValue | undefined,
  steps: readonly string[],
  change: (before: JsonValue | undefined) => JsonValue,
  { creates }: { readonly creates: boolean },
): JsonValue | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined && !creates ? undefined : change(value);
  if (Array.isArray(value)) {
    let isFound = false;
    const items = value.map((item, index) => {
      if (!isItem(item, index, step)) return item;
      const replaced = replaceAt(item, rest, change, { creates });
      if (replaced !== undefined) isFound = true;
      return replaced ?? item;
    });
    return isFound ? items : undefined;
  }
  const key = plainStep(step);
  if (value !== undefined && !isJsonObject(value)) return undefined;
  const object = value ?? {};
  const inner = replaceAt(valueAt(object, key), rest, change, { creates });
  return inner === undefined ? undefined : { ...object, [key]: inner };
}
