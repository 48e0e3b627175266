/**
 * The kernel agrees: the same rules in the simulation and in network namespaces of this machine, the same connections
 * between sockets there and here, the same ends. Run by `npm run test:kernel`, as root on Linux with iproute2 and
 * iptables. The seed of what is random can be given as KERNEL_SEED.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../cluster.ts';
import { create, createBaseCluster, findPlaces, pinNextHop } from './base-cluster.ts';
import { type Flow, Judge } from './compare-flows.ts';
import { flowsPast, randomRules, randomSetRules, setsFor } from './random-rules.ts';
import { randomServices } from './random-services.ts';
import { findObstacle, hasIpset, type RealKernel, startRealKernel } from './real-kernel.ts';
import { balancerIP, clusterIP, flowsTo, type Situation, serviceWith, situations } from './situations.ts';

const obstacle = findObstacle();
if (obstacle !== undefined) console.log(`test:kernel is skipped: ${obstacle}`);

const seed = Number(process.env.KERNEL_SEED ?? 36);

describe.skipIf(obstacle !== undefined)('the kernel agrees', () => {
  // Only where it is needed: names of tests are made of it.
  const base = obstacle === undefined ? createBaseCluster() : undefined;
  const places = base === undefined ? undefined : findPlaces(base);
  let kernel: RealKernel;
  let judge: Judge;
  let flowCount = 0;
  beforeAll(async () => {
    if (base === undefined) return;
    kernel = startRealKernel();
    judge = await Judge.start(kernel, base);
  });
  afterAll(async () => {
    if (base === undefined) return;
    console.log(`${flowCount} flows were compared`);
    await kernel.close();
  });

  async function prepare(objects: Situation['objects'], nextHop = 0): Promise<Cluster> {
    if (base === undefined) throw new Error('there is no kernel to ask');
    const cluster = base.fork();
    for (const { path, object } of objects) create(cluster, path, object);
    cluster.settle();
    pinNextHop(cluster, nextHop);
    await judge.load(cluster);
    return cluster;
  }

  async function disagreements(flows: readonly Flow[]): Promise<string> {
    flowCount += flows.length;
    return (await judge.disagreements(flows)).join('\n\n');
  }

  it.each(places === undefined ? [] : situations(places))('$name', async ({ objects, flows }) => {
    await prepare(objects);
    expect(await disagreements(flows)).toBe('');
  });

  it.each([0, 1, 2])('a load balancer that passes to node %d', async (nextHop) => {
    if (places === undefined) return;
    const endpoints = [{ pod: 'web-2' }, { pod: 'web-3' }];
    for (const policy of ['Cluster', 'Local']) {
      const spec = { type: 'LoadBalancer', loadBalancerIP: balancerIP, externalTrafficPolicy: policy };
      await prepare(serviceWith(spec, endpoints, places), nextHop);
      expect(await disagreements(flowsTo(balancerIP, { tcp: 80, udp: 53 }, ['client']))).toBe('');
    }
  });

  const sampled = places === undefined ? [] : fc.sample(randomServices(places), { seed, numRuns: 16 });
  it.each(sampled)('a Service of chance: $name', async ({ objects, flows }) => {
    await prepare(objects);
    expect(await disagreements(flows)).toBe('');
  });

  it('session affinity keeps a client at one endpoint', async () => {
    if (places === undefined) return;
    const endpoints = [{ pod: 'web-1' }, { pod: 'web-2' }, { pod: 'web-3' }];
    await prepare(serviceWith({ sessionAffinity: 'ClientIP' }, endpoints, places));
    for (const from of ['client-1', 'client-2', 'worker-2', 'web-3'] as const) {
      const flow = { from, to: clusterIP, port: 80, protocol: 'tcp' } as const;
      const { simulated, real } = await judge.inTurn(flow, 6);
      flowCount += 6;
      expect(new Set(simulated).size, from).toBe(1);
      expect(new Set(real).size, from).toBe(1);
    }
  });

  const rulesets = fc.sample(randomRules, { seed, numRuns: 24 });
  it.each(rulesets.map((rules, index) => ({ index, rules })))(
    'rules of chance, $index',
    async ({ rules }) => {
      if (base === undefined || places === undefined) return;
      const cluster = base.fork();
      expect(cluster.net.iptablesRestore('worker-1', rules, { noflush: true })).toMatchObject({ ok: true });
      await judge.load(cluster);
      expect(await disagreements(flowsPast('worker-1', places)), rules).toBe('');
    },
  );

  const setRules =
    obstacle === undefined && hasIpset() ? fc.sample(randomSetRules, { seed, numRuns: 12 }) : [];
  it.each(setRules.map((rules, index) => ({ index, rules })))('sets of chance, $index', async ({ rules }) => {
    if (base === undefined || places === undefined) return;
    const cluster = base.fork();
    await judge.restoreSets(cluster, 'worker-1', setsFor(places));
    expect(cluster.net.iptablesRestore('worker-1', rules, { noflush: true })).toMatchObject({ ok: true });
    await judge.load(cluster);
    expect(await disagreements(flowsPast('worker-1', places)), rules).toBe('');
  });
});
