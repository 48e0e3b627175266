/** Deletion. Source: k8s.io/apiserver/pkg/registry/generic/registry/store_test.go and pkg/registry/core/namespace/storage. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { stringAt } from './object-access.ts';
import { createTestDoor } from './testing/test-door.ts';

const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

function slice(name: string, metadata: JsonObject = {}): JsonObject {
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name, ...metadata },
    addressType: 'IPv4',
    endpoints: [],
    ports: [],
  };
}

describe('delete', () => {
  it('answers with a Status that names what is gone', () => {
    const door = createTestDoor();
    const created = door.post(slices, slice('a'));
    expect(door.delete(`${slices}/a`)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: 'a',
        group: 'discovery.k8s.io',
        kind: 'endpointslices',
        uid: stringAt(created, 'metadata', 'uid'),
      },
    });
  });

  it('waits for finalizers and ends with the last of them', () => {
    const door = createTestDoor();
    door.post(slices, slice('a', { finalizers: ['example.com/wait'] }));
    expect(door.delete(`${slices}/a`)).toMatchObject({
      metadata: {
        deletionTimestamp: '2026-05-01T12:00:00Z',
        deletionGracePeriodSeconds: 0,
        finalizers: ['example.com/wait'],
      },
    });
    expect(door.get(`${slices}/a`).kind).toBe('EndpointSlice');
    door.patch(`${slices}/a`, 'merge', { metadata: { finalizers: null } });
    expect(door.get(`${slices}/a`).code).toBe(404);
  });

  it.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('with propagationPolicy %s leaves the rest to the garbage collector', (policy, finalizers) => {
    const door = createTestDoor();
    door.post(slices, slice('a'));
    expect(door.delete(`${slices}/a`, { propagationPolicy: policy })).toMatchObject({
      metadata: { finalizers, deletionTimestamp: '2026-05-01T12:00:00Z' },
    });
  });

  it('of a namespace marks it and keeps it until its finalizers are gone', () => {
    const door = createTestDoor();
    door.post('/api/v1/namespaces', { metadata: { name: 'x' } });
    expect(door.delete('/api/v1/namespaces/x')).toMatchObject({
      kind: 'Namespace',
      metadata: { deletionTimestamp: '2026-05-01T12:00:00Z' },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Terminating' },
    });
    expect(door.post('/api/v1/namespaces/x/services', { metadata: { name: 'a' }, spec: {} })).toMatchObject({
      code: 403,
      message:
        'services "a" is forbidden: unable to create new content in namespace x because it is being terminated',
      details: {
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace x is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
    });
    door.put('/api/v1/namespaces/x/finalize', { metadata: { name: 'x' }, spec: { finalizers: [] } });
    expect(door.get('/api/v1/namespaces/x').code).toBe(404);
  });

  it('refuses to make anew what is being deleted', () => {
    const door = createTestDoor();
    door.post(slices, slice('a', { finalizers: ['example.com/wait'] }));
    door.delete(`${slices}/a`);
    expect(door.post(slices, slice('a'))).toMatchObject({
      code: 409,
      message: 'object is being deleted: endpointslices.discovery.k8s.io "a" already exists',
    });
  });

  it('of a collection takes what the selector names', () => {
    const door = createTestDoor();
    door.post(slices, slice('a', { labels: { x: '1' } }));
    door.post(slices, slice('b', { labels: { x: '2' } }));
    door.body({ method: 'DELETE', path: slices, query: [['labelSelector', 'x=1']] });
    expect(door.get(`${slices}/a`).code).toBe(404);
    expect(door.get(`${slices}/b`).kind).toBe('EndpointSlice');
  });

  it('in a dry run deletes nothing', () => {
    const door = createTestDoor();
    door.post(slices, slice('a'));
    expect(door.delete(`${slices}/a`, { dryRun: ['All'] })).toMatchObject({ status: 'Success' });
    expect(door.get(`${slices}/a`).kind).toBe('EndpointSlice');
  });
});
