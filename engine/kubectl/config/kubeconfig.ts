/**
 * kubeconfig files: clusters, users and contexts, read from several files and changed in the one that holds the entry.
 * It stands for client-go's clientcmd. Certificates and tokens are kept as they are and mean nothing here.
 */
import { parse } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { isNestedTooDeeply, nestingError } from '../../base/yaml-nesting.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { formatYaml } from '../printers/yaml.ts';
import { objectAt, objectsAt, stringAt } from '../rest/object-fields.ts';

/** The three kinds of entries. */
export type StanzaKind = 'clusters' | 'contexts' | 'users';

/** The contents of one file, or of several merged. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, JsonObject>;
  readonly contexts: ReadonlyMap<string, JsonObject>;
  readonly users: ReadonlyMap<string, JsonObject>;
  readonly currentContext: string;
}

/** A file that is part of the configuration; `config` is empty for a file that isn't there yet. */
export interface KubeconfigFile {
  readonly path: string;
  readonly exists: boolean;
  readonly config: Kubeconfig;
}

/** The name of an entry's value inside its list: `clusters: [{name, cluster}]`. */
const valueKeys: Readonly<Record<StanzaKind, string>> = {
  clusters: 'cluster',
  contexts: 'context',
  users: 'user',
};

const emptyKubeconfig: Kubeconfig = {
  clusters: new Map(),
  contexts: new Map(),
  users: new Map(),
  currentContext: '',
};

/**
 * Loads every file that counts: the one of `--kubeconfig`, else those of KUBECONFIG, else `~/.kube/config`.
 *
 * @returns a failure when `--kubeconfig` names a file that isn't there or a file can't be read as a kubeconfig.
 */
export async function loadKubeconfigFiles(
  host: KubectlHost,
  explicitPath: string,
): Promise<Outcome<readonly KubeconfigFile[]>> {
  const paths = explicitPath === '' ? searchPaths(host) : [explicitPath];
  const files: KubeconfigFile[] = [];
  for (const path of paths) {
    const text = await host.readFile(path);
    if (text === undefined) {
      files.push({ path, exists: false, config: emptyKubeconfig });
      continue;
    }
    const config = readKubeconfig(text, path);
    if (!config.ok) return config;
    files.push({ path, exists: true, config: config.value });
  }
  return ok(files);
}

function searchPaths(host: KubectlHost): readonly string[] {
  const listed = (host.env.get('KUBECONFIG') ?? '').split(':').filter((path) => path !== '');
  return listed.length > 0 ? [...new Set(listed)] : [`${host.env.get('HOME') ?? ''}/.kube/config`];
}

// Every command reads the same few files. What a text says never changes, so keeping it is not shared state.
const knownConfigs = new Map<string, Kubeconfig>();
const maxKnownConfigs = 16;

function readKubeconfig(text: string, path: string): Outcome<Kubeconfig> {
  const known = knownConfigs.get(text);
  if (known !== undefined) return ok(known);
  const parsed = parseKubeconfig(text, path);
  if (!parsed.ok) return parsed;
  if (knownConfigs.size >= maxKnownConfigs) knownConfigs.clear();
  knownConfigs.set(text, parsed.value);
  return parsed;
}

function parseKubeconfig(text: string, path: string): Outcome<Kubeconfig> {
  if (isNestedTooDeeply(text)) return failure(`error loading config file "${path}": yaml: ${nestingError}`);
  let document: unknown;
  try {
    document = parse(text, { version: '1.1', maxAliasCount: 100 });
  } catch (problem) {
    const detail = problem instanceof Error ? problem.message.split('\n')[0] : 'unreadable';
    return failure(`error loading config file "${path}": ${detail}`);
  }
  if (document === null || document === undefined) return ok(emptyKubeconfig);
  if (!isJsonObject(document)) return failure(`error loading config file "${path}": not a kubeconfig`);
  return ok({
    clusters: readStanzas(document, 'clusters'),
    contexts: readStanzas(document, 'contexts'),
    users: readStanzas(document, 'users'),
    currentContext: stringAt(document, 'current-context'),
  });
}

function readStanzas(document: JsonObject, kind: StanzaKind): ReadonlyMap<string, JsonObject> {
  const entries = objectsAt(document, kind);
  return new Map(entries.map((entry) => [stringAt(entry, 'name'), objectAt(entry, valueKeys[kind])]));
}

/** All files as one: what an earlier file says counts. */
export function mergeKubeconfigs(files: readonly KubeconfigFile[]): Kubeconfig {
  const inOrder = files.map((file) => file.config).reverse();
  return {
    clusters: new Map(inOrder.flatMap((config) => [...config.clusters])),
    contexts: new Map(inOrder.flatMap((config) => [...config.contexts])),
    users: new Map(inOrder.flatMap((config) => [...config.users])),
    currentContext: files.find((file) => file.config.currentContext !== '')?.config.currentContext ?? '',
  };
}

/** The document that a configuration is written as: entries in order of names. */
export function kubeconfigDocument(config: Kubeconfig): JsonObject {
  return {
    apiVersion: 'v1',
    clusters: writeStanzas(config.clusters, 'clusters'),
    contexts: writeStanzas(config.contexts, 'contexts'),
    'current-context': config.currentContext,
    kind: 'Config',
    users: writeStanzas(config.users, 'users'),
  };
}

function writeStanzas(stanzas: ReadonlyMap<string, JsonObject>, kind: StanzaKind): JsonValue {
  if (stanzas.size === 0) return null;
  const names = [...stanzas.keys()].sort(compareKeys);
  return names.map((name) => ({ [valueKeys[kind]]: stanzas.get(name) ?? {}, name }));
}

/** The text of a kubeconfig file. */
export function formatKubeconfig(config: Kubeconfig): string {
  return formatYaml(kubeconfigDocument(config));
}

/** The file that an entry stands in, or where a new one goes: the first that exists, else the last of the list. */
export function fileForStanza(
  files: readonly KubeconfigFile[],
  kind: StanzaKind,
  name: string,
): KubeconfigFile {
  const holder = files.find((file) => file.config[kind].has(name));
  return holder ?? fileForNew(files);
}

/** The file whose current-context counts, or where one is set anew. */
export function fileForCurrentContext(files: readonly KubeconfigFile[]): KubeconfigFile {
  return files.find((file) => file.config.currentContext !== '') ?? fileForNew(files);
}

function fileForNew(files: readonly KubeconfigFile[]): KubeconfigFile {
  const fallback = files.at(-1) ?? { path: 'config', exists: false, config: emptyKubeconfig };
  return files.find((file) => file.exists) ?? fallback;
}

/** A configuration with one entry set, or taken away when the value is undefined. */
export function withStanza(
  config: Kubeconfig,
  kind: StanzaKind,
  name: string,
  value: JsonObject | undefined,
): Kubeconfig {
  const stanzas = new Map(config[kind]);
  if (value === undefined) stanzas.delete(name);
  else stanzas.set(name, value);
  return { ...config, [kind]: stanzas };
}
