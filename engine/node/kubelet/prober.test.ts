/** Probes on a running cluster. Texts of events: pkg/kubelet/prober and pkg/probe of release 1.36. */
import { describe, expect, it } from 'vitest';
import { box, createPod, getPod } from '../../testing/pods.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

describe('probes', () => {
  const readiness = { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 5 };
  const isReady = (world: TestWorld) =>
    getPod(world).status?.conditions?.find(({ type }) => type === 'Ready')?.status;

  function exec(world: TestWorld, command: readonly string[]): void {
    const node = getPod(world).spec?.nodeName ?? '';
    const options = { container: 'web', command, stdin: false, tty: false };
    world.kubelets.get(node)?.connection.exec('default', 'web', options);
    world.settle();
  }

  it('readiness follows the answers of the container', () => {
    const world = createTestWorld();
    createPod(world, { containers: [box('web', ['server', '80'], { readinessProbe: readiness })] });
    world.settle();
    expect(isReady(world)).toBe('False');
    expect(world.eventsAbout('web')).toContain(
      'Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503',
    );
    exec(world, ['touch', '/ready']);
    world.advance(6);
    expect(isReady(world)).toBe('True');
  });

  it('over gRPC fails where the server does not speak it', () => {
    const world = createTestWorld();
    createPod(world, {
      nodeName: 'worker-1',
      containers: [
        box('web', ['server', '80'], { readinessProbe: { grpc: { port: 80 }, timeoutSeconds: 2 } }),
      ],
    });
    world.settle();
    expect(world.eventsAbout('web')).toContain(
      'Warning Unhealthy Readiness probe failed: timeout: failed to connect service "10.244.1.2:80" within 2s: context deadline exceeded',
    );
  });

  it.each([
    { args: [], service: undefined, want: undefined },
    {
      args: ['--delay-unhealthy-sec=0'],
      service: undefined,
      want: 'service unhealthy (responded with "NOT_SERVING")',
    },
    { args: ['--service=shop'], service: 'shop', want: undefined },
    {
      args: [],
      service: 'shop',
      want: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
    },
  ])('over gRPC asks agnhost grpc-health-checking $args for $service', ({ args, service, want }) => {
    const world = createTestWorld();
    const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
    const grpc = { port: 5000, ...(service === undefined ? {} : { service }) };
    createPod(world, {
      containers: [{ name: 'web', image, args: ['grpc-health-checking', ...args], readinessProbe: { grpc } }],
    });
    world.settle();
    world.advance(15);
    expect(isReady(world)).toBe(want === undefined ? 'True' : 'False');
    const failure = `Warning Unhealthy Readiness probe failed: ${want}`;
    if (want !== undefined) expect(world.eventsAbout('web')).toContain(failure);
  });

  it('that can not be run is no answer: a container is not restarted for it', () => {
    const world = createTestWorld();
    const livenessProbe = { exec: { command: ['none'] }, periodSeconds: 1, failureThreshold: 1 };
    createPod(world, { containers: [box('web', ['server', '80'], { livenessProbe })] });
    world.settle();
    world.advance(3);
    expect(getPod(world).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(world.eventsAbout('web').at(-1)).toMatch(
      /^Warning Unhealthy Liveness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: /,
    );
  });

  it('tells why nobody answered', () => {
    const world = createTestWorld();
    createPod(world, {
      nodeName: 'worker-1',
      containers: [box('web', ['server', '80'], { readinessProbe: { tcpSocket: { port: 81 } } })],
    });
    world.settle();
    expect(world.eventsAbout('web')).toContain(
      'Warning Unhealthy Readiness probe failed: dial tcp 10.244.1.2:81: connect: connection refused',
    );
  });

  it('liveness kills and restarts', () => {
    const world = createTestWorld();
    const livenessProbe = { exec: { command: ['cat', '/x'] }, failureThreshold: 1 };
    createPod(world, {
      terminationGracePeriodSeconds: 1,
      containers: [
        box('web', ['server', '80'], {
          livenessProbe: { ...livenessProbe, exec: { command: ['sleep', '0', '1'] } },
        }),
      ],
    });
    world.settle();
    expect(world.eventsAbout('web')).toEqual(
      expect.arrayContaining([
        'Warning Unhealthy Liveness probe failed: ',
        'Normal Killing Container web failed liveness probe, will be restarted',
      ]),
    );
    expect(getPod(world).status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: 'Error' } },
    });
  });

  it('a startup probe holds the others back', () => {
    const world = createTestWorld();
    createPod(world, {
      containers: [
        box('web', ['server', '80'], {
          startupProbe: { ...readiness, failureThreshold: 30 },
          readinessProbe: { tcpSocket: { port: 80 } },
        }),
      ],
    });
    world.advance(20);
    expect(getPod(world).status?.containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
    exec(world, ['touch', '/ready']);
    expect(getPod(world).status?.containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
  });
});
