/** Patches through the door. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go of release 1.36. */
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { objectAt } from './object-access.ts';
import { createTestDoor, type TestDoor } from './testing/test-door.ts';

const path = '/api/v1/namespaces/default/services/web';

function doorWithService(): TestDoor {
  const door = createTestDoor();
  door.post('/api/v1/namespaces/default/services', {
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  return door;
}

const patches: readonly {
  name: string;
  type: 'json' | 'merge' | 'strategic-merge';
  patch: JsonValue;
  want: JsonObject;
}[] = [
  {
    name: 'a JSON patch replaces, adds and removes',
    type: 'json',
    patch: [
      { op: 'test', path: '/spec/ports/0/port', value: 80 },
      { op: 'replace', path: '/spec/ports/0/targetPort', value: 'http' },
      { op: 'add', path: '/metadata/labels/tier~1x', value: 'a' },
      { op: 'remove', path: '/metadata/labels/app' },
    ],
    want: { metadata: { labels: { 'tier/x': 'a' } }, spec: { ports: [{ targetPort: 'http' }] } },
  },
  {
    name: 'a merge patch replaces lists',
    type: 'merge',
    patch: { spec: { ports: [{ port: 81 }] } },
    want: { spec: { ports: [{ port: 81, protocol: 'TCP', targetPort: 81 }] } },
  },
  {
    name: 'a merge patch takes keys away with null',
    type: 'merge',
    patch: { spec: { selector: { app: null, tier: 'web' } } },
    want: { spec: { selector: { tier: 'web' } } },
  },
  {
    name: 'a strategic merge patch merges ports by port',
    type: 'strategic-merge',
    patch: { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
    want: { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
  },
];

const refusals: readonly {
  name: string;
  type: 'json' | 'merge' | 'strategic-merge';
  patch: JsonValue;
  want: JsonObject;
}[] = [
  {
    name: 'a test that fails',
    type: 'json',
    patch: [{ op: 'test', path: '/spec/type', value: 'NodePort' }],
    want: {
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    },
  },
  {
    name: 'a removal of what is not there',
    type: 'json',
    patch: [{ op: 'remove', path: '/spec/nothing' }],
    want: { code: 422, message: 'the server rejected our request due to an error in our request' },
  },
  {
    name: 'another name',
    type: 'merge',
    patch: { metadata: { name: 'other' } },
    want: {
      code: 400,
      message: 'the name of the object (other) does not match the name on the URL (web)',
    },
  },
  {
    name: 'another namespace',
    type: 'merge',
    patch: { metadata: { namespace: 'other' } },
    want: {
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    },
  },
  {
    name: 'an old resourceVersion',
    type: 'merge',
    patch: { metadata: { resourceVersion: '1' } },
    want: { code: 409, reason: 'Conflict' },
  },
];

describe('patch', () => {
  it.each(patches)('$name', ({ type, patch, want }) => {
    const door = doorWithService();
    expect(door.patch(path, type, patch)).toMatchObject(want);
    expect(door.get(path)).toMatchObject(want);
  });

  it.each(refusals)('refuses $name', ({ type, patch, want }) => {
    const door = doorWithService();
    const before = door.get(path);
    expect(door.patch(path, type, patch)).toMatchObject(want);
    expect(door.get(path)).toEqual(before);
  });

  it('that changes nothing writes nothing', () => {
    const door = doorWithService();
    const before = door.get(path);
    expect(door.patch(path, 'merge', { spec: { type: 'ClusterIP' } })).toEqual(before);
  });

  it('with an unknown field is refused under Strict, with the patch shown as Go prints it', () => {
    const door = doorWithService();
    const answer = door.body({
      method: 'PATCH',
      path,
      query: [['fieldValidation', 'Strict']],
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: { spec: { foo: 'bar' } },
    });
    expect(answer).toMatchObject({
      code: 422,
      message:
        ' "" is invalid: patch: Invalid value: "map[spec:map[foo:bar]]": strict decoding error: unknown field "spec.foo"',
    });
  });

  it('of the status leaves the spec alone', () => {
    const door = doorWithService();
    const before = door.get(path);
    const after = door.patch(`${path}/status`, 'merge', {
      spec: { type: 'NodePort' },
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
    expect(objectAt(after, 'spec')).toEqual(objectAt(before, 'spec'));
    expect(after).toMatchObject({ status: { conditions: [{ type: 'Ready' }] } });
    const refused = door.patch(`${path}/status`, 'merge', {
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } },
    });
    expect(refused.message).toBe(
      'Service "web" is invalid: status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is \'LoadBalancer\'',
    );
  });
});
