/**
 * `kubectl kustomize` and `-k`: builds a kustomization folder. Source: sigs.k8s.io/kustomize v5.8.
 * Left out: plugins, Helm charts, vars, remote folders, `replacements` and `openapi`.
 */
import { applyPatch } from 'rfc6902';
import { parse } from 'yaml';
import { loadSchema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withHash } from '../commands/data-sources.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { parseManifest, splitDocuments } from '../manifest/parse-manifest.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';
import { generateObjects } from './generate.ts';
import { renameReferences } from './references.ts';
import { isTarget, type KustomizeResource, sortResources, type Target } from './resource.ts';
import { applyStrategicMerge } from './strategic-merge.ts';
import { addAnnotations, addLabels, rename, setImages, setNamespace, setReplicas } from './transform.ts';

/** Folders inside each other that are still followed. */
const deepest = 32;

/** Fields of old, with what to use instead. */
const deprecated: readonly (readonly [field: string, instead: string])[] = [
  ['commonLabels', 'labels'],
  ['bases', 'resources'],
  ['imageTags', 'images'],
  ['patchesJson6902', 'patches'],
  ['patchesStrategicMerge', 'patches'],
  ['vars', 'replacements'],
];

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The objects that a folder comes to, in the order in which kustomize prints them. */
export async function buildKustomization(
  host: KubectlHost,
  folder: string,
): Promise<Outcome<readonly JsonObject[]>> {
  const built = await buildFolder(host, folder, 0);
  if (!built.ok) return built;
  const hashed = renameAll(built.value, ({ object, needsHash }) => {
    if (!needsHash) return object;
    const { kind, type = null, data = null } = object;
    const content = { data: data ?? '', kind: kind ?? null, name: '', ...(type === null ? {} : { type }) };
    return withValueAt(object, ['metadata', 'name'], withHash(stringAt(object, 'metadata', 'name'), content));
  });
  return ok(sortResources(hashed.map(({ object }) => object)));
}

/** Changes objects and tells their new names to those that name them. */
function renameAll(
  resources: readonly KustomizeResource[],
  change: (resource: KustomizeResource) => JsonObject,
): readonly KustomizeResource[] {
  const changed = resources.map((resource) => ({ ...resource, object: change(resource) }));
  const names = new Map<string, string>();
  for (const [index, { object }] of resources.entries()) {
    const name = stringAt(object, 'metadata', 'name');
    const next = stringAt(changed[index]?.object, 'metadata', 'name');
    if (next !== name) names.set(`${stringAt(object, 'kind')}/${name}`, next);
  }
  return changed.map((resource) => ({
    ...resource,
    object: renameReferences(resource.object, (kind, name) => names.get(`${kind}/${name}`)),
  }));
}

async function buildFolder(
  host: KubectlHost,
  folder: string,
  depth: number,
): Promise<Outcome<readonly KustomizeResource[]>> {
  const root = folder.replace(/(?<=.)\/+$/, '');
  if (depth > deepest) return failure(`cycle detected: ${root}`);
  const read = await readKustomization(host, root);
  if (!read.ok) return read;
  const file = read.value;
  for (const [field, instead] of deprecated) {
    if (valueAt(file, field) === undefined) continue;
    host.writeStderr(
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
    );
  }
  const resources: KustomizeResource[] = [];
  for (const entry of [...listAt(file, 'resources'), ...listAt(file, 'bases')].map(String)) {
    const found = await readEntry(host, root, entry, depth);
    if (!found.ok) return found;
    resources.push(...found.value);
  }
  const generated = await generateObjects(host, root, file);
  if (!generated.ok) return generated;
  resources.push(...generated.value);
  const patched = await applyPatches(host, root, { file, resources });
  if (!patched.ok) return patched;
  let whole = transform(file, patched.value);
  for (const component of listAt(file, 'components').map(String)) {
    const inner = await readKustomization(host, joinPath(root, component));
    if (!inner.ok) return inner;
    const more = await applyPatches(host, joinPath(root, component), { file: inner.value, resources: whole });
    if (!more.ok) return more;
    whole = transform(inner.value, more.value);
  }
  return ok(whole);
}

async function readKustomization(host: KubectlHost, folder: string): Promise<Outcome<JsonObject>> {
  const names = await host.listFolder(folder);
  if (names === undefined) return failure(notAFolder(host, folder));
  const found = fileNames.filter((name) => names.includes(name));
  const [name] = found;
  if (name === undefined) {
    const list = `'kustomization.yaml', 'kustomization.yml' or 'Kustomization'`;
    return failure(`unable to find one of ${list} in directory '${absolute(host, folder)}'`);
  }
  if (found.length > 1) return failure(`Found multiple kustomization files: ${absolute(host, folder)}\n`);
  const text = (await host.readFile(`${folder}/${name}`)) ?? '';
  const parsed = parseManifest(text);
  if (!parsed.ok) return failure(`invalid Kustomization: ${parsed.error}`);
  return ok(parsed.value ?? {});
}

function absolute(host: KubectlHost, path: string): string {
  if (path.startsWith('/')) return path;
  return path === '.' ? host.cwd : joinPath(host.cwd, path);
}

function notAFolder(host: KubectlHost, folder: string): string {
  const full = absolute(host, folder);
  return `must build at directory: not a valid directory: evalsymlink failure on '${folder}' : lstat ${full}: no such file or directory`;
}

function joinPath(folder: string, entry: string): string {
  if (entry.startsWith('/')) return entry;
  const parts: string[] = folder === '.' ? [] : folder.split('/');
  for (const part of entry.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || (folder.startsWith('/') ? '/' : '.');
}

async function readEntry(
  host: KubectlHost,
  root: string,
  entry: string,
  depth: number,
): Promise<Outcome<readonly KustomizeResource[]>> {
  const path = joinPath(root, entry);
  const text = await host.readFile(path);
  if (text === undefined) {
    if ((await host.listFolder(path)) !== undefined) return buildFolder(host, path, depth + 1);
    const full = absolute(host, path);
    const reason = `evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`;
    return failure(
      `accumulating resources: accumulation err='accumulating resources from '${entry}': ${reason}': must build at directory: not a valid directory: ${reason}`,
    );
  }
  const resources: KustomizeResource[] = [];
  for (const document of splitDocuments(text)) {
    const parsed = parseManifest(document);
    if (!parsed.ok) {
      return failure(
        `accumulating resources: accumulation err='accumulating resources from '${entry}': ${parsed.error}'`,
      );
    }
    if (parsed.value === undefined) continue;
    const items = stringAt(parsed.value, 'kind').endsWith('List') ? objectsAt(parsed.value, 'items') : [];
    const objects = items.length > 0 ? items : [parsed.value];
    resources.push(...objects.map((object) => ({ object, needsHash: false })));
  }
  return ok(resources);
}

interface Patching {
  readonly file: JsonObject;
  readonly resources: readonly KustomizeResource[];
}

async function applyPatches(
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
        `failed to get the patch file from path(${path}): evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`,
      );
    }
    const target = valueAt(entry, 'target');
    const applied = applyOne(current, text, isJsonObject(target) ? readTarget(target) : undefined);
    if (!applied.ok) return applied;
    current = applied.value;
  }
  return ok(current);
}

function readTarget(target: JsonObject): Target {
  const field = (name: string) => stringAt(target, name) || undefined;
  return {
    group: field('group'),
    version: field('version'),
    kind: field('kind'),
    name: field('name'),
    namespace: field('namespace'),
  };
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
      return failure(
        `no matches for Id ${kind}.${stringAt(document, 'apiVersion').split('/').toReversed().join('.')}/${name}.[noNs]; failed to find unique target for patch ${kind}.${stringAt(document, 'apiVersion').split('/').toReversed().join('.')}/${name}.[noNs]`,
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

function transform(file: JsonObject, resources: readonly KustomizeResource[]): readonly KustomizeResource[] {
  const namespace = stringAt(file, 'namespace');
  const prefix = stringAt(file, 'namePrefix');
  const suffix = stringAt(file, 'nameSuffix');
  const counts = objectsAt(file, 'replicas');
  const images = objectsAt(file, 'images').map((image) => ({
    name: stringAt(image, 'name'),
    newName: stringAt(image, 'newName') || undefined,
    newTag: valueAt(image, 'newTag') === undefined ? undefined : String(valueAt(image, 'newTag')),
    digest: stringAt(image, 'digest') || undefined,
  }));
  return renameAll(resources, ({ object }) => {
    const originalName = stringAt(object, 'metadata', 'name');
    let changed = namespace === '' ? object : setNamespace(object, namespace);
    changed = rename(changed, prefix, suffix);
    changed = addLabels(changed, objectAt(file, 'commonLabels'), { selectors: true, templates: true });
    for (const entry of objectsAt(file, 'labels')) {
      const selectors = valueAt(entry, 'includeSelectors') === true;
      const templates = valueAt(entry, 'includeTemplates') === true;
      changed = addLabels(changed, objectAt(entry, 'pairs'), { selectors, templates });
    }
    changed = addAnnotations(changed, objectAt(file, 'commonAnnotations'));
    const count = counts.find((entry) => stringAt(entry, 'name') === originalName);
    if (count !== undefined) changed = setReplicas(changed, Number(valueAt(count, 'count') ?? 0));
    return images.length === 0 ? changed : setImages(changed, images);
  });
}
