/**
 * Real kubectl binaries against the served API: what each of them can do, and whether the newest one and ours print the
 * same. Run by `npm run test:kubectl`.
 */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import { compareLine } from './compare.ts';
import { knownDifferences } from './known-differences.ts';
import { files, lines } from './lines.ts';
import { findKubectls, minor, type RealKubectl, startRealKubectl } from './real-kubectl.ts';

const binaries = findKubectls();
const newest = binaries.at(-1);
const longestMs = 120_000;
/** What a real server warns older clients of, too. */
const expectedWarning =
  /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice\n/;

it.skipIf(binaries.length === 0)(
  'has binaries to run; without one in the folders of findKubectls all is skipped',
  () => {
    expect(binaries.map(({ version }) => version)).toContain(newest?.version);
  },
);

/** What every version must manage, with what it prints; order matters. */
const session: readonly (readonly [line: string, stdout: RegExp])[] = [
  ['kubectl get nodes -o name', /^node\/control-plane\nnode\/worker-1\nnode\/worker-2\n$/],
  ['kubectl create namespace shop', /^namespace\/shop created\n$/],
  ['kubectl apply -f web.yaml', /^deployment.apps\/web created\nservice\/web created\n$/],
  ['kubectl apply -f web.yaml', /^deployment.apps\/web unchanged\nservice\/web unchanged\n$/],
  ['kubectl rollout status deployment/web', /successfully rolled out/],
  ['kubectl wait --for=condition=Available deployment/web', /condition met/],
  ['kubectl get pods -o wide', /^(?:NAME|web-\S+ +1\/1 +Running).*\n.*\n.*\n$/],
  ['kubectl apply -f service.yaml', /^service\/web configured\n$/],
  ['kubectl describe service web', /^Endpoints: +10\.244\.\d+\.\d+:80/m],
  ['kubectl scale deployment web --replicas=3', /scaled/],
  ['kubectl label service web tier=front', /labeled/],
  ['kubectl annotate service web note=hello', /annotated?\n$/],
  [`kubectl patch service web -p '{"metadata":{"labels":{"a":"1"}}}'`, /patched\n$/],
  [`kubectl patch service web --type=merge -p '{"spec":{"type":"NodePort"}}'`, /patched\n$/],
  [`kubectl patch service web --type=json -p '[{"op":"remove","path":"/metadata/labels/a"}]'`, /patched\n$/],
  ['kubectl expose deployment web --name=other --port=80', /^service\/other exposed\n$/],
  ['kubectl create configmap settings --from-literal=color=blue', /created/],
  ['KUBE_EDITOR=./editor kubectl edit configmap settings', /^configmap\/settings edited\n$/],
  ["kubectl get configmap settings -o jsonpath='{.data.color}'", /^green$/],
  ['kubectl explain service.spec.ports.port', /FIELD: port <integer>/],
  ['kubectl auth can-i get pods', /^yes\n$/],
  ['kubectl auth can-i --list', /^\*\.\* +\[\] +\[\] +\[\*\]$/m],
  ['kubectl create token default', /^[\w-]+\.[\w-]+\.[\w-]+\n?$/],
  ['kubectl api-resources --api-group=apps', /^deployments +deploy +apps\/v1 +true +Deployment$/m],
  ['kubectl logs deployment/web --tail=1', /\n$/],
  ['kubectl delete -f web.yaml', /deleted/],
];

describe.each(binaries)('kubectl $version', (binary) => {
  let kubectl: RealKubectl;
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = createCluster({ seed: binary.version });
    kubectl = await startRealKubectl(binary, cluster, files);
  });
  afterAll(() => kubectl.close());

  it('goes through a session without a warning', { timeout: longestMs }, async () => {
    const ended: unknown[] = [];
    for (const [line, stdout] of session) {
      const result = await kubectl.run(line);
      const isRight = stdout.test(result.stdout) && result.exitCode === 0;
      const isQuiet = !/warning|error|fall/i.test(result.stderr.replace(expectedWarning, ''));
      if (!isRight || !isQuiet) ended.push({ line, ...result });
    }
    expect(ended).toEqual([]);
  });

  it('is told of a field that somebody else manages', { timeout: longestMs }, async () => {
    await kubectl.run('kubectl apply --server-side -f settings.yaml --force-conflicts');
    const { stderr, exitCode } = await kubectl.run(
      'kubectl apply --server-side -f settings-red.yaml --field-manager=other',
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Apply failed with 1 conflict: conflict with "kubectl": \.data\.color/);
  });

  it('runs a program', { timeout: longestMs }, async () => {
    await kubectl.run('kubectl run one --image=nginx:1.27');
    expect(await kubectl.run("kubectl exec -i one -- sh -c 'cat; exit 3'", 'in\n')).toEqual({
      stdout: 'in\n',
      stderr: 'command terminated with exit code 3\n',
      exitCode: 3,
    });
  });

  it('copies files into a container and out of it', { timeout: longestMs }, async () => {
    await kubectl.run('kubectl run one --image=nginx:1.27');
    const copied = await kubectl.run(
      'kubectl cp web.yaml one:/tmp/x.yaml && kubectl cp one:/tmp/x.yaml back.yaml',
    );
    expect(copied.exitCode).toBe(0);
    expect((await kubectl.run('cmp web.yaml back.yaml')).exitCode).toBe(0);
  });

  it('attaches to what it runs', { timeout: longestMs }, async () => {
    const ran = await kubectl.run(
      'kubectl run cat --image=busybox:1.36 --restart=Never -i --rm --quiet -- cat',
      'typed\n',
    );
    expect(ran).toMatchObject({ stdout: 'typed\n', exitCode: 0 });
    expect(ran.stderr).not.toMatch(/falling back|error/i);
  });

  it('forwards a port, and is told of one that nobody listens on', { timeout: longestMs }, async () => {
    await kubectl.run('kubectl run one --image=nginx:1.27');
    const forwarding = await startForwarding(kubectl, 'pod/one :80 :81');
    const [open, closed] = forwarding.ports;
    expect(await (await fetch(`http://127.0.0.1:${open}/`)).text()).toContain('Welcome to nginx!');
    await expect(fetch(`http://127.0.0.1:${closed}/`)).rejects.toThrow();
    const ended = await forwarding.ended;
    expect(ended).toMatch(
      /error forwarding port 81 to pod [0-9a-f]{64}, uid : failed to execute portforward in network namespace \S+ failed to connect to localhost:81 inside namespace \S+ IPv4: dial tcp4 127\.0\.0\.1:81: connect: connection refused/,
    );
  });

  it('sees what changes while it watches', { timeout: longestMs }, async () => {
    const watching = spawn('/bin/bash', ['-c', 'exec kubectl get configmaps -w -o name'], {
      env: { ...kubectl.environment },
    });
    let printed = '';
    watching.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    const saw = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => (printed.includes(text) ? resolve() : void watching.stdout.once('data', look));
        look();
      });
    await saw('kube-root-ca.crt');
    await kubectl.run('kubectl create configmap later');
    // kubectl writes the end of the line by itself.
    await saw('configmap/later\n');
    watching.kill('SIGKILL');
    expect(printed.split('\n')).toContain('configmap/later');
  });
});

describe.runIf(newest !== undefined)(`kubectl ${newest?.version} and ours`, () => {
  it('print the same', { timeout: longestMs }, async () => {
    if (newest === undefined) return;
    let cluster = createCluster({ seed: 'lines' });
    const kubectl = await startRealKubectl(newest, cluster, files);
    const unknown: unknown[] = [];
    const healed = new Set(knownDifferences.keys());
    try {
      for (const line of lines) {
        const { real, ours, after } = await compareLine(kubectl, cluster, line);
        cluster = after;
        const isEqual = JSON.stringify(real) === JSON.stringify(ours);
        if (!isEqual) healed.delete(line.line);
        if (!isEqual && !knownDifferences.has(line.line)) unknown.push({ line: line.line, real, ours });
      }
    } finally {
      await kubectl.close();
    }
    const expected = [...healed].filter((line) => {
      const { upTo } = knownDifferences.get(line) ?? {};
      return upTo === undefined || minor(newest.version) <= upTo;
    });
    expect(unknown).toEqual([]);
    expect(expected, 'these no longer differ: take them out of known-differences.ts').toEqual([]);
  });
});

/** Starts `kubectl port-forward` and waits until it listens. */
async function startForwarding(kubectl: RealKubectl, args: string) {
  const child = spawn('/bin/bash', ['-c', `exec kubectl port-forward ${args}`], {
    env: { ...kubectl.environment },
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => resolve(stderr));
  });
  const wanted = args.split(':').length - 1;
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      if (portsIn(stdout).length >= wanted) resolve();
    });
  });
  await Promise.race([listening, ended]);
  return { ports: portsIn(stdout), ended };
}

function portsIn(stdout: string): readonly string[] {
  return [...stdout.matchAll(/from 127\.0\.0\.1:(\d+)/g)].map(([, port]) => port ?? '');
}
