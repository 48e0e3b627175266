/**
 * Restarts by a container's own rules, deadlines of Pods, and volumes that outlive them. Source of what is expected: KEP-5307,
 * pkg/kubelet/active_deadline.go and its test, release 1.36.
 */
import { describe, expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes, pods } from '../../api/types/resources.ts';
import { box, createPod, getPod, logs } from '../../testing/pods.ts';
import { createTestWorld } from '../../testing/world.ts';

describe('a container that has ended', () => {
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  it.each([
    { name: 'is started again when its rule names the code', code: 42, policy: 'Never', want: 'Running' },
    { name: 'stays ended when no rule names the code', code: 1, policy: 'Never', want: 'Failed' },
    { name: 'is started again by its own policy', code: 1, policy: 'OnFailure', want: 'Running' },
  ])('$name', ({ code, policy, want }) => {
    const world = createTestWorld();
    const more = { restartPolicy: policy, restartPolicyRules: rules };
    const containers = [box('a', ['sleep', '1', String(code)], more)];
    createPod(world, { restartPolicy: 'Never', containers });
    world.advance(20);
    expect(getPod(world).status?.phase).toBe(want);
    expect((getPod(world).status?.containerStatuses?.[0]?.restartCount ?? 0) > 0).toBe(want === 'Running');
  });
});

describe('a Pod', () => {
  it('fails at its deadline', () => {
    const world = createTestWorld();
    createPod(world, { activeDeadlineSeconds: 30, containers: [box('a', ['server', '80'])] });
    world.advance(25);
    expect(getPod(world).status?.phase).toBe('Running');
    world.advance(10);
    world.settle();
    expect(getPod(world).status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
    expect(getPod(world).status?.containerStatuses?.[0]?.state?.running).toBeUndefined();
  });

  it('finds in a claimed volume what the one before it wrote', () => {
    const world = createTestWorld();
    const resources = { requests: { storage: '1Gi' } };
    world.create(persistentVolumes, '', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } },
    });
    world.create(persistentVolumeClaims, 'default', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources },
    });
    world.settle();
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const run = (command: readonly string[]) => {
      createPod(world, { restartPolicy: 'Never', containers: [box('a', command, mount)], volumes });
      world.settle();
      world.advance(5);
    };
    run(['touch', '/data/kept']);
    world.client.delete(pods, 'default', 'web', { gracePeriodSeconds: 0 });
    world.settle();
    run(['ls', '/data']);
    expect(logs(world, 'a')).toBe('kept\n');
  });
});
