/**
 * In which form a client wants objects: whole, as metadata alone, or as rows of a Table. Source:
 * k8s.io/apiserver/pkg/endpoints/handlers/response.go and negotiation.
 */
import type { ApiRequest } from '../../api/request.ts';
import type { KindDefinition } from '../../api/scheme.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { objectAt, withKeys } from './object-access.ts';
import { badRequest, notAcceptable, type Outcome, unacceptableForm } from './refusals.ts';
import { queryValue } from './server-context.ts';

/** The form of a response's objects. */
export interface OutputForm {
  readonly type: 'whole' | 'metadata' | 'table';
  /** What of the object stands beside the cells of a row. */
  readonly rowObject: 'None' | 'Metadata' | 'Object';
}

/** What answers are written in: the HTTP face writes YAML from the same object. */
const answered = ['application/json', 'application/yaml', '*/*', 'application/*'];

/** Chooses the first form of the Accept header that the server has. */
export function negotiateOutput(request: ApiRequest, isCollection: boolean): Outcome<OutputForm> {
  const accept = request.headers?.accept ?? '';
  const rowObject = queryValue(request, 'includeObject') ?? '';
  if (rowObject !== '' && rowObject !== 'None' && rowObject !== 'Metadata' && rowObject !== 'Object') {
    return err(badRequest(`unrecognized includeObject value: ${JSON.stringify(rowObject)}`));
  }
  const form = { rowObject: rowObject === '' ? 'Metadata' : rowObject } as const;
  if (accept === 'application/json' || accept.trim() === '') return ok({ type: 'whole', ...form });
  for (const clause of accept.split(',')) {
    const [mediaType = '', ...parameters] = clause.split(';').map((part) => part.trim());
    if (!answered.includes(mediaType)) continue;
    const wanted = new Map(
      parameters.map((parameter): [string, string] => {
        const at = parameter.indexOf('=');
        return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
      }),
    );
    const as = wanted.get('as') ?? '';
    if (as === '') return ok({ type: 'whole', ...form });
    if (wanted.get('g') !== 'meta.k8s.io' || wanted.get('v') !== 'v1') continue;
    if (as === 'Table') return ok({ type: 'table', ...form });
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return ok({ type: 'metadata', ...form });
    }
  }
  const isList = request.method === 'GET' && isCollection;
  return err(hasKnownType(accept) ? unacceptableForm() : notAcceptable(isList ? 'list' : 'object'));
}

function hasKnownType(accept: string): boolean {
  return accept.split(',').some((clause) => answered.includes(clause.split(';', 1)[0]?.trim() ?? ''));
}

/** Refuses a request for a document of discovery in a form that the server does not write. */
export function acceptDocument(request: ApiRequest, type: string): Outcome<true> {
  const accept = request.headers?.accept ?? '';
  if (accept.trim() === '' || type === 'health' || type === 'openapi' || type === 'root') return ok(true);
  const forms = accept.split(',').filter((clause) => hasKnownType(clause));
  const hasAggregate = type === 'groups' || type === 'legacy-versions';
  const isServed = forms.some(
    (form) =>
      type === 'version' || !form.includes('as=') || (hasAggregate && /as=APIGroupDiscoveryList/.test(form)),
  );
  if (isServed) return ok(true);
  // The lists of groups are written by handlers beside the router.
  const isRouted = type !== 'groups' && type !== 'group' && forms.length === 0;
  return err(isRouted ? notAcceptable(type === 'version' ? 'version' : 'object') : unacceptableForm());
}

/** One object in a form. */
export function formatObject(
  form: OutputForm,
  kind: KindDefinition,
  object: StoredObject,
  nowMs: number,
): JsonObject {
  if (form.type === 'whole') return object;
  if (form.type === 'metadata') return partialMetadata(object);
  return formatTable(form, kind, { objects: [object], listMetadata: listMetadataOf(object), nowMs });
}

/** Several objects in a form, with the list's own metadata. */
export function formatList(
  form: OutputForm,
  kind: KindDefinition,
  list: {
    readonly objects: readonly StoredObject[];
    readonly listMetadata: JsonObject;
    readonly nowMs: number;
  },
): JsonObject {
  if (form.type === 'table') return formatTable(form, kind, list);
  if (form.type === 'metadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: list.listMetadata,
      items: list.objects.map(partialMetadata),
    };
  }
  return {
    kind: kind.custom?.listKind ?? `${kind.kind}List`,
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    // Maps write what Go's structs leave out.
    metadata: kind.custom === undefined ? list.listMetadata : { continue: '', ...list.listMetadata },
    // What has no Go type says in each item what it is.
    items: kind.custom === undefined ? list.objects.map(withoutType) : list.objects,
  };
}

function formatTable(
  form: OutputForm,
  kind: KindDefinition,
  list: {
    readonly objects: readonly StoredObject[];
    readonly listMetadata: JsonObject;
    readonly nowMs: number;
  },
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: list.listMetadata,
    columnDefinitions: kind.columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format,
      description: column.description,
      priority: column.priority,
    })),
    // Kinds without columns of their own are shown by a function that makes no list of nothing.
    rows: rowsOrNull(
      kind,
      list.objects.map((object) => ({
        cells: kind.row(object, list.nowMs),
        object: rowObject(form, object),
      })),
    ),
  };
}

function rowsOrNull(kind: KindDefinition, rows: readonly JsonObject[]): JsonValue {
  const isPlain = kind.columns.some((column) => column.name === 'Created At');
  return isPlain && rows.length === 0 ? null : rows;
}

function rowObject(form: OutputForm, object: StoredObject): JsonValue {
  if (form.rowObject === 'None') return null;
  return form.rowObject === 'Object' ? object : partialMetadata(object);
}

function partialMetadata(object: StoredObject): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: withoutConverted(objectAt(object, 'metadata')),
  };
}

/** Metadata alone is read as the server has it inside, where this annotation of DaemonSets is a field. */
function withoutConverted(metadata: JsonObject): JsonObject {
  const key = 'deprecated.daemonset.template.generation';
  const annotations = objectAt(metadata, 'annotations');
  if (!Object.hasOwn(annotations, key)) return metadata;
  const { [key]: _generation, ...rest } = annotations;
  return withKeys(metadata, { annotations: Object.keys(rest).length === 0 ? undefined : rest });
}

/** Items of a list carry no kind and apiVersion of their own, since Go's encoder leaves out what the list says. */
function withoutType(object: StoredObject): JsonObject {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

function listMetadataOf(object: KubeObject): JsonObject {
  return { resourceVersion: object.metadata.resourceVersion ?? '' };
}
