import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { withHash } from '../manifest/content-hash.ts';
import { parseManifest, splitDocuments } from '../manifest/parse-manifest.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { generateObjects } from './generate.ts';
import { applyPatches } from './patches.ts';
import { absolute, joinPath } from './paths.ts';
import { renameReferences } from './references.ts';
import { applyReplacements } from './replacements.ts';
import { type KustomizeResource, sortResources } from './resource.ts';
import { addAnnotations, addLabels, rename, setImages, setNamespace, setReplicas } from './transform.ts';
import { resolveVariables } from './variables.ts';

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
  const variables: JsonObject[] = [];
  const built = await buildFolder(host, folder, { depth: 0, variables });
  if (!built.ok) return built;
  const hashed = renameAll(built.value, ({ object, needsHash }) => {
    if (!needsHash) return object;
    const { kind, type = null, data = null } = object;
    const content = { data: data ?? '', kind: kind ?? null, name: '', ...(type === null ? {} : { type }) };
    return withValueAt(object, ['metadata', 'name'], withHash(stringAt(object, 'metadata', 'name'), content));
  });
  const resolved = resolveVariables(hashed, variables);
  if (!resolved.ok) return resolved;
  const objects = resolved.value.map(({ object }) => object);
  const file = await readKustomization(host, folder.replace(/(?<=.)\/+$/, ''));
  const isInOrder = file.ok && stringAt(file.value, 'sortOptions', 'order') === 'fifo';
  return ok(isInOrder ? objects : sortResources(objects));
}

/** Changes objects and tells their new names to those that name them. */
function renameAll(
  resources: readonly KustomizeResource[],
  change: (resource: KustomizeResource) => JsonObject,
): readonly KustomizeResource[] {
  const changed = resources.map((resource) => ({
    ...resource,
    object: change(resource),
    origin: resource.origin ?? stringAt(resource.object, 'metadata', 'name'),
  }));
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
  { depth, variables }: Pick<Accumulation, 'depth' | 'variables'>,
): Promise<Outcome<readonly KustomizeResource[]>> {
  const root = folder.replace(/(?<=.)\/+$/, '');
  if (depth > deepest) return failure(`cycle detected: ${root}`);
  const read = await readKustomization(host, root);
  if (!read.ok) return read;
  const file = read.value;
  for (const [field, instead] of deprecated) {
    if (valueAt(file, field) === undefined) continue;
    host.writeStderr(
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead.${field === 'vars' ? ' [EXPERIMENTAL]' : ''} Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
    );
  }
  return accumulate(host, root, { file, start: [], depth, variables });
}

/** What a kustomization makes of the objects that were there before it, which of a component are its user's. */
async function accumulate(
  host: KubectlHost,
  root: string,
  { file, start, depth, variables }: Accumulation,
): Promise<Outcome<readonly KustomizeResource[]>> {
  variables.push(...objectsAt(file, 'vars'));
  let resources: readonly KustomizeResource[] = start;
  for (const entry of [...listAt(file, 'resources'), ...listAt(file, 'bases')].map(String)) {
    const found = await readEntry(host, root, entry, { depth, variables });
    if (!found.ok) return found;
    resources = [...resources, ...found.value];
  }
  for (const component of listAt(file, 'components').map(String)) {
    const path = joinPath(root, component);
    const inner = await readKustomization(host, path);
    if (!inner.ok) return inner;
    const more = await accumulate(host, path, {
      file: inner.value,
      start: resources,
      depth: depth + 1,
      variables,
    });
    if (!more.ok) return more;
    resources = more.value;
  }
  const generated = await generateObjects(host, root, file, resources);
  if (!generated.ok) return generated;
  const patched = await applyPatches(host, root, { file, resources: generated.value });
  if (!patched.ok) return patched;
  return applyReplacements(host, root, file, transform(file, patched.value));
}

/** What is put together in one folder. */
interface Accumulation {
  readonly file: JsonObject;
  readonly start: readonly KustomizeResource[];
  readonly depth: number;
  /** All `vars` so far; they are filled in at the end. */
  readonly variables: JsonObject[];
}

async function readKustomization(host: KubectlHost, folder: string): Promise<Outcome<JsonObject>> {
  const names = await host.listFolder(folder);
  if (names === undefined) return failure(await notAFolder(host, folder));
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
  if (parsed.value === undefined) return failure(`${name} is empty`);
  const unknown = Object.keys(parsed.value).find((field) => !knownFields.has(field));
  if (unknown !== undefined)
    return failure(`invalid Kustomization: json: unknown field ${JSON.stringify(unknown)}`);
  return ok(parsed.value);
}

/** Source: sigs.k8s.io/kustomize/api/types, Kustomization. */
const knownFields: ReadonlySet<string> = new Set(
  'apiVersion kind metadata openapi namePrefix nameSuffix namespace commonLabels labels commonAnnotations patchesStrategicMerge patchesJson6902 patches images imageTags replacements replicas vars sortOptions resources components crds bases configMapGenerator secretGenerator helmGlobals helmCharts helmChartInflationGenerator generatorOptions configurations generators transformers validators buildMetadata'.split(
    ' ',
  ),
);

async function notAFolder(host: KubectlHost, folder: string): Promise<string> {
  if ((await host.readFile(folder)) !== undefined)
    return `must build at directory: '${folder}': file is not directory`;
  const full = absolute(host, folder);
  return `must build at directory: not a valid directory: evalsymlink failure on '${folder}' : lstat ${full}: no such file or directory`;
}

async function readEntry(
  host: KubectlHost,
  root: string,
  entry: string,
  { depth, variables }: Pick<Accumulation, 'depth' | 'variables'>,
): Promise<Outcome<readonly KustomizeResource[]>> {
  const path = joinPath(root, entry);
  const text = await host.readFile(path);
  if (text === undefined) {
    if ((await host.listFolder(path)) !== undefined)
      return buildFolder(host, path, { depth: depth + 1, variables });
    const full = absolute(host, path);
    const reason = `evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`;
    return failure(
      `accumulating resources: accumulation err='accumulating resources from '${entry}': ${reason}': must build at directory: not a valid directory: ${reason}`,
    );
  }
  const inside = absolute(host, root);
  const full = absolute(host, path);
  // Source: sigs.k8s.io/kustomize/api, RestrictionRootOnly: other folders are bases, their files are not for taking.
  if (!full.startsWith(inside === '/' ? inside : `${inside}/`)) {
    return failure(
      `accumulating resources: accumulation err='accumulating resources from '${entry}': security; file '${full}' is not in or below '${inside}'': must build at directory: '${full}': file is not directory`,
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
