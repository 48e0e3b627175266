import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { endpointSlices, nodes, type Resource, services } from '../../api/types/resources.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createProxyBench, type ProxyBench } from './testing/proxy-bench.ts';
import { inStableOrder } from './testing/stable-order.ts';

interface Step {
  /** The node's label, where it changed. */
  readonly zone?: string;
  readonly services: readonly JsonObject[];
  readonly endpointSlices: readonly JsonObject[];
  /** What is handed to iptables-restore; null where nothing changed for a proxy. */
  readonly restore: readonly string[] | null;
  readonly looksForStale: boolean;
  readonly health: Readonly<Record<string, { readonly port: number; readonly localEndpoints: number }>>;
}

const folder = new URL('./fixtures/sequences/', import.meta.url);

/** The recordings are written in this project's own shape, so they are only given a type. */
function stepsOf(name: string): readonly Step[] {
  const { steps }: { steps: readonly Step[] } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  return steps;
}

function nameOf({ metadata }: JsonObject): string {
  return isJsonObject(metadata) ? String(metadata.name) : '';
}

function statusOf({ status }: JsonObject): JsonObject {
  return isJsonObject(status) ? status : {};
}

/** Brings the objects of namespace default to what a step has, but those of the API server itself. */
function apply<T extends Service | EndpointSlice>(
  { client }: ProxyBench,
  resource: Resource<T>,
  wanted: readonly JsonObject[],
): void {
  const names = new Set(wanted.map(nameOf));
  const there = client.list(resource, 'default');
  for (const { metadata } of there) {
    const isOwn = metadata.name !== 'kubernetes' && !names.has(metadata.name);
    if (isOwn) client.delete(resource, 'default', metadata.name);
  }
  for (const object of wanted) {
    const before = there.find(({ metadata }) => metadata.name === nameOf(object));
    const { metadata } = object;
    if (before === undefined) expect(client.create(resource, 'default', object)).toMatchObject({ ok: true });
    else if (isJsonObject(metadata)) {
      const { resourceVersion } = before.metadata;
      expect(
        client.update(resource, { ...object, metadata: { ...metadata, resourceVersion } }),
      ).toMatchObject({ ok: true });
    }
  }
}

/** Source: a real Proxier of Kubernetes v1.36.0, which was given the same objects; see fixtures/record/README.md. */
describe.each(readdirSync(folder))('%s', (file) => {
  it('is followed as by the real kube-proxy', () => {
    const seen: { texts: string[]; looked: boolean } = { texts: [], looked: false };
    const bench = createProxyBench((net) => ({
      ...net,
      iptablesRestore(netns, input, options) {
        seen.texts.push(typeof input === 'string' ? input : `${input.join('\n')}\n`);
        return net.iptablesRestore(netns, input, options);
      },
      forgetConnections(netns, isPicked) {
        seen.looked = true;
        net.forgetConnections(netns, isPicked);
      },
    }));
    const { client, queue, proxy } = bench;
    bench.create(nodes, '', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-1' } });
    const addresses = [{ type: 'InternalIP', address: '172.18.0.3' }];
    client.mergePatch(nodes, '', 'worker-1', { status: { addresses } }, 'status');
    stepsOf(file).forEach((step, index) => {
      Object.assign(seen, { texts: [], looked: false });
      apply(bench, services, step.services);
      for (const service of step.services) {
        const status = { loadBalancer: { ingress: null }, ...statusOf(service) };
        client.mergePatch(services, 'default', nameOf(service), { status }, 'status');
      }
      apply(bench, endpointSlices, step.endpointSlices);
      if (step.zone !== undefined) {
        const labels = { 'topology.kubernetes.io/zone': step.zone };
        client.mergePatch(nodes, '', 'worker-1', { metadata: { labels } });
      }
      if (index === 0) proxy.start();
      queue.settle();
      const text = seen.texts.at(-1);
      const wanted = step.restore === null ? undefined : inStableOrder(`${step.restore.join('\n')}\n`);
      expect(text === undefined ? undefined : inStableOrder(text)).toBe(wanted);
      expect(seen.looked).toBe(step.looksForStale);
      for (const [name, { port, localEndpoints }] of Object.entries(step.health)) {
        expect(proxy.answer({ port, path: '/' }), name).toMatchObject({
          body: expect.stringContaining(`"localEndpoints": ${localEndpoints},`),
        });
      }
    });
  });
});
