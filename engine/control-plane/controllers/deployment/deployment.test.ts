/**
 * Deployments on a running cluster. Messages: pkg/controller/deployment of release 1.36 (sync.go, progress.go); numbers of
 * the rolling update follow from rolling.go by hand.
 */
import { describe, expect, it } from 'vitest';
import { deployments, pods, replicaSets } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createDeployment(world: TestWorld, spec: JsonObject = {}): void {
  world.create(deployments, 'default', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'box' }] },
      },
      ...spec,
    },
  });
  world.settle();
}

function getDeployment(world: TestWorld) {
  const answer = world.client.get(deployments, 'default', 'web');
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** Another template: with this variable in its container. */
function changeTemplate(world: TestWorld, value: string): void {
  const containers = [{ name: 'web', image: 'box', env: [{ name: 'VERSION', value }] }];
  world.client.mergePatch(deployments, 'default', 'web', { spec: { template: { spec: { containers } } } });
  world.settle();
}

const sets = (world: TestWorld) =>
  world.client
    .list(replicaSets, 'default')
    .map((set) => [set.metadata.annotations?.['deployment.kubernetes.io/revision'], set.spec?.replicas])
    .sort();

const plain = (message: string) => message.replace(/web-[a-z0-9]+/g, 'web-<hash>');

describe('deployment', () => {
  it('makes a ReplicaSet, which makes the Pods, and tells that it has progressed', () => {
    const world = createTestWorld();
    createDeployment(world);
    expect(world.client.list(pods, 'default').map(({ status }) => status?.phase)).toEqual([
      'Running',
      'Running',
      'Running',
    ]);
    expect(sets(world)).toEqual([['1', 3]]);
    expect(world.eventsAbout('web').map(plain)).toEqual([
      'Normal ScalingReplicaSet Scaled up replica set web-<hash> from 0 to 3',
    ]);
    const { status, metadata } = getDeployment(world);
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(
      status?.conditions?.map(({ type, status: is, reason, message }) => [
        type,
        is,
        reason,
        plain(message ?? ''),
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
        [
          'Progressing',
          'True',
          'NewReplicaSetAvailable',
          'ReplicaSet "web-<hash>" has successfully progressed.',
        ],
      ]),
    );
  });

  it('replaces the Pods step by step when the template changes', () => {
    const world = createTestWorld();
    createDeployment(world);
    changeTemplate(world, '2');
    expect(sets(world)).toEqual([
      ['1', 0],
      ['2', 3],
    ]);
    // A quarter of three: one more may run, none may be missing.
    expect(world.eventsAbout('web').map(plain).slice(1)).toEqual([
      'Normal ScalingReplicaSet Scaled up replica set web-<hash> from 0 to 1',
      'Normal ScalingReplicaSet Scaled down replica set web-<hash> from 3 to 2',
      'Normal ScalingReplicaSet Scaled up replica set web-<hash> from 1 to 2',
      'Normal ScalingReplicaSet Scaled down replica set web-<hash> from 2 to 1',
      'Normal ScalingReplicaSet Scaled up replica set web-<hash> from 2 to 3',
      'Normal ScalingReplicaSet Scaled down replica set web-<hash> from 1 to 0',
    ]);
    expect(world.client.list(pods, 'default').length).toBe(3);
  });

  it('takes an old revision up again, under a new number', () => {
    const world = createTestWorld();
    createDeployment(world);
    changeTemplate(world, '2');
    const containers = [{ name: 'web', image: 'box' }];
    world.client.mergePatch(deployments, 'default', 'web', { spec: { template: { spec: { containers } } } });
    world.settle();
    expect(sets(world)).toEqual([
      ['2', 0],
      ['3', 3],
    ]);
    expect(getDeployment(world).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('stops at the first Pod that does not come up, and says so after its deadline', () => {
    const world = createTestWorld();
    createDeployment(world, { progressDeadlineSeconds: 60 });
    const containers = [{ name: 'web', image: 'missing' }];
    world.client.mergePatch(deployments, 'default', 'web', { spec: { template: { spec: { containers } } } });
    world.settle();
    expect(sets(world)).toEqual([
      ['1', 3],
      ['2', 1],
    ]);
    world.advance(120);
    const progressing = getDeployment(world).status?.conditions?.find(({ type }) => type === 'Progressing');
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(plain(progressing?.message ?? '')).toBe('ReplicaSet "web-<hash>" has timed out progressing.');
  });

  it('ends all old Pods first under Recreate', () => {
    const world = createTestWorld();
    createDeployment(world, { strategy: { type: 'Recreate' } });
    changeTemplate(world, '2');
    expect(world.eventsAbout('web').map(plain).slice(1)).toEqual([
      'Normal ScalingReplicaSet Scaled down replica set web-<hash> from 3 to 0',
      'Normal ScalingReplicaSet Scaled up replica set web-<hash> from 0 to 3',
    ]);
  });

  it('scales its ReplicaSet, and leaves nothing behind when it is deleted', () => {
    const world = createTestWorld();
    createDeployment(world);
    world.client.mergePatch(deployments, 'default', 'web', { spec: { replicas: 5 } });
    world.settle();
    expect(sets(world)).toEqual([['1', 5]]);
    expect(world.client.list(pods, 'default').length).toBe(5);
    world.client.delete(deployments, 'default', 'web', { propagationPolicy: 'Background' });
    world.settle();
    expect(world.client.list(replicaSets, 'default')).toEqual([]);
    expect(world.client.list(pods, 'default')).toEqual([]);
  });
});
