import { describe, expect, it } from 'vitest';
import { endpointSlices, nodes, services } from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { listen } from '../../net/stack/testing/networks.ts';
import { endpointChainNames, serviceChainNames } from './chain-names.ts';
import { createProxyBench, type ProxyBench } from './testing/proxy-bench.ts';

function createBench(): ProxyBench {
  const bench = createProxyBench();
  bench.proxy.start();
  bench.queue.settle();
  return bench;
}

const web: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.50', ports: [{ port: 80, targetPort: 8080 }] },
};

function sliceOf(addresses: readonly string[], more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      nodeName: 'worker-1',
      conditions: { ready: true },
      ...more,
    })),
  };
}

const nat = (bench: ProxyBench) => bench.net.iptablesSave('worker-1', { table: 'nat' }).split('\n');
const about = (bench: ProxyBench, words: string) => nat(bench).filter((line) => line.includes(words));

describe('kube-proxy', () => {
  it('answers for a Service without endpoints, and gives it endpoints when they come', () => {
    const bench = createBench();
    bench.create(services, 'default', web);
    expect(bench.net.iptablesSave('worker-1', { table: 'filter' })).toContain(
      '-A KUBE-SERVICES -d 10.96.0.50/32 -p tcp -m comment --comment "default/web has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
    );
    bench.create(endpointSlices, 'default', sliceOf(['10.244.1.5']));
    expect(bench.net.iptablesSave('worker-1', { table: 'filter' })).not.toContain('has no endpoints');
    expect(about(bench, 'to-destination 10.244.')).toEqual([
      `-A ${endpointChainNames('default/web', 'tcp')('10.244.1.5:8080')} -p tcp -m comment --comment "default/web" -m tcp -j DNAT --to-destination 10.244.1.5:8080`,
    ]);
  });

  it('takes the chains of a deleted Service away', () => {
    const bench = createBench();
    const before = nat(bench);
    bench.create(services, 'default', web);
    bench.create(endpointSlices, 'default', sliceOf(['10.244.1.5', '10.244.1.6']));
    const chains = (lines: readonly string[]) => lines.filter((line) => line.startsWith(':'));
    expect(chains(nat(bench))).toHaveLength(chains(before).length + 3);
    bench.client.delete(services, 'default', 'web');
    bench.queue.settle();
    expect(nat(bench)).toEqual(before);
  });

  it('sets the kernel parameters of a kube-proxy', () => {
    const { net } = createBench();
    const read = (name: string) =>
      net.inspect({ machine: 'worker-1', netns: 'worker-1', subject: 'sysctl', args: { name } });
    expect(read('net.ipv4.conf.all.route_localnet')).toEqual({ ok: true, value: '1' });
    expect(read('net.netfilter.nf_conntrack_tcp_timeout_established')).toEqual({ ok: true, value: '86400' });
  });

  it('writes everything again when all tables were flushed, after at most half a minute', () => {
    const bench = createBench();
    bench.create(services, 'default', web);
    const before = bench.net.iptablesSave('worker-1');
    bench.net.iptablesRestore('worker-1', '*mangle\nCOMMIT\n*nat\nCOMMIT\n*filter\nCOMMIT\n');
    bench.queue.advance(29_000);
    expect(bench.net.iptablesSave('worker-1')).not.toBe(before);
    bench.queue.advance(2_000);
    expect(bench.net.iptablesSave('worker-1')).toBe(before);
  });

  it('prefers endpoints of its zone once its Node has one', () => {
    const bench = createBench();
    bench.create(services, 'default', web);
    const slice = sliceOf([]);
    bench.create(endpointSlices, 'default', {
      ...slice,
      endpoints: ['a', 'b'].map((zone, index) => ({
        addresses: [`10.244.1.${index}`],
        conditions: { ready: true },
        hints: { forZones: [{ name: zone }] },
      })),
    });
    expect(about(bench, 'to-destination 10.244.')).toHaveLength(2);
    bench.create(nodes, '', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'worker-1', labels: { 'topology.kubernetes.io/zone': 'b' } },
    });
    expect(about(bench, 'to-destination 10.244.')).toEqual([expect.stringContaining('10.244.1.1:8080')]);
  });

  it("leaves a Service's chains alone when only its selector changes", () => {
    const bench = createBench();
    bench.create(services, 'default', web);
    bench.create(endpointSlices, 'default', sliceOf(['10.244.1.5']));
    const chain = serviceChainNames('default/web', 'tcp').cluster;
    const own = `-A ${chain} -p udp -j RETURN`;
    bench.net.iptablesRestore('worker-1', `*nat\n${own}\nCOMMIT\n`, { noflush: true });
    bench.client.mergePatch(services, 'default', 'web', { spec: { selector: { app: 'other' } } });
    bench.queue.settle();
    expect(nat(bench)).toContain(own);
    bench.client.mergePatch(services, 'default', 'web', { spec: { sessionAffinity: 'ClientIP' } });
    bench.queue.settle();
    expect(nat(bench)).not.toContain(own);
  });

  /** Source: LocalReadyEndpoints in pkg/proxy/endpointschangetracker.go, Kubernetes v1.36. */
  it('counts an endpoint of this node for the health check also where the Service has no such port', () => {
    const bench = createBench();
    bench.create(services, 'default', {
      ...web,
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 31000,
        ports: [{ port: 80 }],
      },
    });
    const slice = sliceOf(['10.244.1.5', '10.244.1.6']);
    bench.create(endpointSlices, 'default', {
      ...slice,
      ports: [{ name: 'admin', port: 9, protocol: 'TCP' }],
    });
    expect(bench.proxy.answer({ port: 31000, path: '/' })).toMatchObject({
      body: expect.stringContaining('"localEndpoints": 2'),
    });
  });

  /** Source: ConntrackCleanupRequired in pkg/proxy/endpointschangetracker.go, Kubernetes v1.36. */
  it('looks for stale connections only when endpoints of UDP have changed', () => {
    const bench = createBench();
    const udp = { name: 'dns', namespace: 'default' };
    bench.create(services, 'default', {
      ...web,
      metadata: udp,
      spec: { clusterIP: '10.96.0.51', ports: [{ port: 53, protocol: 'UDP' }] },
    });
    const udpSlice: JsonObject = {
      ...sliceOf(['10.244.1.5']),
      metadata: { ...udp, labels: { 'kubernetes.io/service-name': 'dns' } },
      ports: [{ name: '', port: 53, protocol: 'UDP' }],
    };
    bench.create(endpointSlices, 'default', udpSlice);
    bench.net.addAddress('worker-1', 'lo', '192.0.2.1/32');
    const socket = listen(bench.net, 'worker-1', 4000, { protocol: 'udp' });
    bench.net.sockets.sendTo(socket, { address: '192.0.2.1', port: 53 }, new Uint8Array(1));
    bench.client.mergePatch(services, 'default', 'dns', { spec: { externalIPs: ['192.0.2.1'] } });
    bench.create(services, 'default', web);
    bench.create(endpointSlices, 'default', sliceOf(['10.244.1.7']));
    const connections = () =>
      bench.net.inspect({ machine: 'worker-1', netns: 'worker-1', subject: 'conntrack', args: {} });
    expect(connections()).toEqual({ ok: true, value: [expect.stringContaining('dport=53')] });
    bench.client.mergePatch(endpointSlices, 'default', 'dns', {
      endpoints: [{ addresses: ['10.244.1.6'], conditions: { ready: true } }],
    });
    bench.queue.settle();
    expect(connections()).toEqual({ ok: true, value: [] });
  });

  /** Source: a kube-proxy v1.36.0 that was given the same (fixtures/record/live.sh). */
  describe('with a slice that stops naming its Service', () => {
    const name = 'kubernetes.io/service-name';
    const targets = (bench: ProxyBench) =>
      about(bench, '--comment "default/web" -m tcp -j DNAT').map((line) => line.replace(/.* /, ''));
    const label = (labels: JsonObject) => (bench: ProxyBench) =>
      bench.client.mergePatch(endpointSlices, 'default', 'web-1', { metadata: { labels } });
    const give = (address: string) => (bench: ProxyBench) =>
      bench.client.mergePatch(endpointSlices, 'default', 'web-1', {
        endpoints: [{ addresses: [address], nodeName: 'worker-1', conditions: { ready: true } }],
      });
    const remove = (bench: ProxyBench) => bench.client.delete(endpointSlices, 'default', 'web-1');
    const create = (bench: ProxyBench) =>
      bench.client.create(endpointSlices, 'default', sliceOf(['10.244.1.8']));
    const [old, changed, fresh] = ['10.244.1.5:8080', '10.244.1.7:8080', '10.244.1.8:8080'];
    const lose = label({ [name]: null });

    it.each([
      { what: 'keeps its endpoints', steps: [lose], want: [old] },
      { what: 'does not see it change', steps: [lose, give('10.244.1.7')], want: [old] },
      {
        what: 'sees what changed when it is back',
        steps: [lose, give('10.244.1.7'), label({ [name]: 'web' })],
        want: [changed],
      },
      { what: 'keeps those of a slice that is deleted then', steps: [lose, remove], want: [old] },
      { what: 'forgets them for a new slice of the name', steps: [lose, remove, create], want: [fresh] },
      { what: 'keeps those of one that names another', steps: [label({ [name]: 'other' })], want: [old] },
      {
        what: 'loses one that becomes headless',
        steps: [label({ 'service.kubernetes.io/headless': '' })],
        want: [],
      },
      {
        what: 'keeps one that is labelled for another proxy',
        steps: [label({ 'service.kubernetes.io/service-proxy-name': 'other' })],
        want: [old],
      },
    ])('$what', ({ steps, want }) => {
      const bench = createBench();
      bench.create(services, 'default', web);
      bench.create(endpointSlices, 'default', sliceOf(['10.244.1.5']));
      for (const step of steps) {
        expect(step(bench)).toMatchObject({ ok: true });
        bench.queue.settle();
      }
      expect(targets(bench)).toEqual(want);
    });
  });
});
