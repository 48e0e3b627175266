/** `configMapGenerator` and `secretGenerator`. Left out: files that are no text. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import type { KustomizeResource } from './resource.ts';

/** The objects with the ConfigMaps and Secrets that a kustomization makes. */
export async function generateObjects(
  host: KubectlHost,
  root: string,
  file: JsonObject,
  before: readonly KustomizeResource[],
): Promise<Outcome<readonly KustomizeResource[]>> {
  const resources = [...before];
  const defaults = objectAt(file, 'generatorOptions');
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const field = kind === 'ConfigMap' ? 'configMapGenerator' : 'secretGenerator';
    for (const entry of objectsAt(file, field)) {
      const data = await readData(host, root, entry);
      if (!data.ok) return data;
      const made = makeResource(kind, entry, { data: data.value, defaults });
      const placed = place(resources, made, stringAt(entry, 'behavior'));
      if (!placed.ok) return placed;
    }
  }
  return ok(resources);
}

/** `behavior` says what becomes of an object of the same name: it is an error, it is merged with, or replaced. */
function place(resources: KustomizeResource[], made: KustomizeResource, behavior: string): Outcome<void> {
  const { object } = made;
  const name = stringAt(object, 'metadata', 'name');
  const at = resources.findIndex(
    (one) =>
      stringAt(one.object, 'kind') === stringAt(object, 'kind') &&
      [stringAt(one.object, 'metadata', 'name'), one.origin].includes(name),
  );
  const present = resources[at];
  const id = `resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${stringAt(object, 'kind')}", isClusterScoped:false}, Name:"${name}", Namespace:""}`;
  if (present === undefined) {
    if (behavior === 'merge' || behavior === 'replace')
      return failure(`merging from generator: id ${id} does not exist; cannot merge or replace`);
    resources.push(made);
    return ok(undefined);
  }
  if (behavior !== 'merge' && behavior !== 'replace')
    return failure(
      `merging from generator: id ${id} exists; can not use behavior: 'unspecified', behavior must be merge or replace`,
    );
  const data =
    behavior === 'merge'
      ? { ...objectAt(present.object, 'data'), ...objectAt(object, 'data') }
      : objectAt(object, 'data');
  const pairs = (field: string) => {
    const both = { ...objectAt(present.object, 'metadata', field), ...objectAt(object, 'metadata', field) };
    return Object.keys(both).length === 0 ? {} : { [field]: both };
  };
  const metadata = { ...objectAt(present.object, 'metadata'), ...pairs('annotations'), ...pairs('labels') };
  resources[at] = { ...present, object: { ...object, data, metadata }, needsHash: made.needsHash };
  return ok(undefined);
}

function makeResource(
  kind: 'ConfigMap' | 'Secret',
  entry: JsonObject,
  { data, defaults }: { readonly data: ReadonlyMap<string, string>; readonly defaults: JsonObject },
): KustomizeResource {
  const options = objectAt(entry, 'options');
  const pairs = (name: string) => ({ ...objectAt(defaults, name), ...objectAt(options, name) });
  const [labels, annotations] = [pairs('labels'), pairs('annotations')];
  const namespace = stringAt(entry, 'namespace');
  // Either of the two turns the hash off; upstream can't turn it on again.
  const isPlain = [options, defaults].some((one) => valueAt(one, 'disableNameSuffixHash') === true);
  const isFixed = [options, defaults].some((one) => valueAt(one, 'immutable') === true);
  const encode = (text: string) => (kind === 'Secret' ? Buffer.from(text, 'utf8').toString('base64') : text);
  const object: JsonObject = {
    apiVersion: 'v1',
    ...(data.size === 0
      ? {}
      : { data: Object.fromEntries([...data].map(([key, text]) => [key, encode(text)])) }),
    ...(isFixed ? { immutable: true } : {}),
    kind,
    metadata: {
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      name: stringAt(entry, 'name'),
      ...(namespace === '' ? {} : { namespace }),
    },
    ...(kind === 'Secret' ? { type: stringAt(entry, 'type') || 'Opaque' } : {}),
  };
  return { object, needsHash: !isPlain };
}

async function readData(
  host: KubectlHost,
  root: string,
  entry: JsonObject,
): Promise<Outcome<ReadonlyMap<string, string>>> {
  const data = new Map<string, string>();
  const envs = [...listAt(entry, 'envs'), ...[stringAt(entry, 'env')].filter((one) => one !== '')].map(
    String,
  );
  for (const env of envs) {
    const text = await host.readFile(`${root}/${env}`);
    if (text === undefined) return missing(host, root, env);
    for (const line of text.split('\n')) {
      const trimmed = line.trimStart();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const equals = trimmed.indexOf('=');
      const key = equals < 0 ? trimmed : trimmed.slice(0, equals);
      data.set(key, equals < 0 ? (host.env.get(key) ?? '') : trimmed.slice(equals + 1));
    }
  }
  for (const literal of listAt(entry, 'literals').map(String)) {
    const equals = literal.indexOf('=');
    if (equals <= 0)
      return failure(`literal values for 'literals' must be of the form key=value: ${literal}`);
    data.set(literal.slice(0, equals), literal.slice(equals + 1).replace(/^(['"])(.*)\1$/, '$2'));
  }
  for (const source of listAt(entry, 'files').map(String)) {
    const equals = source.indexOf('=');
    const path = equals < 0 ? source : source.slice(equals + 1);
    const text = await host.readFile(`${root}/${path}`);
    if (text === undefined) return missing(host, root, path);
    data.set(equals < 0 ? path.slice(path.lastIndexOf('/') + 1) : source.slice(0, equals), text);
  }
  return ok(data);
}

function missing(host: KubectlHost, root: string, path: string): ReturnType<typeof failure> {
  const full = `${root.startsWith('/') ? '' : `${host.cwd}/`}${root}/${path}`;
  return failure(
    `loading KV pairs: file sources: [${path}]: evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`,
  );
}
