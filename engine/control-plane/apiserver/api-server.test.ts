/**
 * What the door answers, whole. The texts are those of k8s.io/apimachinery/pkg/api/errors, k8s.io/apiserver/pkg/endpoints/
 * handlers and pkg/registry/core of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import type { ApiRequest } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { arrayAt, objectsAt, stringAt } from './object-access.ts';
import { createTestDoor } from './testing/test-door.ts';

const inDefault = '/api/v1/namespaces/default';

function service(name: string, spec: JsonObject = {}): JsonObject {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  };
}

function failure(code: number, reason: string, message: string, details?: JsonObject): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

const refusals: readonly { name: string; request: ApiRequest; want: JsonObject }[] = [
  {
    name: 'an object that is not there',
    request: { method: 'GET', path: `${inDefault}/services/x` },
    want: failure(404, 'NotFound', 'services "x" not found', { name: 'x', kind: 'services' }),
  },
  {
    name: 'an object that is not there, of a named group',
    request: {
      method: 'GET',
      path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/x',
    },
    want: failure(404, 'NotFound', 'endpointslices.discovery.k8s.io "x" not found', {
      name: 'x',
      group: 'discovery.k8s.io',
      kind: 'endpointslices',
    }),
  },
  {
    name: 'a name that is taken',
    request: { method: 'POST', path: `${inDefault}/services`, body: service('web') },
    want: failure(409, 'AlreadyExists', 'services "web" already exists', { name: 'web', kind: 'services' }),
  },
  {
    name: 'a namespace that is not there',
    request: { method: 'POST', path: '/api/v1/namespaces/nowhere/services', body: service('web') },
    want: failure(404, 'NotFound', 'namespaces "nowhere" not found', {
      name: 'nowhere',
      kind: 'namespaces',
    }),
  },
  {
    name: 'another namespace in the object than in the path',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      body: { ...service('x'), metadata: { name: 'x', namespace: 'other' } },
    },
    want: failure(
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ),
  },
  {
    name: 'another name in the object than in the path',
    request: { method: 'PUT', path: `${inDefault}/services/web`, body: service('other') },
    want: failure(
      400,
      'BadRequest',
      'the name of the object (other) does not match the name on the URL (web)',
    ),
  },
  {
    name: 'an unknown field under Strict',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      query: [['fieldValidation', 'Strict']],
      body: service('x', { prots: [] }),
    },
    want: failure(
      400,
      'BadRequest',
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.prots"',
    ),
  },
  {
    name: 'another kind than the path serves',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'x' } },
    },
    want: failure(
      400,
      'BadRequest',
      'Namespace in version "v1" cannot be handled as a Service: converting (v1.Namespace) to (core.Service): unknown conversion',
    ),
  },
  {
    name: 'a kind that nobody knows',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      body: { kind: 'Sevice', apiVersion: 'v1', metadata: { name: 'x' } },
    },
    want: failure(
      400,
      'BadRequest',
      'Sevice in version "v1" cannot be handled as a Service: no kind "Sevice" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ),
  },
  {
    name: 'a write from an old state',
    request: {
      method: 'PUT',
      path: `${inDefault}/services/web`,
      body: { ...service('web'), metadata: { name: 'web', resourceVersion: '1' } },
    },
    want: failure(
      409,
      'Conflict',
      'Operation cannot be fulfilled on services "web": the object has been modified; please apply your changes to the latest version and try again',
      { name: 'web', kind: 'services' },
    ),
  },
  {
    name: 'a verb that the path does not serve',
    request: { method: 'PUT', path: `${inDefault}/services`, body: {} },
    want: failure(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
  {
    name: 'a creation across namespaces',
    request: { method: 'POST', path: '/api/v1/services', body: service('x') },
    want: failure(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
  {
    name: 'a body in a form that is not read',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: 'k8s',
    },
    want: failure(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ),
  },
  {
    name: 'a text that is no JSON',
    request: { method: 'POST', path: `${inDefault}/services`, body: '{"kind": "Service",' },
    want: failure(
      400,
      'BadRequest',
      'the object provided is unrecognized (must be of type Service): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"kind": "Service",)',
    ),
  },
  {
    name: 'a field selector that the kind does not offer',
    request: { method: 'GET', path: `${inDefault}/services`, query: [['fieldSelector', 'foo=bar']] },
    want: failure(400, 'BadRequest', 'field label not supported: foo'),
  },
  {
    name: 'a patch of an unknown type',
    request: {
      method: 'PATCH',
      path: `${inDefault}/services/web`,
      headers: { 'content-type': 'application/json' },
      body: {},
    },
    want: failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}),
  },
  {
    name: 'deleting a namespace that every cluster has',
    request: { method: 'DELETE', path: '/api/v1/namespaces/default' },
    want: failure(403, 'Forbidden', 'namespaces "default" is forbidden: this namespace may not be deleted', {
      name: 'default',
      kind: 'namespaces',
    }),
  },
  {
    name: 'a delete of another object of the same name',
    request: {
      method: 'DELETE',
      path: `${inDefault}/services/kubernetes`,
      body: { preconditions: { uid: 'other' } },
    },
    want: failure(
      409,
      'Conflict',
      'Operation cannot be fulfilled on Service "kubernetes": the UID in the precondition (other) does not match the UID in record (UID). The object might have been deleted and then recreated',
      { name: 'kubernetes', kind: 'Service' },
    ),
  },
  {
    name: 'a dry run of an unknown kind',
    request: {
      method: 'POST',
      path: `${inDefault}/services`,
      query: [['dryRun', 'Some']],
      body: service('x'),
    },
    want: failure(
      422,
      'Invalid',
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
      {
        group: 'meta.k8s.io',
        kind: 'CreateOptions',
        causes: [
          {
            reason: 'FieldValueNotSupported',
            message: 'Unsupported value: ["Some"]: supported values: "All"',
            field: 'dryRun',
          },
        ],
      },
    ),
  },
];

describe('refusals', () => {
  it.each(refusals)('$name', ({ request, want }) => {
    const door = createTestDoor();
    door.post(`${inDefault}/services`, service('web'));
    const uid = stringAt(door.get(`${inDefault}/services/kubernetes`), 'metadata', 'uid');
    const got = JSON.stringify(door.body(request)).replaceAll(uid, 'UID');
    expect(JSON.parse(got)).toEqual(want);
  });
});

describe('the server describes itself', () => {
  const door = createTestDoor();

  it.each([
    ['/healthz', 200, 'ok'],
    ['/readyz', 200, 'ok'],
    ['/livez', 200, 'ok'],
    ['/nothing', 404, '404 page not found\n'],
    ['/apis/nothing/v1', 404, '404 page not found\n'],
    ['/readyz/informer-sync', 200, 'ok'],
    ['/livez/informer-sync', 404, '404 page not found\n'],
  ])('%s answers %i as text', (path, code, body) => {
    expect(door.transport.send({ method: 'GET', path })).toMatchObject({ type: 'text', code, body });
  });

  it('/version is the simulated release', () => {
    expect(door.get('/version')).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.0' });
  });

  it('/api/v1 lists resources and subresources', () => {
    const list = door.get('/api/v1');
    expect(list).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    expect(arrayAt(list, 'resources')).toContainEqual({
      name: 'replicationcontrollers/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
  });

  it('/apis lists the named groups', () => {
    expect(arrayAt(door.get('/apis'), 'groups')).toContainEqual({
      name: 'discovery.k8s.io',
      versions: [{ groupVersion: 'discovery.k8s.io/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'discovery.k8s.io/v1', version: 'v1' },
    });
  });

  it('/apis in the aggregated form holds everything of the named groups', () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const list = door.body({ method: 'GET', path: '/apis', headers: { accept } });
    expect(list).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const discovery = objectsAt(list, 'items').find(
      (group) => stringAt(group, 'metadata', 'name') === 'discovery.k8s.io',
    );
    expect(discovery).toMatchObject({
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'endpointslices',
              responseKind: { group: '', version: '', kind: 'EndpointSlice' },
              scope: 'Namespaced',
              singularResource: 'endpointslice',
            },
          ],
        },
      ],
    });
  });
});

describe('the form of an answer', () => {
  const door = createTestDoor();
  const path = `${inDefault}/services/kubernetes`;
  const get = (accept: string, query: readonly (readonly [string, string])[] = []): JsonObject =>
    door.body({ method: 'GET', path, query, headers: { accept } });

  it('is a Table with the metadata of each object', () => {
    expect(get('application/json;as=Table;v=v1;g=meta.k8s.io,application/json')).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      rows: [
        {
          cells: ['kubernetes', 'ClusterIP', '10.96.0.1', '<none>', '443/TCP', '0s', '<none>'],
          object: { kind: 'PartialObjectMetadata', metadata: { name: 'kubernetes' } },
        },
      ],
    });
  });

  it('is a Table with whole objects when asked for', () => {
    expect(get('application/json;as=Table;v=v1;g=meta.k8s.io', [['includeObject', 'Object']])).toMatchObject({
      rows: [{ object: { kind: 'Service', spec: { clusterIP: '10.96.0.1' } } }],
    });
  });

  it('is the metadata alone when asked for', () => {
    const metadata = get('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io');
    expect(Object.keys(metadata)).toEqual(['kind', 'apiVersion', 'metadata']);
  });

  it('is refused when the server has none of those that are asked for', () => {
    expect(get('application/xml')).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });
});
