/**
 * Load through HTTP: 5,000 Pods and 500 Services are made, and half of them deleted, while 50 watchers look on. Each watcher
 * must see each change once, in order. Run by `npm run test:load`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCluster } from '../../cluster.ts';
import { type ServedApi, serveApi } from '../serve.ts';

const podCount = 5_000;
const serviceCount = 500;
const watcherCount = 50;
const longestMs = 400_000;
const maxMemoryBytes = 1024 ** 3;

const folder = mkdtempSync(join(tmpdir(), 'kubedrill-load-'));
const agent = new Agent({ keepAlive: true, maxSockets: 200 });
let served: ServedApi;
let access = { ca: '', token: '' };

beforeAll(async () => {
  const cluster = createCluster({ seed: 'load' });
  const kubeconfig = join(folder, 'config');
  const result = await serveApi(
    {
      send: (asked) => cluster.request(asked),
      settle: () => void cluster.settle(),
      advance: (ms) => void cluster.advance(ms / 1000),
      now: () => cluster.now(),
    },
    { kubeconfig },
  );
  if (!result.ok) throw new Error(result.error);
  served = result.value;
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  access = {
    ca: Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString(),
    token: config.users[0].user.token,
  };
});
afterAll(async () => {
  agent.destroy();
  await served.close();
  rmSync(folder, { recursive: true });
});

function open(path: string, method: string, body?: object) {
  const headers = { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' };
  return new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const asked = request(
      `${served.url}${path}`,
      { method, agent, ca: access.ca, servername: 'localhost', headers },
      resolve,
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function send(path: string, method: string, body?: object): Promise<string> {
  const response = await open(path, method, body);
  let text = '';
  for await (const chunk of response) text += String(chunk);
  if ((response.statusCode ?? 500) >= 400) throw new Error(`${method} ${path}: ${text}`);
  return text;
}

/** What one watcher saw: by object, the changes in order. */
interface Seen {
  readonly added: Map<string, number>;
  readonly deleted: Map<string, number>;
  lastRevision: number;
  outOfOrder: number;
  close(): void;
}

async function watch(path: string): Promise<Seen> {
  const list = JSON.parse(await send(path, 'GET'));
  const from = String(list.metadata.resourceVersion);
  const response = await open(`${path}?watch=true&resourceVersion=${from}`, 'GET');
  const seen: Seen = {
    added: new Map(),
    deleted: new Map(),
    lastRevision: Number(from),
    outOfOrder: 0,
    close: () => response.destroy(),
  };
  response.on('error', () => {});
  createInterface({ input: response }).on('line', (line) => {
    // The head of a line is enough: parsing fifty times five thousand objects would be the load.
    const type = /^\{"type":"([A-Z]+)"/.exec(line)?.[1];
    const name = /"metadata":\{"name":"([^"]+)"/.exec(line)?.[1] ?? '';
    const revision = Number(/"resourceVersion":"(\d+)"/.exec(line)?.[1]);
    if (revision <= seen.lastRevision) seen.outOfOrder += 1;
    seen.lastRevision = revision;
    const counts = type === 'ADDED' ? seen.added : type === 'DELETED' ? seen.deleted : undefined;
    counts?.set(name, (counts.get(name) ?? 0) + 1);
  });
  return seen;
}

async function each(count: number, action: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await action(next - 1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}

const pods = '/api/v1/namespaces/default/pods';
const services = '/api/v1/namespaces/default/services';

it('loses and doubles no event', { timeout: longestMs }, async () => {
  const startedMs = performance.now();
  const podWatchers = await Promise.all(Array.from({ length: watcherCount / 2 }, () => watch(pods)));
  const serviceWatchers = await Promise.all(Array.from({ length: watcherCount / 2 }, () => watch(services)));
  await each(serviceCount, (index) =>
    send(services, 'POST', {
      metadata: { name: `s${index}` },
      spec: { selector: { app: `a${index}` }, ports: [{ port: 80 }] },
    }),
  );
  const servicesMs = performance.now();
  await each(podCount, (index) =>
    send(pods, 'POST', {
      metadata: { name: `p${index}`, labels: { app: `a${index % serviceCount}` } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
    }),
  );
  const podsMs = performance.now();
  await each(serviceCount / 2, (index) => send(`${services}/s${index}`, 'DELETE'));
  const { resourceVersion } = JSON.parse(await send(pods, 'GET')).metadata;
  expect(Number(resourceVersion)).toBeGreaterThan(podCount);
  for (let waited = 0; waited < 100; waited += 1) {
    const isDone =
      podWatchers.every(({ added }) => added.size >= podCount) &&
      serviceWatchers.every(({ deleted }) => deleted.size >= serviceCount / 2);
    if (isDone) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const once = (counts: ReadonlyMap<string, number>) => [...counts.values()].every((count) => count === 1);
  const saw = (watchers: readonly Seen[]) =>
    watchers.map(({ added, deleted, outOfOrder }) => ({
      added: added.size,
      deleted: deleted.size,
      isOnce: once(added) && once(deleted),
      outOfOrder,
    }));
  const same = <T>(value: T) => Array.from({ length: watcherCount / 2 }, () => value);
  expect(saw(podWatchers)).toEqual(same({ added: podCount, deleted: 0, isOnce: true, outOfOrder: 0 }));
  expect(saw(serviceWatchers)).toEqual(
    same({ added: serviceCount, deleted: serviceCount / 2, isOnce: true, outOfOrder: 0 }),
  );
  for (const watcher of [...podWatchers, ...serviceWatchers]) watcher.close();
  const { rss } = process.memoryUsage();
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  process.stdout.write(
    `${serviceCount} Services in ${seconds(startedMs, servicesMs)}, ${podCount} Pods in ${seconds(servicesMs, podsMs)}, ${watcherCount} watchers, ${Math.round(rss / 1024 ** 2)} MiB\n`,
  );
  expect(rss).toBeLessThan(maxMemoryBytes);
});
