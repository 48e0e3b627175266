/**
 * Pods from creation to deletion. Texts of events and statuses are those of pkg/kubelet of release 1.36 (paths beside
 * each part); times follow from one second a pull and one a start.
 */
import { describe, expect, it } from 'vitest';
import { configMaps, pods } from '../../api/types/resources.ts';
import { box, createPod, getPod, logs } from '../../testing/pods.ts';
import { createTestWorld } from '../../testing/world.ts';

describe('starting', () => {
  it('pulls, creates and starts a container, and tells each step', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['server', '80'])] });
    world.settle();
    expect(getPod(world).status?.phase).toBe('Running');
    expect(world.eventsAbout('web')).toEqual([
      'Normal Scheduled Successfully assigned default/web to worker-1',
      'Normal Pulling Pulling image "box"',
      'Normal Pulled Successfully pulled image "box" in 1s (1s including waiting). Image size: 1234 bytes.',
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });

  it('does not pull again what is on the node', () => {
    const world = createTestWorld();
    const spec = {
      nodeName: 'worker-1',
      containers: [box('web', ['server', '80'], { imagePullPolicy: 'IfNotPresent' })],
    };
    createPod(world, spec, 'first');
    world.settle();
    createPod(world, spec);
    world.settle();
    expect(world.eventsAbout('web')).toEqual([
      'Normal Pulled Container image "box" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });

  it('waits with ErrImagePull, then ImagePullBackOff, and tries again after ten seconds', () => {
    const world = createTestWorld();
    createPod(world, { containers: [{ name: 'web', image: 'missing' }] });
    world.settle();
    const waiting = () => getPod(world).status?.containerStatuses?.[0]?.state?.waiting;
    const reason =
      'rpc error: code = NotFound desc = failed to resolve reference "docker.io/library/missing:latest": not found';
    expect(waiting()).toEqual({ reason: 'ErrImagePull', message: reason });
    expect(logs(world, 'web')).toBe(
      'container "web" in pod "web" is waiting to start: image can\'t be pulled',
    );
    world.advance(6);
    expect(waiting()).toEqual({
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "missing": ErrImagePull: ${reason}`,
    });
    world.advance(6);
    expect(world.eventsAbout('web')).toEqual([
      'Normal Scheduled Successfully assigned default/web to worker-1',
      'Normal Pulling Pulling image "missing"',
      `Warning Failed Failed to pull image "missing": ${reason}`,
      'Warning Failed Error: ErrImagePull',
      'Normal BackOff Back-off pulling image "missing"',
      'Warning Failed Error: ImagePullBackOff',
    ]);
    expect(waiting()?.reason).toBe('ErrImagePull');
  });

  it('refuses a name that is none', () => {
    const world = createTestWorld();
    createPod(world, { containers: [{ name: 'web', image: 'Broken' }] });
    world.settle();
    const message =
      'Failed to apply default image tag "Broken": couldn\'t parse image name "Broken": invalid reference format: repository name (library/Broken) must be lowercase';
    expect(getPod(world).status?.containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: 'InvalidImageName',
      message,
    });
    expect(world.eventsAbout('web').slice(1)).toEqual([
      `Warning InspectFailed ${message}`,
      'Warning Failed Error: InvalidImageName',
    ]);
  });

  it('names the program that an image lacks, as runc does', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['bash'])], restartPolicy: 'Never' });
    world.settle();
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
      'unable to start container process: error during container init: exec: "bash": executable file not found in $PATH: unknown';
    const pod = getPod(world);
    expect(pod.status?.phase).toBe('Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message,
      startedAt: '1970-01-01T00:00:00Z',
    });
    expect(world.eventsAbout('web')).toContain(`Warning Failed Error: ${message}`);
  });

  it('runs init containers one after another before the others', () => {
    const world = createTestWorld();
    createPod(world, {
      initContainers: [box('one', ['sleep', '0']), box('two', ['sleep', '3'])],
      containers: [box('web', ['server', '80'])],
    });
    world.settle();
    expect(getPod(world).status?.phase).toBe('Pending');
    expect(getPod(world).status?.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [two]',
    });
    expect(getPod(world).status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'PodInitializing' },
    });
    world.advance(10);
    expect(getPod(world).status?.phase).toBe('Running');
    expect(getPod(world).status?.initContainerStatuses?.map(({ name, ready }) => [name, ready])).toEqual([
      ['one', true],
      ['two', true],
    ]);
  });

  it('keeps a sidecar running beside the container, and ends it after it', () => {
    const world = createTestWorld();
    createPod(world, {
      initContainers: [box('side', ['server', '81'], { restartPolicy: 'Always' })],
      containers: [box('web', ['sleep', '5'])],
      restartPolicy: 'Never',
    });
    world.settle();
    expect(getPod(world).status?.phase).toBe('Running');
    world.advance(60);
    const { status } = getPod(world);
    expect(status?.phase).toBe('Succeeded');
    expect(status?.initContainerStatuses?.[0]?.state?.terminated).toBeDefined();
  });
});

describe('a process inside', () => {
  it('sees its variables, those of Services last', () => {
    const world = createTestWorld();
    createPod(world, {
      nodeName: 'worker-2',
      restartPolicy: 'Never',
      containers: [
        box('web', ['env'], {
          env: [
            { name: 'A', value: 'one' },
            { name: 'B', value: '$(A) $(NONE) $$(A)' },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          ],
          resources: { limits: { cpu: '1500m' } },
        }),
      ],
    });
    world.settle();
    expect(getPod(world).status?.phase).toBe('Succeeded');
    expect(logs(world, 'web').split('\n')).toEqual([
      'PATH=/bin',
      'HOSTNAME=web',
      'A=one',
      'B=one $(NONE) $(A)',
      'IP=10.244.2.2',
      'NODE=worker-2',
      'CPU=2',
      'KUBERNETES_SERVICE_HOST=10.96.0.1',
      'KUBERNETES_SERVICE_PORT=443',
      'KUBERNETES_SERVICE_PORT_HTTPS=443',
      'KUBERNETES_PORT=tcp://10.96.0.1:443',
      'KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443',
      'KUBERNETES_PORT_443_TCP_PROTO=tcp',
      'KUBERNETES_PORT_443_TCP_PORT=443',
      'KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1',
      '',
    ]);
  });

  it('finds the files that the kubelet wrote', () => {
    const world = createTestWorld();
    createPod(world, {
      nodeName: 'worker-2',
      restartPolicy: 'Never',
      hostname: 'host',
      subdomain: 'sub',
      dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
      containers: [
        box('web', [
          'cat',
          '/etc/hosts',
          '/etc/hostname',
          '/etc/resolv.conf',
          '/var/run/secrets/kubernetes.io/serviceaccount/namespace',
        ]),
      ],
    });
    world.settle();
    expect(logs(world, 'web').split('\n')).toEqual([
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      '10.244.2.2\thost.sub.default.svc.cluster.local\thost',
      'host',
      'search default.svc.cluster.local svc.cluster.local cluster.local',
      'nameserver 10.96.0.10',
      'options ndots:2',
      'default',
    ]);
  });
});

describe('volumes', () => {
  it('are one folder for all containers of a Pod, and outlive a restart', () => {
    const world = createTestWorld();
    const volumeMounts = [{ name: 'shared', mountPath: '/data' }];
    createPod(world, {
      nodeName: 'worker-2',
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [box('init', ['touch', '/data/ready'], { volumeMounts })],
      containers: [
        box('web', ['sleep', '5', '1'], { volumeMounts }),
        box('side', ['server', '80'], { volumeMounts: [{ name: 'shared', mountPath: '/other' }] }),
      ],
    });
    world.advance(10);
    const options = { command: ['ls', '/other'], container: 'side', stdin: false, tty: false };
    const session = world.kubelets.get('worker-2')?.connection.exec('default', 'web', options);
    world.settle();
    expect(session?.ok && new TextDecoder().decode(session.value.readStdout())).toBe('ready\n');
  });

  it('keep the Pod waiting while they can not be set up', () => {
    const world = createTestWorld();
    createPod(world, {
      volumes: [{ name: 'config', configMap: { name: 'absent' } }],
      containers: [box('web', ['server', '80'])],
    });
    world.settle();
    expect(getPod(world).status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'ContainerCreating' },
    });
    expect(world.eventsAbout('web')).toContain(
      'Warning FailedMount MountVolume.SetUp failed for volume "config" : configmap "absent" not found',
    );
  });
});

describe('crashing', () => {
  it('restarts at once, then waits ten seconds and twice as long each time', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['server', '80']), box('twin', ['server', '80'])] });
    world.settle();
    const status = () => getPod(world).status?.containerStatuses?.find(({ name }) => name === 'twin');
    const title = `web_default(${getPod(world).metadata.uid})`;
    expect(status()?.state?.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: `back-off 10s restarting failed container=twin pod=${title}`,
    });
    expect(status()?.restartCount).toBe(1);
    expect(status()?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(logs(world, 'twin')).toBe('bind() to 0.0.0.0:80 failed (98: Address already in use)\n');
    expect(logs(world, 'twin', true)).toBe('bind() to 0.0.0.0:80 failed (98: Address already in use)\n');
    expect(getPod(world).status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [twin]',
    });
    world.advance(12);
    expect(status()?.restartCount).toBe(2);
    expect(status()?.state?.waiting?.message).toBe(
      `back-off 20s restarting failed container=twin pod=${title}`,
    );
    expect(world.eventsAbout('web')).toContain(
      `Warning BackOff Back-off restarting failed container twin in pod ${title}`,
    );
  });

  it.each([
    { policy: 'Never', exitCode: 0, phase: 'Succeeded', ready: 'PodCompleted' },
    { policy: 'Never', exitCode: 3, phase: 'Failed', ready: 'PodFailed' },
    { policy: 'OnFailure', exitCode: 0, phase: 'Succeeded', ready: 'PodCompleted' },
    { policy: 'OnFailure', exitCode: 3, phase: 'Running', ready: 'ContainersNotReady' },
    { policy: 'Always', exitCode: 0, phase: 'Running', ready: 'ContainersNotReady' },
  ])('under $policy an exit with $exitCode leaves the Pod $phase', ({ policy, exitCode, phase, ready }) => {
    const world = createTestWorld();
    createPod(world, { restartPolicy: policy, containers: [box('web', ['sleep', '0', `${exitCode}`])] });
    world.settle();
    expect(getPod(world).status?.phase).toBe(phase);
    expect(getPod(world).status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe(ready);
  });
});

describe('two nginx in one Pod', () => {
  it('want the same port, and one crashes with the words of nginx', () => {
    const world = createTestWorld();
    createPod(world, {
      containers: [
        { name: 'one', image: 'nginx' },
        { name: 'two', image: 'nginx' },
      ],
    });
    world.settle();
    world.advance(30);
    const statuses = getPod(world).status?.containerStatuses ?? [];
    expect(statuses.map(({ state }) => state?.waiting?.reason)).toEqual([undefined, 'CrashLoopBackOff']);
    expect(logs(world, 'two')).toContain('bind() to 0.0.0.0:80 failed (98: Address already in use)');
    expect(statuses[1]?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
  });
});

describe('deletion', () => {
  it('asks the process to end, waits for the grace period, and lets the object go', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['server', '80'])] });
    world.settle();
    const before = world.queue.now();
    world.client.delete(pods, 'default', 'web');
    expect(getPod(world).metadata.deletionTimestamp).toBeDefined();
    world.settle();
    expect(world.client.list(pods)).toEqual([]);
    // Process 1 does not handle SIGTERM, so that the kernel passes it by: pid_namespaces(7).
    expect(world.queue.now() - before).toBe(30_000);
    expect(world.eventsAbout('web')).toContain('Normal Killing Stopping container web');
  });

  it('gives the address to nobody before the range has gone round', () => {
    const world = createTestWorld();
    const spec = {
      nodeName: 'worker-1',
      terminationGracePeriodSeconds: 0,
      containers: [box('web', ['server', '80'])],
    };
    createPod(world, spec);
    world.settle();
    expect(getPod(world).status?.podIP).toBe('10.244.1.2');
    world.client.delete(pods, 'default', 'web');
    world.settle();
    createPod(world, spec);
    world.settle();
    expect(getPod(world).status?.podIP).toBe('10.244.1.3');
  });

  it('leaves no process, namespace or file system behind', () => {
    const world = createTestWorld();
    const before = world.net.listNetns('worker-1');
    createPod(world, { nodeName: 'worker-1', containers: [box('web', ['server', '80'])] });
    world.settle();
    expect(world.net.listNetns('worker-1').length).toBe(before.length + 1);
    world.client.delete(pods, 'default', 'web', { gracePeriodSeconds: 0 });
    world.settle();
    expect(world.net.listNetns('worker-1')).toEqual(before);
    expect(world.kubelets.get('worker-1')?.cri({ call: 'pods' })).toEqual([]);
    expect(world.kubelets.get('worker-1')?.cri({ call: 'containers' })).toEqual([]);
  });

  it('keeps the address when only the container is restarted', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['sleep', '30', '1'])] });
    world.settle();
    const before = getPod(world).status?.podIP;
    world.advance(40);
    expect(getPod(world).status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(getPod(world).status?.podIP).toBe(before);
  });
});

describe('host network', () => {
  it('shares the address of the node', () => {
    const world = createTestWorld();
    createPod(world, { nodeName: 'worker-1', hostNetwork: true, containers: [box('web', ['server', '80'])] });
    world.settle();
    expect(getPod(world).status).toMatchObject({ podIP: '172.18.0.3', hostIP: '172.18.0.3' });
  });
});

describe('a fork', () => {
  it('goes on exactly as the cluster it came from', () => {
    const world = createTestWorld();
    createPod(world, {
      containers: [
        box('web', ['server', '80'], { livenessProbe: { tcpSocket: { port: 80 } } }),
        box('twin', ['server', '80']),
      ],
    });
    world.settle();
    const fork = world.fork();
    for (const each of [world, fork]) {
      each.advance(100);
      each.client.delete(pods, 'default', 'web');
      each.advance(10);
    }
    expect(getPod(fork)).toEqual(getPod(world));
    expect(fork.eventsAbout('web')).toEqual(world.eventsAbout('web'));
    fork.settle();
    expect(fork.client.list(pods)).toEqual([]);
    expect(world.client.list(pods).length).toBe(1);
  });
});

describe('what a volume shows', () => {
  const read = (world: ReturnType<typeof createTestWorld>, path: string): string => {
    const options = { command: ['cat', path], container: 'web', stdin: false, tty: false };
    const session = world.kubelets.get('worker-1')?.connection.exec('default', 'web', options);
    world.settle();
    return session?.ok ? new TextDecoder().decode(session.value.readStdout()) : '';
  };
  const volumes = [
    { name: 'config', configMap: { name: 'settings' } },
    { name: 'pod', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ];
  const volumeMounts = [
    { name: 'config', mountPath: '/config' },
    { name: 'config', mountPath: '/fixed', subPath: 'key' },
    { name: 'pod', mountPath: '/pod' },
  ];
  const settings = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data,
  });

  it('follows a ConfigMap after a minute, but not where it is mounted by subPath', () => {
    const world = createTestWorld();
    world.create(configMaps, 'default', settings({ key: 'old', gone: 'x' }));
    createPod(world, {
      nodeName: 'worker-1',
      volumes,
      containers: [box('web', ['server', '80'], { volumeMounts })],
    });
    world.settle();
    world.client.mergePatch(configMaps, 'default', 'settings', { data: { key: 'new', gone: null } });
    world.advance(59);
    expect(read(world, '/config/key')).toBe('old');
    world.advance(2);
    expect(['/config/key', '/config/gone', '/fixed'].map((path) => read(world, path))).toEqual([
      'new',
      'cat: /config/gone: not found\n',
      'old',
    ]);
  });

  it("follows the Pod's labels at once", () => {
    const world = createTestWorld();
    world.create(configMaps, 'default', settings({ key: 'old' }));
    createPod(
      world,
      { nodeName: 'worker-1', volumes, containers: [box('web', ['server', '80'], { volumeMounts })] },
      'web',
      { app: 'web' },
    );
    world.settle();
    world.client.mergePatch(pods, 'default', 'web', { metadata: { labels: { app: 'shop' } } });
    expect(read(world, '/pod/labels')).toBe('app="shop"');
  });
});
