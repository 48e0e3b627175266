/** crictl on a node. Layout: kubernetes-sigs/cri-tools, cmd/crictl (display.go: columns of 20, three blanks). */
import { expect, it } from 'vitest';
import { pods } from '../../api/types/resources.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

function crictl(world: TestWorld, args: readonly string[], input?: string) {
  const rootfs = world.processes.addRootfs([{ files: new Map([['/bin/crictl', { program: 'crictl' }]]) }]);
  const started = world.processes.spawn({
    machine: 'worker-1',
    netns: 'worker-1',
    rootfs,
    argv: ['/bin/crictl', ...args],
    hostname: 'worker-1',
    foreground: true,
    stdinOpen: input !== undefined,
  });
  if (!started.ok) throw new Error(started.error);
  if (input !== undefined) {
    world.processes.writeStdin(started.value, new TextEncoder().encode(input));
    world.processes.closeStdin(started.value);
  }
  world.queue.runUntil(() => !world.processes.isRunning(started.value), 10_000);
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

function containersOf(world: TestWorld) {
  const pod = world.client.get(pods, 'default', 'web');
  return pod.ok ? (pod.value.status?.containerStatuses ?? []) : [];
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

/** Source: cri-tools v1.36, cmd/crictl (container.go, exec.go, image.go), for every word that is expected below. */
it.each([
  {
    args: ['inspect', 'nothing'],
    stderr:
      'FATA[0000] get the status of containers: get container status: rpc error: code = NotFound desc = an error occurred when try to find container "nothing": not found\n',
  },
  {
    args: ['stop'],
    stderr: 'you must specify at least one CONTAINER-ID or use --all\n',
  },
  {
    args: ['stop', 'nothing'],
    stderr:
      'FATA[0000] stopping the container "nothing": rpc error: code = NotFound desc = an error occurred when try to find container "nothing": not found\n',
  },
  {
    args: ['rm', '<id>'],
    stderr: 'FATA[0000] container "<id>" is running, please stop it first\n',
  },
  {
    args: ['exec', '-t', '<id>', 'true'],
    stderr:
      'FATA[0000] execing command in container <id>: tty=true must be specified with interactive=true\n',
  },
  {
    args: ['exec', '<id>', 'sleep', '0', '3'],
    stderr: 'FATA[0000] execing command in container <id>: command terminated with exit code 3\n',
  },
  { args: ['rmi', 'nope'], stderr: 'FATA[0000] no such image nope\n' },
  { args: ['pods', '-o', 'wide'], stderr: 'FATA[0000] unsupported output format "wide"\n' },
])('refuses $args', ({ args, stderr }) => {
  const world = worldWithPod();
  const id = crictl(world, ['ps', '-q']).stdout.trim();
  const ran = crictl(
    world,
    args.map((word) => word.replace('<id>', id)),
  );
  expect(ran).toEqual({ exitCode: 1, stdout: '', stderr: stderr.replaceAll('<id>', id) });
});

it.each([
  { args: ['ps', '-q', '--name', '^ap'], found: 1 },
  { args: ['ps', '-q', '--name', '^pp'], found: 0 },
  { args: ['ps', '-q', '--state', 'Exited'], found: 0 },
  { args: ['ps', '-q', '--namespace', 'def.*'], found: 1 },
  {
    args: [
      'ps',
      '-q',
      '--label',
      'io.kubernetes.pod.name=web',
      '--label',
      'io.kubernetes.container.name=app',
    ],
    found: 1,
  },
  { args: ['ps', '-q', '--label', 'io.kubernetes.pod.name=other'], found: 0 },
  { args: ['pods', '-q', '--state', 'ready'], found: 1 },
  { args: ['pods', '-q', '--state', 'NotReady'], found: 0 },
  { args: ['images', '-q', 'box'], found: 1 },
  { args: ['images', '-q', 'other'], found: 0 },
])('filters with $args', ({ args, found }) => {
  expect(crictl(worldWithPod(), args).stdout.split('\n').length - 1).toBe(found);
});

it('prints YAML with sorted keys', () => {
  const world = worldWithPod();
  const id = crictl(world, ['ps', '-q']).stdout.trim();
  expect(crictl(world, ['inspect', '-o', 'yaml', '-q', id]).stdout).toMatch(
    /^status:\n {2}annotations: \{\}\n {2}createdAt: .*\n {2}exitCode: 0\n/,
  );
});

it.each([
  { args: ['stop'], exitCode: 137 },
  { args: ['stop', '-t', '5'], exitCode: 137 },
])('$args ends a container, which the kubelet starts anew', ({ args }) => {
  const world = worldWithPod();
  const id = crictl(world, ['ps', '-q']).stdout.trim();
  expect(crictl(world, [...args, id])).toEqual({ exitCode: 0, stdout: `${id}\n`, stderr: '' });
  world.settle();
  world.advance(30);
  const [status] = containersOf(world);
  expect(status?.restartCount).toBe(1);
  expect(crictl(world, ['ps', '-q']).stdout.trim()).not.toBe(id);
  expect(crictl(world, ['rm', id]).stdout).toBe(`${id}\n`);
  expect(crictl(world, ['ps', '-a', '-q']).stdout).not.toContain(id);
});

it('runs a command in a container, and hands its input on', () => {
  const world = worldWithPod();
  const id = crictl(world, ['ps', '-q']).stdout.trim();
  expect(crictl(world, ['exec', id, 'cat', '/nope'])).toEqual({
    exitCode: 0,
    stdout: 'cat: /nope: not found\n',
    stderr: '',
  });
  expect(crictl(world, ['exec', '-i', id, 'cat'], 'hello\n').stdout).toBe('hello\n');
});

it('pulls and removes images', () => {
  const world = worldWithPod();
  expect(crictl(world, ['rmi', 'box']).stdout).toBe('Deleted: docker.io/library/box:latest\n');
  expect(crictl(world, ['images', '-q']).stdout).toBe('');
  expect(crictl(world, ['pull', 'box']).stdout).toMatch(/^Image is up to date for sha256:[0-9a-f]{64}\n$/);
});
