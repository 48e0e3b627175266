/**
 * Hooks of containers and the order in which containers end. Events, reasons and messages: pkg/kubelet/kuberuntime
 * (kuberuntime_container.go, kuberuntime_termination_order.go) and pkg/kubelet/lifecycle/handlers.go of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import { pods } from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { box, createPod, getPod } from '../../testing/pods.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

function start(spec: JsonObject): TestWorld {
  const world = createTestWorld();
  createPod(world, { nodeName: 'worker-1', ...spec });
  world.settle();
  return world;
}

const lastEvents = (world: TestWorld, count: number) => world.eventsAbout('web').slice(-count);

const status = (world: TestWorld) => getPod(world).status?.containerStatuses?.[0];

describe('a postStart hook', () => {
  it.each([
    { name: 'is a command in the container', hook: { exec: { command: ['touch', '/ready'] } }, seconds: 0 },
    { name: 'is a request that any answer will do for', hook: { httpGet: { port: 80 } }, seconds: 0 },
    { name: 'is a pause', hook: { sleep: { seconds: 7 } }, seconds: 7 },
  ])('$name', ({ hook, seconds }) => {
    const without = start({ containers: [box('web', ['server', '80'])] });
    const world = start({ containers: [box('web', ['server', '80'], { lifecycle: { postStart: hook } })] });
    expect(status(world)).toMatchObject({ ready: true, started: true });
    expect(world.queue.now() - without.queue.now()).toBe(1000 * seconds);
  });

  it('keeps the container waiting and the next one from starting as long as it runs', () => {
    const postStart = { exec: { command: ['sleep', '100'] } };
    const world = start({
      containers: [box('web', ['server', '80'], { lifecycle: { postStart } }), box('x', ['server', '81'])],
    });
    expect(status(world)?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    expect(lastEvents(world, 1)).toEqual(['Normal Started Container started']);
    world.advance(101);
    world.settle();
    expect(getPod(world).status?.containerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
  });

  it('that fails stops the container, which starts again', () => {
    const postStart = { exec: { command: ['sleep', '0', '3'] } };
    const world = start({
      terminationGracePeriodSeconds: 5,
      containers: [box('web', ['server', '80'], { lifecycle: { postStart } })],
    });
    const title = `web_default(${getPod(world).metadata.uid})`;
    expect(status(world)).toMatchObject({
      ready: false,
      restartCount: 1,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off 10s restarting failed container=web pod=${title}`,
        },
      },
      lastState: { terminated: { exitCode: 137, reason: 'Error' } },
    });
    expect(world.eventsAbout('web').slice(3)).toEqual([
      'Normal Started Container started',
      'Warning FailedPostStartHook PostStartHook failed',
      'Normal Killing FailedPostStartHook',
      'Normal Pulled Successfully pulled image "box" in 0s (0s including waiting). Image size: 1234 bytes.',
      `Warning BackOff Back-off restarting failed container web in pod ${title}`,
    ]);
  });
});

describe('a preStop hook', () => {
  it.each([
    {
      name: 'that ends leaves the rest of the time to the process',
      hook: { sleep: { seconds: 4 } },
      took: 10,
      failures: 0,
    },
    {
      name: 'that takes all of it leaves two seconds',
      hook: { sleep: { seconds: 10 } },
      took: 12,
      failures: 0,
    },
    {
      name: 'that takes longer is not waited for',
      hook: { exec: { command: ['sleep', '60'] } },
      took: 12,
      failures: 1,
    },
    { name: 'asks over HTTP', hook: { httpGet: { port: 80, path: '/bye' } }, took: 10, failures: 0 },
  ])('$name', ({ hook, took, failures }) => {
    const world = start({
      terminationGracePeriodSeconds: 10,
      containers: [box('web', ['server', '80'], { lifecycle: { preStop: hook } })],
    });
    const before = world.queue.now();
    world.client.delete(pods, 'default', 'web');
    world.settle();
    expect(world.client.list(pods)).toEqual([]);
    expect(world.queue.now() - before).toBe(1000 * took);
    // A command is cut off with its container, and has failed then.
    const told = world.eventsAbout('web').filter((line) => line.endsWith('PreStopHook failed'));
    expect(told).toHaveLength(failures);
  });

  it('that can not start is told, and the container stopped', () => {
    const world = start({
      terminationGracePeriodSeconds: 10,
      containers: [box('web', ['server', '80'], { lifecycle: { preStop: { exec: { command: ['none'] } } } })],
    });
    world.client.delete(pods, 'default', 'web');
    world.settle();
    expect(lastEvents(world, 2)).toEqual([
      'Normal Killing Stopping container web',
      'Warning FailedPreStopHook PreStopHook failed',
    ]);
  });
});

describe('the end of a Pod', () => {
  it('is one grace period for all, sidecars last and in turn', () => {
    const sidecar = (name: string, port: string) => box(name, ['server', port], { restartPolicy: 'Always' });
    const world = start({
      terminationGracePeriodSeconds: 10,
      initContainers: [sidecar('first', '81'), sidecar('second', '82')],
      containers: [box('web', ['server', '80'])],
    });
    const before = world.queue.now();
    world.client.delete(pods, 'default', 'web');
    world.advance(0.001);
    expect(lastEvents(world, 3)).toEqual([
      'Normal Killing Stopping container first',
      'Normal Killing Stopping container second',
      'Normal Killing Stopping container web',
    ]);
    world.settle();
    // No process here handles SIGTERM. When the time has run out, nobody waits for a turn: two seconds more.
    expect(world.queue.now() - before).toBe(12_000);
  });

  it('comes sooner when it is deleted again with less time', () => {
    const world = start({ terminationGracePeriodSeconds: 300, containers: [box('web', ['server', '80'])] });
    const before = world.queue.now();
    world.client.delete(pods, 'default', 'web');
    world.advance(10);
    world.client.delete(pods, 'default', 'web', { gracePeriodSeconds: 5 });
    world.settle();
    expect(world.queue.now() - before).toBe(15_000);
  });
});
