/** The client library that learners' programs use, against the served API. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  type Informer,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCluster } from '../../cluster.ts';
import type { ServedApi } from '../serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubedrill-serve-'));
const kubeconfig = join(folder, 'config');
const config = new KubeConfig();
let served: ServedApi;

beforeAll(async () => {
  const result = await createCluster({ seed: 'serve' }).serve({ kubeconfig, isFrozen: true });
  if (!result.ok) throw new Error(result.error);
  served = result.value;
  config.loadFromFile(kubeconfig);
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

describe('@kubernetes/client-node', () => {
  const namespace = 'default';

  it('creates, reads, replaces, lists and deletes', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'typed' }, data: { a: '1' } },
    });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    await core.replaceNamespacedConfigMap({ namespace, name: 'typed', body: { ...made, data: { a: '2' } } });
    await expect(
      core.replaceNamespacedConfigMap({ namespace, name: 'typed', body: made }),
    ).rejects.toMatchObject({ code: 409 });
    const { items } = await core.listNamespacedConfigMap({
      namespace,
      fieldSelector: 'metadata.name=typed',
    });
    expect(items.map(({ data }) => data)).toEqual([{ a: '2' }]);
    const { status } = await core.deleteNamespacedConfigMap({ namespace, name: 'typed' });
    expect(status).toBe('Success');
    await expect(core.readNamespacedConfigMap({ namespace, name: 'typed' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('runs a Deployment', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'api' };
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'api' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
          },
        },
      },
    });
    const { status } = await apps.readNamespacedDeployment({ namespace, name: 'api' });
    expect(status?.readyReplicas).toBe(2);
  });

  it.each([
    ['JSON patch', PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/b', value: '2' }]],
    ['merge patch', PatchStrategy.MergePatch, { data: { b: '2' } }],
    ['strategic merge patch', PatchStrategy.StrategicMergePatch, { data: { b: '2' } }],
    [
      'server-side apply',
      PatchStrategy.ServerSideApply,
      { apiVersion: 'v1', kind: 'ConfigMap', data: { b: '2' } },
    ],
  ])('patches by %s', async (_, strategy, body) => {
    const core = config.makeApiClient(CoreV1Api);
    const name = `patched-${strategy.replaceAll(/[^a-z]/g, '')}`;
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: '1' } } });
    const patched = await core.patchNamespacedConfigMap(
      { namespace, name, body, fieldManager: 'test' },
      setHeaderOptions('Content-Type', strategy),
    );
    expect(patched.data).toEqual({ a: '1', b: '2' });
  });

  it('watches from a resourceVersion on', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const { metadata } = await core.listNamespacedSecret({ namespace });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      new Watch(config)
        .watch(
          `/api/v1/namespaces/${namespace}/secrets`,
          { resourceVersion: metadata?.resourceVersion, timeoutSeconds: 1 },
          (type, object) => seen.push(`${type} ${object.metadata.name}`),
          () => resolve(),
        )
        .then(async () => {
          await core.createNamespacedSecret({ namespace, body: { metadata: { name: 's' } } });
          await core.deleteNamespacedSecret({ namespace, name: 's' });
        })
        .catch(reject);
    });
    expect(seen).toEqual(['ADDED s', 'DELETED s']);
  });

  it('keeps an informer right through a disconnect', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const informer: Informer<V1ConfigMap> = makeInformer(config, path, () =>
      core.listNamespacedConfigMap({ namespace }),
    );
    const events: string[] = [];
    const waiting = new Map<string, () => void>();
    const note = (event: string) => (object: V1ConfigMap) => {
      const text = `${event} ${object.metadata?.name}`;
      events.push(text);
      waiting.get(text)?.();
    };
    const saw = (text: string) =>
      new Promise<void>((resolve) => {
        if (events.includes(text)) resolve();
        else waiting.set(text, resolve);
      });
    informer.on('add', note('add'));
    informer.on('delete', note('delete'));
    const disconnected = new Promise<void>((resolve) => {
      informer.on('error', () => {
        resolve();
        void informer.start();
      });
    });
    await informer.start();
    const create = (name: string) =>
      core.createNamespacedConfigMap({ namespace, body: { metadata: { name } } });
    await create('before');
    await saw('add before');
    served.dropConnections();
    await disconnected;
    await core.deleteNamespacedConfigMap({ namespace, name: 'before' });
    await create('after');
    await Promise.all([saw('delete before'), saw('add after')]);
    await informer.stop();
    expect(events.filter((event) => event.endsWith('before') || event.endsWith('after')).sort()).toEqual([
      'add after',
      'add before',
      'delete before',
    ]);
  });

  it('runs a program in a container', async () => {
    await runPod('exec');
    const out = new PassThrough();
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(
          namespace,
          'exec',
          'c',
          ['sh', '-c', 'cat; exit 4'],
          out,
          null,
          Readable.from(['hello']),
          false,
          resolve,
        )
        .catch(reject);
    });
    expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
    expect(String(out.read())).toBe('hello');
  });

  it('tells a program the size of the terminal', async () => {
    await runPod('sized');
    const out = new PassThrough();
    const input = new PassThrough();
    const ended = new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(namespace, 'sized', 'c', ['sh', '-c', 'read x; stty size'], out, null, input, true, resolve)
        .then((socket) => {
          socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":120,"Height":40}')]));
          input.write('go\r');
        })
        .catch(reject);
    });
    expect(await ended).toMatchObject({ status: 'Success' });
    expect(String(out.read())).toBe('go\r\n40 120\r\n');
  });

  it.each([
    ['answers', 80, /^HTTP\/1\.1 200 OK/, /^$/],
    ['refusals', 81, /^$/, /^error forwarding port 81 to pod [0-9a-f]{64}, uid : .*connection refused/],
  ])('forwards a port: %s', async (name, port, answer, refusal) => {
    await runPod(name);
    const out = new PassThrough();
    const errors = new PassThrough();
    const input = new PassThrough();
    const socket = await new PortForward(config).portForward(namespace, name, [port], out, errors, input);
    input.write('GET / HTTP/1.0\r\n\r\n');
    if (typeof socket === 'function') throw new Error('no socket');
    await new Promise<void>((resolve) => {
      socket.onclose = () => resolve();
    });
    expect(String(out.read() ?? '')).toMatch(answer);
    expect(String(errors.read() ?? '')).toMatch(refusal);
  });

  async function runPod(name: string): Promise<void> {
    await config.makeApiClient(CoreV1Api).createNamespacedPod({
      namespace,
      body: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
    });
  }
});
