/** An OpenAPI document of one group and version, as far as it is read for an explanation. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { listAt, objectAt, stringAt, valueAt } from '../rest/object-fields.ts';

/** One group and version's document. */
export interface OpenApiDocument {
  readonly root: JsonObject;
}

/** A kind as the document's operations name it. */
export interface DocumentedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The kind behind a resource, looked up in the paths under which it may be served. */
export function kindOfResource(
  { root }: OpenApiDocument,
  resource: { readonly group: string; readonly version: string; readonly plural: string },
): DocumentedKind | undefined {
  const prefix = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const { version, plural } = resource;
  const paths = [
    `${prefix}/${version}/${plural}`,
    `${prefix}/${version}/${plural}/{name}`,
    `${prefix}/${version}/namespaces/{namespace}/${plural}`,
    `${prefix}/${version}/namespaces/{namespace}/${plural}/{name}`,
  ];
  for (const path of paths) {
    for (const method of methods) {
      const named = valueAt(root, 'paths', path, method, 'x-kubernetes-group-version-kind');
      if (isJsonObject(named)) {
        return {
          group: stringAt(named, 'group'),
          version: stringAt(named, 'version'),
          kind: stringAt(named, 'kind'),
        };
      }
    }
  }
  return undefined;
}

/** The schema of a kind. */
export function schemaOfKind({ root }: OpenApiDocument, wanted: DocumentedKind): JsonObject | undefined {
  return Object.values(objectAt(root, 'components', 'schemas'))
    .filter(isJsonObject)
    .find((schema) =>
      listAt(schema, 'x-kubernetes-group-version-kind').some(
        (one) =>
          stringAt(one, 'group') === wanted.group &&
          stringAt(one, 'version') === wanted.version &&
          stringAt(one, 'kind') === wanted.kind,
      ),
    );
}

/** What a schema refers to; the schema itself when it is no reference, or one to nowhere. */
export function resolved(document: OpenApiDocument, schema: JsonObject): JsonObject {
  return referred(document, schema) ?? schema;
}

/** What a reference names; undefined for other schemas. */
export function referred({ root }: OpenApiDocument, schema: JsonObject): JsonObject | undefined {
  const ref = stringAt(schema, '$ref');
  if (!ref.startsWith('#/')) return undefined;
  const found = valueAt(root, ...ref.slice(2).split('/'));
  return isJsonObject(found) ? found : undefined;
}

/** The schema of a list's items or a map's values. */
export function innerSchema(
  schema: JsonObject,
  key: 'items' | 'additionalProperties',
): JsonObject | undefined {
  const inner = valueAt(schema, key);
  return isJsonObject(inner) ? inner : undefined;
}
