/** Expectations: api/openapi-spec/v3 of Kubernetes v1.36.0, as far as the documents say the same. */
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { createTestDoor } from './testing/test-door.ts';

const door = createTestDoor();

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inner, key) => (isJsonObject(inner) ? inner[key] : undefined),
    value,
  );
}

function document(path: string): JsonValue {
  return door.get(path);
}

/** Everything that a document refers to. */
function references(value: JsonValue): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((inner: JsonValue) => references(inner));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

describe('/openapi', () => {
  it('lists a document for each group and version', () => {
    const paths = at(document('/openapi/v3'), 'paths');
    expect(at(paths, 'apis/apps/v1')).toEqual({ serverRelativeURL: '/openapi/v3/apis/apps/v1' });
    expect(at(paths, 'api/v1')).toEqual({ serverRelativeURL: '/openapi/v3/api/v1' });
  });

  it.each(['/openapi/v2', '/openapi/v3/api/v1', '/openapi/v3/apis/apps/v1'])(
    'defines everything that %s refers to',
    (path) => {
      const whole = document(path);
      const missing = references(whole).filter(
        (reference) => at(whole, ...reference.replace('#/', '').split('/')) === undefined,
      );
      expect([...new Set(missing)]).toEqual([]);
    },
  );

  it('says how lists are merged', () => {
    const ports = at(
      document('/openapi/v3/api/v1'),
      'components',
      'schemas',
      'io.k8s.api.core.v1.ServiceSpec',
      'properties',
      'ports',
    );
    expect(ports).toMatchObject({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ServicePort' }] },
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    });
  });

  it('says that patches take fieldValidation, which kubectl looks for', () => {
    const patch = at(
      document('/openapi/v3/apis/apps/v1'),
      'paths',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
      'patch',
    );
    expect(patch).toMatchObject({
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation', in: 'query' })]),
      'x-kubernetes-group-version-kind': { group: 'apps', kind: 'Deployment', version: 'v1' },
    });
  });

  it('knows no document of a version that is not served', () => {
    expect(door.transport.send({ method: 'GET', path: '/openapi/v3/apis/apps/v1beta1' })).toMatchObject({
      code: 404,
    });
  });
});
