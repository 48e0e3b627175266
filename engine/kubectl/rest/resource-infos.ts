/** The objects that a command works on, fetched or read from files: what cli-runtime calls Infos. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { buildKustomization } from '../kustomize/build.ts';
import { type ManifestFile, readManifestFiles } from '../manifest/manifest-files.ts';
import { parseManifest, splitDocuments } from '../manifest/parse-manifest.ts';
import { complainOfDiscovery } from '../unreachable.ts';
import type { Query } from './cluster-client.ts';
import { describeFailedRequest, discoveryRequest } from './dial.ts';
import type { Mapping } from './discovery.ts';
import { objectsAt, stringAt, withValueAt } from './object-fields.ts';
import { missingResourceMessage, type Selection, selectResources } from './resource-builder.ts';
import { noKindMatch, type RestMapper, resourcePath } from './rest-mapper.ts';

/** One object, or one Table or list of them. */
export interface ResourceInfo {
  readonly mapping: Mapping;
  /** Empty for a kind without namespaces. */
  readonly namespace: string;
  /** Empty for the answer to a list request. */
  readonly name: string;
  readonly object: JsonObject;
  /** The file that it came from. */
  readonly source?: string;
}

/** Objects, and what kept others from being there. */
export interface Infos {
  readonly infos: readonly ResourceInfo[];
  readonly failures: readonly Failure[];
  /** Whether the command line named exactly one object. */
  readonly isSingle: boolean;
}

/** How the flags of a command choose objects. */
export interface InfoOptions {
  readonly args: readonly string[];
  readonly selector: string;
  readonly fieldSelector?: string;
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  readonly allowEmptySelector?: boolean;
  readonly singleResourceType?: boolean;
  readonly subresource?: string;
  /** Sent with each request: `accept` for Tables. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Query;
  /** Lists stay whole instead of becoming one info an item. */
  readonly keepLists?: boolean;
}

/** Fetches what arguments and flags choose; of `-f`, the newest state of each object in the files. */
export async function fetchInfos(invocation: Invocation, options: InfoOptions): Promise<Outcome<Infos>> {
  const filenames = fileNames(invocation);
  const isKustomized = invocation.flags.has('kustomize') && invocation.flags.string('kustomize') !== '';
  if (filenames.length > 0 || isKustomized) return fetchFromFiles(invocation, options);
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const selection = selectResources(options.args, mapper.value, {
    ...options,
    hasSelector: options.selector !== '' || (options.fieldSelector ?? '') !== '',
  });
  if (!selection.ok) return selection;
  return fetchSelection(invocation, selection.value, options);
}

function fileNames(invocation: Invocation): readonly string[] {
  return invocation.flags.has('filename') ? invocation.flags.strings('filename') : [];
}

async function fetchSelection(
  invocation: Invocation,
  selection: Selection,
  options: InfoOptions,
): Promise<Outcome<Infos>> {
  const namespace = options.allNamespaces === true ? '' : invocation.namespace;
  if (selection.by === 'selector') return listAll(invocation, selection.mappings, namespace, options);
  const infos: ResourceInfo[] = [];
  const failures: Failure[] = [];
  for (const { mapping, name } of selection.items) {
    if (mapping.namespaced && namespace === '') {
      return failure('a resource cannot be retrieved by name across all namespaces');
    }
    const path = resourcePath(mapping, namespace, name, options.subresource || undefined);
    const object = await invocation.client.get(path, options.query, options.headers);
    if (object.ok)
      infos.push({ mapping, namespace: mapping.namespaced ? namespace : '', name, object: object.value });
    else failures.push(object.error);
  }
  return ok({ infos, failures, isSingle: selection.isSingle });
}

async function listAll(
  invocation: Invocation,
  mappings: readonly Mapping[],
  namespace: string,
  options: InfoOptions,
): Promise<Outcome<Infos>> {
  const query: (readonly [string, string])[] = [...(options.query ?? [])];
  if (options.selector !== '') query.push(['labelSelector', options.selector]);
  if (options.fieldSelector !== undefined && options.fieldSelector !== '') {
    query.push(['fieldSelector', options.fieldSelector]);
  }
  const infos: ResourceInfo[] = [];
  const failures: Failure[] = [];
  for (const mapping of mappings) {
    const list = await invocation.client.get(resourcePath(mapping, namespace), query, options.headers);
    if (!list.ok) {
      failures.push(aboutList(list.error, mapping, options));
      continue;
    }
    const scope = mapping.namespaced ? namespace : '';
    if (options.keepLists === true) infos.push({ mapping, namespace: scope, name: '', object: list.value });
    else infos.push(...listItems(list.value, mapping));
  }
  return ok({ infos, failures, isSingle: false });
}

/** Source: k8s.io/cli-runtime/pkg/resource/selector.go, EnhanceListError. */
function aboutList(problem: Failure, mapping: Mapping, options: InfoOptions): Failure {
  if (problem.kind !== 'status') return problem;
  const { reason, message = '' } = problem.status;
  if (reason !== 'BadRequest' && reason !== 'NotFound') return problem;
  const resource = JSON.stringify(`${mapping.group}/${mapping.version}, Resource=${mapping.plural}`);
  const { selector, fieldSelector = '' } = options;
  const about =
    selector === '' && fieldSelector === ''
      ? `Unable to list ${resource}`
      : `Unable to find ${resource} that match label selector ${JSON.stringify(selector)}, field selector ${JSON.stringify(fieldSelector)}`;
  return { kind: 'status', status: { ...problem.status, message: `${about}: ${message}` } };
}

/** The items of a list, each with the apiVersion and kind that the list leaves out. */
function listItems(list: JsonObject, mapping: Mapping): readonly ResourceInfo[] {
  const apiVersion = stringAt(list, 'apiVersion');
  const kind = stringAt(list, 'kind').replace(/List$/, '');
  return objectsAt(list, 'items').map((item) => ({
    mapping,
    namespace: stringAt(item, 'metadata', 'namespace'),
    name: stringAt(item, 'metadata', 'name'),
    object: { apiVersion, kind, ...item },
  }));
}

async function fetchFromFiles(invocation: Invocation, options: InfoOptions): Promise<Outcome<Infos>> {
  if (options.args.length > 0) {
    return failure(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    );
  }
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const infos: ResourceInfo[] = [];
  const failures: Failure[] = [...read.value.failures];
  for (const info of read.value.infos) {
    const path = resourcePath(info.mapping, info.namespace, info.name);
    const object = await invocation.client.get(path, options.query, options.headers);
    if (object.ok) infos.push({ ...info, object: object.value });
    else failures.push(object.error);
  }
  return ok({ infos, failures, isSingle: infos.length + failures.length === 1 });
}

/**
 * Reads the objects in the files of `-f`, with the namespace of the command where they name none.
 *
 * @param keepsNamespace leaves the objects as they stand in the files.
 * @param stopsAtFirst looks for no other failure once there is one.
 */
export async function readInfos(
  invocation: Invocation,
  {
    keepsNamespace = false,
    stopsAtFirst = false,
  }: { readonly keepsNamespace?: boolean; readonly stopsAtFirst?: boolean } = {},
): Promise<Outcome<Infos>> {
  const folder = invocation.flags.string('kustomize');
  if (folder !== '') return readKustomized(invocation, folder, stopsAtFirst);
  const names = fileNames(invocation);
  if (names.length === 0) return failure(missingResourceMessage);
  const files = await readManifestFiles(invocation.host, names, invocation.flags.bool('recursive'));
  if (!files.ok) return files;
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return unrecognized(invocation, files.value, { problem: mapper.error, stopsAtFirst });
  const infos: ResourceInfo[] = [];
  const failures: Failure[] = [];
  for (const file of files.value) {
    const found = infosFromText(invocation, mapper.value, file);
    for (const { info, object } of found.infos) infos.push(keepsNamespace ? { ...info, object } : info);
    failures.push(...found.failures);
  }
  return ok({ infos, failures, isSingle: infos.length === 1 });
}

/** The objects that the folder of `-k` comes to. */
async function readKustomized(
  invocation: Invocation,
  folder: string,
  stopsAtFirst: boolean,
): Promise<Outcome<Infos>> {
  if (fileNames(invocation).length > 0) return failure('only one of -f or -k can be specified');
  const built = await buildKustomization(invocation.host, folder);
  if (!built.ok) return ok({ infos: [], failures: [built.error], isSingle: false });
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) {
    const text = built.value.map((object) => JSON.stringify(object)).join('\n---\n');
    return unrecognized(invocation, [{ source: folder, text }], { problem: mapper.error, stopsAtFirst });
  }
  const infos: ResourceInfo[] = [];
  const failures: Failure[] = [];
  for (const object of built.value) {
    const info = infoOf(object, folder, mapper.value, invocation);
    if (info.ok) infos.push(info.value);
    else failures.push(info.error);
  }
  return ok({ infos, failures, isSingle: infos.length === 1 });
}

/**
 * What becomes of files when the server is not there: a command that validates asks for the server's schema first, which
 * ends each file; others fail at each object.
 */
function unrecognized(
  invocation: Invocation,
  files: readonly ManifestFile[],
  { problem, stopsAtFirst }: { readonly problem: Failure; readonly stopsAtFirst: boolean },
): Outcome<Infos> {
  const server = problem.kind === 'unreachable' ? problem.server : undefined;
  if (server === undefined) return { ok: false, error: problem };
  const failures: Failure[] = [];
  for (const { source, text } of files) {
    for (const document of splitDocuments(text)) {
      const parsed = parseManifest(document);
      if (!parsed.ok) {
        failures.push({ kind: 'message', message: `error parsing ${source}: ${parsed.error}` });
        break;
      }
      if (parsed.value === undefined) continue;
      if (validatesFirst(invocation)) {
        const failed = describeFailedRequest(server, { method: 'GET', path: '/openapi/v2?timeout=32s' });
        const why = `error validating data: failed to download openapi: ${failed}`;
        failures.push({
          kind: 'message',
          message: `error validating ${JSON.stringify(source)}: ${why}; if you choose to ignore these errors, turn validation off with --validate=false`,
        });
        break;
      }
      complainOfDiscovery(invocation, server, 1);
      const failed = describeFailedRequest(server, discoveryRequest);
      failures.push({ kind: 'message', message: `unable to recognize ${JSON.stringify(source)}: ${failed}` });
      if (stopsAtFirst) break;
    }
  }
  return ok({ infos: [], failures, isSingle: false });
}

function validatesFirst({ path, flags }: Invocation): boolean {
  if (!flags.has('validate') || ['false', 'ignore'].includes(flags.string('validate'))) return false;
  // What is deleted or edited is taken from the files unread.
  return path !== 'kubectl edit' && !(path === 'kubectl replace' && flags.bool('force'));
}

/** The objects of one text, each also as it stands there. */
export function infosFromText(
  invocation: Invocation,
  mapper: RestMapper,
  file: { readonly source: string; readonly text: string },
): {
  readonly infos: readonly { readonly info: ResourceInfo; readonly object: JsonObject }[];
  readonly failures: readonly Failure[];
} {
  const infos: { info: ResourceInfo; object: JsonObject }[] = [];
  const failures: Failure[] = [];
  for (const text of splitDocuments(file.text)) {
    const parsed = parseManifest(text);
    if (!parsed.ok) {
      failures.push({ kind: 'message', message: `error parsing ${file.source}: ${parsed.error}` });
      break;
    }
    if (parsed.value === undefined) continue;
    for (const object of flatten(parsed.value)) {
      const info = infoOf(object, file.source, mapper, invocation);
      if (info.ok) infos.push({ info: info.value, object });
      else failures.push(info.error);
    }
  }
  return { infos, failures };
}

/** A manifest of kind List stands for its items. */
function flatten(object: JsonObject): readonly JsonObject[] {
  const isList = stringAt(object, 'kind').endsWith('List') && Array.isArray(object.items);
  return isList ? objectsAt(object, 'items').flatMap(flatten) : [object];
}

function infoOf(
  object: JsonObject,
  source: string,
  mapper: RestMapper,
  invocation: Invocation,
): Outcome<ResourceInfo> {
  const apiVersion = stringAt(object, 'apiVersion');
  const kind = stringAt(object, 'kind');
  const missing = [apiVersion === '' ? 'apiVersion not set' : '', kind === '' ? 'kind not set' : ''].filter(
    (one) => one !== '',
  );
  if (missing.length > 0) {
    const list = missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`;
    return failure(
      `error validating ${JSON.stringify(source)}: error validating data: ${list}; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
  }
  const name = stringAt(object, 'metadata', 'name');
  const named = stringAt(object, 'metadata', 'namespace');
  const mapping = mapper.byKind(apiVersion, kind);
  if (mapping === undefined) {
    const reason = noKindMatch(apiVersion, kind);
    return failure(
      `resource mapping not found for name: ${JSON.stringify(name)} namespace: ${JSON.stringify(named)} from ${JSON.stringify(source)}: ${reason.kind === 'message' ? reason.message : ''}\nensure CRDs are installed first`,
    );
  }
  if (!mapping.namespaced) {
    return ok({
      mapping,
      namespace: '',
      name,
      object: withValueAt(object, ['metadata', 'namespace'], undefined),
      source,
    });
  }
  if (named === '') {
    const namespace = invocation.namespace;
    return ok({
      mapping,
      namespace,
      name,
      object: withValueAt(object, ['metadata', 'namespace'], namespace),
      source,
    });
  }
  if (invocation.isNamespaceExplicit && named !== invocation.namespace) {
    return failure(
      `the namespace from the provided object ${JSON.stringify(named)} does not match the namespace ${JSON.stringify(invocation.namespace)}. You must pass '--namespace=${named}' to perform this operation.`,
    );
  }
  return ok({ mapping, namespace: named, name, object, source });
}
