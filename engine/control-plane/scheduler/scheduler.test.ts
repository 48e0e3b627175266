/** Where Pods go, and what is said when they can't. Texts: pkg/scheduler/framework (types.go, plugins) of release 1.36. */
import { describe, expect, it } from 'vitest';
import { nodes, pods, type Resource } from '../../api/types/resources.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

const priorityClasses: Resource<unknown> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
};

function createPod(world: TestWorld, spec: JsonObject, name = 'web', labels: JsonObject = {}): void {
  world.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      containers: [{ name: 'web', image: 'box', ...(isJsonObject(spec.container) ? spec.container : {}) }],
      ...without(spec),
    },
  });
  world.settle();
}

function without({ container: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function nodeOf(world: TestWorld, name = 'web'): string | undefined {
  const answer = world.client.get(pods, 'default', name);
  return answer.ok ? answer.value.spec?.nodeName : undefined;
}

const tolerate = { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] };

describe('a Pod', () => {
  it.each([
    { name: 'without wishes goes to a worker', spec: {}, want: 'worker-1' },
    {
      name: 'goes where its selector says',
      spec: { nodeSelector: { 'kubernetes.io/hostname': 'worker-2' } },
      want: 'worker-2',
    },
    {
      name: 'reaches the control plane when it tolerates the taint',
      spec: { ...tolerate, nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } },
      want: 'control-plane',
    },
    {
      name: 'goes where its node affinity says',
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['worker-1'] },
                  ],
                },
              ],
            },
          },
        },
      },
      want: 'worker-2',
    },
  ])('$name', ({ spec, want }) => {
    const world = createTestWorld();
    createPod(world, spec);
    expect(nodeOf(world)).toBe(want);
  });

  it('keeps away from Pods that its anti-affinity names', () => {
    const world = createTestWorld();
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' };
    const spec = {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    };
    for (const name of ['a', 'b', 'c']) createPod(world, spec, name, { app: 'web' });
    expect(['a', 'b', 'c'].map((name) => nodeOf(world, name))).toEqual(['worker-1', 'worker-2', undefined]);
    expect(world.eventsAbout('c')).toEqual([
      "Warning FailedScheduling 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
    ]);
  });
});

describe('a refusal', () => {
  it.each([
    {
      name: 'counts nodes by their reasons',
      spec: { container: { resources: { requests: { cpu: '3' } } } },
      before: { container: { resources: { requests: { cpu: '2' } } } },
      want: '1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    },
    {
      name: 'says that nothing can be won by preemption when a node is too small',
      spec: { container: { resources: { requests: { memory: '1Ti' } } } },
      want: '1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    },
    {
      name: 'tells a selector that no node meets',
      spec: { nodeSelector: { disk: 'ssd' } },
      want: "1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    },
  ])('$name', ({ spec, before, want }) => {
    const world = createTestWorld();
    if (before !== undefined) for (const name of ['a', 'b']) createPod(world, before, name);
    createPod(world, spec);
    expect(nodeOf(world)).toBeUndefined();
    expect(world.eventsAbout('web')).toEqual([`Warning FailedScheduling 0/3 nodes are available: ${want}`]);
    const answer = world.client.get(pods, 'default', 'web');
    expect(answer.ok && answer.value.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
    ]);
  });

  it('is taken back when a node changes', () => {
    const world = createTestWorld();
    createPod(world, { nodeSelector: { disk: 'ssd' } });
    world.client.mergePatch(nodes, '', 'worker-2', { metadata: { labels: { disk: 'ssd' } } });
    world.settle();
    expect(nodeOf(world)).toBe('worker-2');
  });

  it('holds for a node that is cordoned', () => {
    const world = createTestWorld();
    world.client.mergePatch(nodes, '', 'worker-1', { spec: { unschedulable: true } });
    createPod(world, {});
    expect(nodeOf(world)).toBe('worker-2');
  });
});

describe('a Pod of higher priority', () => {
  it('takes the place of one of lower priority, and waits until that one has gone', () => {
    const world = createTestWorld();
    world.create(priorityClasses, '', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    });
    const large = { container: { resources: { requests: { cpu: '3' } } } };
    for (const name of ['a', 'b']) createPod(world, large, name);
    createPod(world, { ...large, priorityClassName: 'high' });
    const [first] = world.eventsAbout('web');
    expect(first).toBe(
      'Warning FailedScheduling 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
    );
    // Of two that cost the same the one goes that started last: preemption.go, latestStartTimeScoreFunc.
    expect(world.eventsAbout('b').at(-1)).toMatch(/^Normal (Preempted|Killing) /);
    expect(nodeOf(world)).toBe('worker-2');
    expect(nodeOf(world, 'b')).toBeUndefined();
    expect(nodeOf(world, 'a')).toBe('worker-1');
  });
});
