/**
 * Server-side apply and managedFields through the door. Source: the Kubernetes page on server-side apply, and
 * k8s.io/apimachinery/pkg/util/managedfields of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import type { ApiResponse } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { objectAt, objectsAt, stringAt } from './object-access.ts';
import { createTestDoor, type TestDoor } from './testing/test-door.ts';

const path = '/api/v1/namespaces/default/services/web';

function config(spec: JsonObject, name = 'web'): JsonObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function apply(
  door: TestDoor,
  manager: string,
  object: JsonObject | string,
  query: readonly (readonly [string, string])[] = [],
): ApiResponse {
  return door.transport.send({
    method: 'PATCH',
    path,
    query: [...(manager === '' ? [] : [['fieldManager', manager] as const]), ...query],
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: object,
  });
}

function managers(object: JsonObject): readonly string[] {
  return objectsAt(object, 'metadata', 'managedFields').map((entry) =>
    `${stringAt(entry, 'manager')} ${stringAt(entry, 'operation')} ${stringAt(entry, 'subresource')}`.trim(),
  );
}

describe('apply', () => {
  it('creates what is not there', () => {
    const door = createTestDoor();
    expect(apply(door, 'tool', config({ ports: [{ port: 80 }] }))).toMatchObject({
      code: 201,
      body: {
        metadata: {
          managedFields: [
            {
              manager: 'tool',
              operation: 'Apply',
              apiVersion: 'v1',
              time: '2026-05-01T12:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: {
                'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
              },
            },
          ],
        },
      },
    });
  });

  it('reads YAML', () => {
    const door = createTestDoor();
    const yaml = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: 80}]\n';
    expect(apply(door, 'tool', yaml).code).toBe(201);
  });

  it('that says the same again writes nothing', () => {
    const door = createTestDoor();
    apply(door, 'tool', config({ ports: [{ port: 80 }] }));
    const before = door.get(path);
    door.queue.advance(60_000);
    expect(apply(door, 'tool', config({ ports: [{ port: 80 }] }))).toMatchObject({ code: 200, body: before });
    expect(door.get(path)).toEqual(before);
  });

  it('takes back what it no longer says', () => {
    const door = createTestDoor();
    apply(door, 'tool', config({ ports: [{ port: 80 }], selector: { app: 'web' } }));
    apply(door, 'tool', config({ ports: [{ port: 80 }] }));
    expect(objectAt(door.get(path), 'spec')).not.toHaveProperty('selector');
  });

  it('names the field and the manager that stand against it', () => {
    const door = createTestDoor();
    door.body({
      method: 'POST',
      path: '/api/v1/namespaces/default/services',
      query: [['fieldManager', 'kubectl-create']],
      body: config({ ports: [{ port: 80 }], selector: { app: 'web' } }),
    });
    expect(apply(door, 'tool', config({ selector: { app: 'other' } }))).toMatchObject({
      code: 409,
      body: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .spec.selector',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl-create" using v1',
              field: '.spec.selector',
            },
          ],
        },
      },
    });
    expect(apply(door, 'tool', config({ selector: { app: 'other' } }), [['force', 'true']])).toMatchObject({
      code: 200,
      body: { spec: { selector: { app: 'other' } } },
    });
  });

  it.each<[string, string, JsonObject, number, string]>([
    [
      'no field manager',
      '',
      config({ ports: [] }),
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      'managedFields in the configuration',
      'tool',
      { ...config({}), metadata: { name: 'web', managedFields: [] } },
      400,
      'metadata.managedFields must be nil',
    ],
    [
      'a field that is not there',
      'tool',
      config({ prots: [] }),
      500,
      'failed to create typed patch object (/web; /v1, Kind=Service): .spec.prots: field not declared in schema',
    ],
    [
      'another name than that of the path',
      'tool',
      config({ ports: [{ port: 80 }] }, 'other'),
      400,
      'the name of the object (other) does not match the name on the URL (web)',
    ],
  ])('refuses %s', (_name, manager, object, code, message) => {
    expect(apply(createTestDoor(), manager, object)).toMatchObject({ code, body: { message } });
  });
});

describe('managedFields', () => {
  it('tell apart who created, who edited and who set the status', () => {
    const door = createTestDoor();
    const write = (method: 'POST' | 'PATCH', to: string, agent: string, body: JsonObject): void => {
      const type = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
      door.body({ method, path: to, headers: { 'user-agent': agent, ...type }, body });
    };
    write('POST', '/api/v1/namespaces/default/services', 'kubectl/v1.36', config({ ports: [{ port: 80 }] }));
    door.queue.advance(1000);
    write('PATCH', path, 'editor/v1', { spec: { selector: { a: 'b' } } });
    door.queue.advance(1000);
    write('PATCH', `${path}/status`, 'cloud/v1', {
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'A',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    });
    expect(managers(door.get(path))).toEqual(['kubectl Update', 'editor Update', 'cloud Update status']);
  });

  it('do not name what admission and allocation have set', () => {
    const door = createTestDoor();
    const created = door.post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    });
    const [entry] = objectsAt(created, 'metadata', 'managedFields');
    const spec = Object.keys(objectAt(entry ?? {}, 'fieldsV1', 'f:spec'));
    expect(spec).toContain('f:dnsPolicy');
    expect(spec).not.toContain('f:tolerations');
    expect(spec).not.toContain('f:volumes');
  });

  it('are taken away for good by an empty entry', () => {
    const door = createTestDoor();
    door.post('/api/v1/namespaces/default/services', config({ ports: [{ port: 80 }] }));
    door.patch(path, 'merge', { metadata: { managedFields: [{}] } });
    expect(managers(door.get(path))).toEqual([]);
    door.patch(path, 'merge', { spec: { selector: { a: 'b' } } });
    expect(managers(door.get(path))).toEqual([]);
  });

  it('may be rewritten by a client, as kubectl does on its way to server-side apply', () => {
    const door = createTestDoor();
    const created = door.post('/api/v1/namespaces/default/services', config({ ports: [{ port: 80 }] }));
    const [entry = {}] = objectsAt(created, 'metadata', 'managedFields');
    door.patch(path, 'json', [
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [{ ...entry, manager: 'kubectl', operation: 'Apply' }],
      },
    ]);
    expect(managers(door.get(path))).toEqual(['kubectl Apply']);
  });
});
