/** crictl on a node. Layout: kubernetes-sigs/cri-tools, cmd/crictl (display.go: columns of 20, three blanks). */
import { expect, it } from 'vitest';
import { pods } from '../../api/types/resources.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

function crictl(world: TestWorld, args: readonly string[]) {
  const rootfs = world.processes.addRootfs([{ files: new Map([['/bin/crictl', { program: 'crictl' }]]) }]);
  const started = world.processes.spawn({
    machine: 'worker-1',
    netns: 'worker-1',
    rootfs,
    argv: ['/bin/crictl', ...args],
    hostname: 'worker-1',
    foreground: true,
  });
  if (!started.ok) throw new Error(started.error);
  world.queue.runUntil(() => !world.processes.isRunning(started.value), 1000);
  const read = (stream: 'stdout' | 'stderr') =>
    new TextDecoder().decode(world.processes.readOutput(started.value, stream, 0));
  return {
    exitCode: world.processes.exitCode(started.value),
    stdout: read('stdout'),
    stderr: read('stderr'),
  };
}

function worldWithPod(): TestWorld {
  const world = createTestWorld();
  world.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { nodeName: 'worker-1', containers: [{ name: 'app', image: 'box' }] },
  });
  world.settle();
  world.advance(90);
  return world;
}

/** The ids change with whatever else draws on chance. */
const withoutIds = (text: string) => text.replace(/[0-9a-f]{13}(?![0-9a-f])/g, '<id         >');

it.each([
  {
    args: ['pods'],
    want:
      'POD ID              CREATED              STATE               NAME                NAMESPACE           ATTEMPT             RUNTIME\n' +
      '<id         >       About a minute ago   Ready               web                 default             0                   (default)\n',
  },
  {
    args: ['ps'],
    want:
      'CONTAINER           IMAGE               CREATED              STATE               NAME                ATTEMPT             POD ID              POD                 NAMESPACE\n' +
      '<id         >       <id         >       About a minute ago   Running             app                 0                   <id         >       web                 default\n',
  },
  {
    args: ['images'],
    want:
      'IMAGE                   TAG                 IMAGE ID            SIZE\n' +
      'docker.io/library/box   latest              <id         >       1.23kB\n',
  },
])('prints $args as a table', ({ args, want }) => {
  expect(withoutIds(crictl(worldWithPod(), args).stdout)).toBe(want);
});

it('finds objects by the start of their ids, and tells the sandbox of a container', () => {
  const world = worldWithPod();
  const pod = crictl(world, ['pods', '-q', '--name', 'web']).stdout.trim();
  const container = crictl(world, ['ps', '-q']).stdout.trim();
  const inspected = JSON.parse(crictl(world, ['inspect', container.slice(0, 13)]).stdout);
  expect(inspected.info.sandboxID).toBe(pod);
  expect(JSON.parse(crictl(world, ['inspectp', pod]).stdout).status.network.ip).toBe('10.244.1.2');
  expect(crictl(world, ['logs', container]).stdout).toBe('listening on 80\n');
});

it('says what it does not find', () => {
  expect(crictl(createTestWorld(), ['inspect', 'nothing'])).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'FATA[0000] getting the status of the container "nothing": rpc error: code = NotFound desc = an error occurred when try to find container "nothing": not found\n',
  });
});
