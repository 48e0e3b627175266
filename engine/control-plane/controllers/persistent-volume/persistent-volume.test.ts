/**
 * Claims and their volumes. Source of what is expected: pkg/controller/volume/persistentvolume (events, phases),
 * pkg/scheduler/framework/plugins/volumebinding (texts), and the class `standard` of a cluster made by kind.
 */
import { describe, expect, it } from 'vitest';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createClaim(world: TestWorld, spec: JsonObject = {}): void {
  world.create(persistentVolumeClaims, 'default', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
  world.settle();
}

function createPod(world: TestWorld): void {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  world.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'box' }], volumes },
  });
  world.settle();
}

function createVolume(world: TestWorld, name: string, storage: string): void {
  world.create(persistentVolumes, '', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, hostPath: { path: '/data' } },
  });
  world.settle();
}

function createClass(world: TestWorld): void {
  world.create(storageClasses, '', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rancher.io/local-path',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
}

function claim(world: TestWorld) {
  const answer = world.client.get(persistentVolumeClaims, 'default', 'data');
  return answer.ok ? answer.value : undefined;
}

const refusal = (why: string) => `Warning FailedScheduling 0/3 nodes are available: ${why}. not found`;

describe('a claim', () => {
  it('without a class and a volume waits, and its Pod with it', () => {
    const world = createTestWorld();
    createPod(world);
    expect(world.eventsAbout('web')).toEqual([refusal('persistentvolumeclaim "data" not found')]);
    createClaim(world);
    expect(world.eventsAbout('data')).toEqual([
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ]);
    expect(world.eventsAbout('web')).toContain(refusal('pod has unbound immediate PersistentVolumeClaims'));
  });

  it('takes the smallest volume that is large enough', () => {
    const world = createTestWorld();
    createVolume(world, 'large', '10Gi');
    createVolume(world, 'medium', '5Gi');
    createVolume(world, 'small', '100Mi');
    createClaim(world);
    createPod(world);
    expect(claim(world)?.spec?.volumeName).toBe('medium');
    expect(claim(world)?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
    });
    const pod = world.client.get(pods, 'default', 'web');
    expect(pod.ok && pod.value.status?.phase).toBe('Running');
    world.client.delete(persistentVolumeClaims, 'default', 'data');
    world.settle();
    // As long as a Pod uses it, it is not gone: pkg/controller/volume/pvcprotection.
    expect(claim(world)?.metadata.deletionTimestamp).toBeDefined();
    world.client.delete(pods, 'default', 'web', { gracePeriodSeconds: 0 });
    world.settle();
    expect(claim(world)).toBeUndefined();
    expect(world.client.list(persistentVolumes).map(({ status }) => status?.phase)).toEqual([
      'Available',
      'Released',
      'Available',
    ]);
  });

  it('of the default class gets a volume on the node of its first Pod', () => {
    const world = createTestWorld();
    createClass(world);
    createClaim(world);
    expect(claim(world)?.spec?.storageClassName).toBe('standard');
    expect(world.eventsAbout('data')).toEqual([
      'Normal WaitForFirstConsumer waiting for first consumer to be created before binding',
    ]);
    createPod(world);
    const uid = claim(world)?.metadata.uid ?? '';
    expect(claim(world)?.status?.phase).toBe('Bound');
    expect(world.eventsAbout('data').at(-1)).toBe(
      `Normal ProvisioningSucceeded Successfully provisioned volume pvc-${uid}`,
    );
    world.client.delete(pods, 'default', 'web', { gracePeriodSeconds: 0 });
    world.client.delete(persistentVolumeClaims, 'default', 'data');
    world.settle();
    expect(world.client.list(persistentVolumes)).toEqual([]);
  });
});
