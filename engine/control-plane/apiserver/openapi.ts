/**
 * /openapi/v2 and /openapi/v3: the paths that are served and the types of what travels over them. Source:
 * k8s.io/apiserver/pkg/endpoints/installer.go (operations), k8s.io/kube-openapi/pkg/handler3 (the index).
 *
 * Left out: descriptions of parameters, and operations of subresources, which no client looks up.
 */
import { customDefinitionName, customDefinitions } from '../../api/custom/custom-open-api.ts';
import {
  type DefinitionSources,
  definitionName,
  definitionRef,
  type OpenApiVersion,
  openApiDefinitions,
  type RootType,
} from '../../api/schema/openapi-definitions.ts';
import type { KindDefinition, Scheme } from '../../api/scheme.ts';
import { kubernetesVersion } from '../../api/version.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** A group and version as paths write them: `api/v1`, `apis/apps/v1`. */
function pathOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(scheme: Scheme): JsonObject {
  const paths = [...new Set(scheme.kinds.map(pathOf))].toSorted(compareKeys);
  return {
    paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])),
  };
}

/** `/openapi/v3/PATH`: one group and version; undefined when it isn't served. */
export function openApiV3(sources: DefinitionSources, scheme: Scheme, path: string): JsonObject | undefined {
  const kinds = scheme.kinds.filter((kind) => pathOf(kind) === path);
  if (kinds.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: kubernetesVersion.gitVersion },
    paths: pathItems(sources, kinds, 'v3'),
    components: { schemas: definitionsOf(sources, kinds, 'v3') },
  };
}

/** `/openapi/v2`: everything in one document. */
export function openApiV2(sources: DefinitionSources, scheme: Scheme): JsonObject {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: kubernetesVersion.gitVersion },
    paths: pathItems(sources, scheme.kinds, 'v2'),
    definitions: definitionsOf(sources, scheme.kinds, 'v2'),
  };
}

function definitionsOf(
  sources: DefinitionSources,
  kinds: readonly KindDefinition[],
  version: OpenApiVersion,
): JsonObject {
  const builtin = kinds.filter(({ custom }) => custom === undefined);
  const custom = kinds.flatMap((kind) =>
    kind.custom === undefined ? [] : customDefinitions(kind, kind.custom.openApiSchema, version),
  );
  const metadata = custom.length === 0 ? [] : ['V1ObjectMeta', 'V1ListMeta'];
  const definitions = openApiDefinitions(sources, rootTypes(sources, builtin), version, metadata);
  return { ...definitions, ...Object.fromEntries(custom) };
}

/** Each kind and, where the table has it, its list. */
function rootTypes({ schema }: DefinitionSources, kinds: readonly KindDefinition[]): readonly RootType[] {
  return kinds.flatMap(({ group, version, kind, schema: typeName }) => {
    const own = { typeName, group, version, kind };
    const list = { typeName: `${typeName}List`, group, version, kind: `${kind}List` };
    return schema.type(list.typeName) === undefined ? [own] : [own, list];
  });
}

function pathItems(
  sources: DefinitionSources,
  kinds: readonly KindDefinition[],
  version: OpenApiVersion,
): JsonObject {
  const items = kinds.flatMap((kind): [string, JsonObject][] => {
    const root = `/${pathOf(kind)}`;
    const own = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
    const operation = (action: string) => operationOf(sources, kind, action, version);
    const collection = onlyServed(kind, {
      get: ['list', operation('list')],
      post: ['create', operation('post')],
      delete: ['deletecollection', operation('deletecollection')],
    });
    const object = onlyServed(kind, {
      get: ['get', operation('get')],
      put: ['update', operation('put')],
      patch: ['patch', operation('patch')],
      delete: ['delete', operation('delete')],
    });
    const all = onlyServed(kind, { get: ['list', operation('list')] });
    const shared: [string, JsonObject][] = [
      [own, collection],
      [`${own}/{name}`, object],
    ];
    return kind.namespaced ? [...shared, [`${root}/${kind.plural}`, all]] : shared;
  });
  return Object.fromEntries(items.toSorted(([a], [b]) => compareKeys(a, b)));
}

function onlyServed(
  kind: KindDefinition,
  operations: Readonly<Record<string, readonly [verb: string, operation: JsonObject]>>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(operations)
      .filter(([, [verb]]) => kind.verbs.includes(verb))
      .map(([method, [, operation]]) => [method, operation]),
  );
}

const writes = ['post', 'put', 'patch'];

function operationOf(
  sources: DefinitionSources,
  kind: KindDefinition,
  action: string,
  version: OpenApiVersion,
): JsonObject {
  const typeName = action === 'list' ? `${kind.schema}List` : kind.schema;
  const name =
    kind.custom === undefined
      ? definitionName(sources, typeName)
      : customDefinitionName(action === 'list' ? { ...kind, kind: kind.custom.listKind } : kind);
  const schema = definitionRef(name, version);
  const names = writes.includes(action)
    ? ['dryRun', 'fieldManager', 'fieldValidation', ...(action === 'patch' ? ['force'] : [])]
    : [];
  return {
    ...(names.length === 0 ? {} : { parameters: names.map((name) => queryParameter(name, version)) }),
    responses: {
      '200': {
        description: 'OK',
        ...(version === 'v2' ? { schema } : { content: { 'application/json': { schema } } }),
      },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

function queryParameter(name: string, version: OpenApiVersion): JsonValue {
  const type = { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true };
  return { name, in: 'query', ...(version === 'v2' ? type : { schema: type }) };
}
