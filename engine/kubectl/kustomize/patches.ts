/** `patches` of a kustomization, strategic merges and JSON patches alike. */
import { applyPatch } from 'rfc6902';
import { parse } from 'yaml';
import { loadSchema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { splitDocuments } from '../manifest/parse-manifest.ts';
import { listAt, objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { splitApiVersion } from '../rest/rest-mapper.ts';
import { builtInType } from '../schema-type.ts';
import { absolute, joinPath } from './paths.ts';
import { isTarget, type KustomizeResource, readTarget, type Target } from './resource.ts';
import { applyStrategicMerge } from './strategic-merge.ts';

/** Objects, and the kustomization whose patches they get. */
interface Patching {
  readonly file: JsonObject;
  readonly resources: readonly KustomizeResource[];
}

/** The objects after all patches. */
export async function applyPatches(
  host: KubectlHost,
  root: string,
  { file, resources }: Patching,
): Promise<Outcome<readonly KustomizeResource[]>> {
  let current = resources;
  const entries: JsonObject[] = [
    ...listAt(file, 'patchesStrategicMerge').map((entry): JsonObject => {
      const text = String(entry);
      return text.includes('\n') ? { patch: text } : { path: text };
    }),
    ...objectsAt(file, 'patches'),
    ...objectsAt(file, 'patchesJson6902'),
  ];
  for (const entry of entries) {
    const path = stringAt(entry, 'path');
    const text = path === '' ? stringAt(entry, 'patch') : await host.readFile(joinPath(root, path));
    if (text === undefined) {
      const full = absolute(host, joinPath(root, path));
      return failure(
        `trouble configuring builtin PatchTransformer with config: \`\npath: ${path}\n\`: failed to get the patch file from path(${path}): evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`,
      );
    }
    const target = valueAt(entry, 'target');
    const applied = applyOne(current, text, isJsonObject(target) ? readTarget(target) : undefined);
    if (!applied.ok) return applied;
    current = applied.value;
  }
  return ok(current);
}

function applyOne(
  resources: readonly KustomizeResource[],
  text: string,
  target: Target | undefined,
): Outcome<readonly KustomizeResource[]> {
  const documents = splitDocuments(text).map((document): JsonValue => parseYaml(document));
  let current = resources;
  for (const document of documents) {
    if (Array.isArray(document)) {
      const patched = patchByOperations(current, document, target ?? {});
      if (!patched.ok) return patched;
      current = patched.value;
      continue;
    }
    if (!isJsonObject(document)) continue;
    const about: Target = target ?? {
      kind: stringAt(document, 'kind'),
      name: stringAt(document, 'metadata', 'name'),
    };
    if (!current.some(({ object }) => isTarget(object, about)) && target === undefined) {
      const { kind = '', name = '' } = about;
      const { group, version } = splitApiVersion(stringAt(document, 'apiVersion'));
      const id = `${kind}.${version}.${group || '[noGrp]'}/${name}.[noNs]`;
      return failure(
        `no resource matches strategic merge patch ${JSON.stringify(id)}: no matches for Id ${id}; failed to find unique target for patch ${id}`,
      );
    }
    if (document.$patch === 'delete') {
      current = current.filter(({ object }) => !isTarget(object, about));
      continue;
    }
    const { kind: _kind, apiVersion: _apiVersion, ...changes } = document;
    const patch = withValueAt(changes, ['metadata', 'name'], undefined);
    current = current.map((resource) =>
      isTarget(resource.object, about) ? { ...resource, object: merge(resource.object, patch) } : resource,
    );
  }
  return ok(current);
}

function parseYaml(text: string): JsonValue {
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 });
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

function isJson(value: unknown): value is JsonValue {
  return value === null || ['string', 'number', 'boolean', 'object'].includes(typeof value);
}

function merge(object: JsonObject, patch: JsonObject): JsonObject {
  const typeName = builtInType(stringAt(object, 'apiVersion'), stringAt(object, 'kind'));
  return applyStrategicMerge(
    object,
    patch,
    typeName === undefined ? undefined : { schema: loadSchema(), typeName },
  );
}

function patchByOperations(
  resources: readonly KustomizeResource[],
  operations: readonly JsonValue[],
  target: Target,
): Outcome<readonly KustomizeResource[]> {
  const result: KustomizeResource[] = [];
  for (const resource of resources) {
    if (!isTarget(resource.object, target)) {
      result.push(resource);
      continue;
    }
    const copy = structuredClone(resource.object);
    const steps = operations.filter(isJsonObject).map((step) => ({
      op: stringAt(step, 'op'),
      path: stringAt(step, 'path'),
      from: stringAt(step, 'from'),
      value: structuredClone(step.value ?? null),
    }));
    for (const step of steps) {
      const problem = runStep(copy, step);
      if (problem !== undefined) return failure(`${problem}`);
    }
    result.push({ ...resource, object: copy });
  }
  return ok(result);
}

function runStep(
  object: JsonObject,
  step: { readonly op: string; readonly path: string; readonly from: string; readonly value: JsonValue },
): string | undefined {
  const { op, path, from, value } = step;
  const [problem] =
    op === 'remove'
      ? applyPatch(object, [{ op, path }])
      : op === 'move' || op === 'copy'
        ? applyPatch(object, [{ op, path, from }])
        : op === 'add' || op === 'replace' || op === 'test'
          ? applyPatch(object, [{ op, path, value }])
          : [new Error(`Unexpected kind: ${op}`)];
  if (problem === null || problem === undefined) return undefined;
  const words: Readonly<Record<string, string>> = { add: 'add', remove: 'remove', replace: 'replace' };
  return `${words[op] ?? op} operation does not apply: doc is missing path: ${path}: missing value`;
}
