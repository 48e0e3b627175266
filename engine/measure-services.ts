/**
 * What ten thousand Services with ten endpoints each cost, beside the targets: `npm run bench:net`. One API server, one
 * machine and one kube-proxy, with real objects through the API. Nothing fails when a target is missed: machines differ.
 */
import { endpointSlices, services } from './api/types/resources.ts';
import type { JsonObject } from './base/json.ts';
import { defaultLimits } from './base/limits.ts';
import { invariant } from './base/result.ts';
import { createSortedMap } from './base/sorted-map.ts';
import { formatIPv4 } from './net/ipv4.ts';
import type { HookContext } from './net/netfilter/netfilter.ts';
import { traverse } from './net/netfilter/traverse.ts';
import type { Packet } from './net/packet.ts';
import { gatherSharedRules, type PortRules } from './node/kube-proxy/port-rules.ts';
import type { ProxyFacts } from './node/kube-proxy/proxy-facts.ts';
import { writeProxyRules } from './node/kube-proxy/rules.ts';
import { updatePorts } from './node/kube-proxy/sync-state.ts';
import { createProxyBench, type ProxyBench } from './node/kube-proxy/testing/proxy-bench.ts';

const machine = 'worker-1';

function createBench(count: number): ProxyBench {
  const bench = createProxyBench();
  for (let index = 0; index < count; index += 1) addService(bench, index);
  return bench;
}

function must(isOk: boolean): void {
  invariant(isOk, 'the API server takes the objects of the measurement');
}

function clusterIP(index: number): string {
  return formatIPv4(0x0a600100 + index);
}

function serviceOf(index: number): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${index}`, namespace: 'default' },
    spec: { clusterIP: clusterIP(index), ports: [{ port: 80, targetPort: 8080 }] },
  };
}

function sliceOf(index: number, endpoints: number): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `service-${index}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': `service-${index}` },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: endpoints }, (_, at) => ({
      addresses: [formatIPv4(0x0af40000 + index * 10 + at)],
      nodeName: machine,
      conditions: { ready: true },
    })),
  };
}

let packets = 0;

/** The first packet of a connection to a Service, from PREROUTING to where it leaves towards the Pod. */
function sendPacket({ netState, random, queue }: ProxyBench, index: number): void {
  const state = netState.namespaces.get(machine)?.netfilter;
  invariant(state !== undefined, 'the machine has netfilter');
  packets += 1;
  let packet: Packet = Object.freeze({
    id: packets,
    protocol: 'tcp',
    source: '10.244.200.9',
    sourcePort: 1024 + (packets % 60_000),
    destination: clusterIP(index),
    destinationPort: 80,
    ttl: 64,
    mark: 0,
    payload: new Uint8Array(),
    tcp: { syn: true, ack: false, fin: false, rst: false, psh: false, sequence: 1, acknowledgement: 0 },
  });
  for (const hook of ['PREROUTING', 'FORWARD', 'POSTROUTING'] as const) {
    const context: HookContext = {
      at: machine,
      hook,
      inLink: 'veth0',
      outLink: 'veth1',
      isLocal: () => false,
      linkAddress: () => '172.18.0.3',
      nowMs: queue.now() + packets * 100,
      random,
      maxRules: defaultLimits.maxRulesPerHook,
      isRecording: false,
      record() {},
    };
    const result = traverse(state, packet, context);
    invariant(result.verdict === 'accept', 'a packet to a Service is passed on');
    packet = result.packet;
  }
}

/** Milliseconds of processor time: what else a machine does makes a clock's time much longer. */
function time(run: () => void): number {
  const start = process.cpuUsage();
  run();
  return process.cpuUsage(start).user / 1000;
}

function median(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? 0;
}

/** Which of a bench's Services packets go to: one after the other of its first. */
interface Asked {
  readonly bench: ProxyBench;
  readonly count: number;
}

/**
 * Microseconds that the first packet of a connection takes, for each way of asking. With the same ten asked among few and
 * among many, what differs is what more rules cost. With all of ten thousand asked, each of two thousand packets in a row
 * goes to another Service, and mostly to an endpoint that counted nothing yet: that includes the processor's cache misses,
 * where ten Services stay in its caches. The ways take turns, so that all meet the same heap and the same compiled code.
 */
function measurePackets(ways: readonly Asked[]): number[] {
  for (const { bench, count } of ways) {
    const warmUps = Math.max(2 * count, 20_000);
    for (let packet = 0; packet < warmUps; packet += 1) sendPacket(bench, packet % count);
  }
  const runs = ways.map((): number[] => []);
  for (let run = 0; run < 25; run += 1) {
    ways.forEach(({ bench, count }, way) => {
      const ms = time(() => {
        for (let packet = 0; packet < 2000; packet += 1) sendPacket(bench, (packet * 7919) % count);
      });
      runs[way]?.push((ms * 1000) / 2000);
    });
  }
  return runs.map(median);
}

/**
 * Milliseconds from a change that reached the informers to the rules in the kernel and the first packet that met them,
 * which goes to the Service that changed.
 */
function measureChanges(
  bench: ProxyBench,
  change: (bench: ProxyBench, index: number) => void,
  indexAt: (turn: number) => number,
): number {
  const runs: number[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const index = indexAt(turn);
    change(bench, index);
    runs.push(
      time(() => {
        bench.queue.settle();
        sendPacket(bench, index);
      }),
    );
  }
  return median(runs);
}

function loseEndpoint({ client }: ProxyBench, index: number): void {
  const { endpoints } = sliceOf(index, 9);
  must(client.mergePatch(endpointSlices, 'default', `service-${index}-1`, { endpoints: endpoints ?? [] }).ok);
}

function addService({ client }: ProxyBench, index: number): void {
  must(client.create(services, 'default', serviceOf(index)).ok);
  must(client.create(endpointSlices, 'default', sliceOf(index, 10)).ok);
}

/** All rules as kube-proxy writes them, without the kernel that reads them. */
function measureRender({ client }: ProxyBench): number {
  const slices = new Map(
    client
      .list(endpointSlices, 'default')
      .map((slice) => [slice.metadata.labels?.['kubernetes.io/service-name'], slice]),
  );
  const changed = client.list(services, 'default').map((service) => {
    const { name } = service.metadata;
    const slice = slices.get(name);
    return { name: `default/${name}`, service, slices: slice === undefined ? [] : [slice] };
  });
  const runs = Array.from({ length: 5 }, () => {
    globalThis.gc?.();
    return time(() => {
      const ports = createSortedMap<PortRules>();
      const { written } = updatePorts(ports, changed, facts, 0);
      writeProxyRules({ facts, ports, shared: gatherSharedRules(ports), written, existingChains: [] });
    });
  });
  return median(runs);
}

const facts: ProxyFacts = {
  nodeName: machine,
  zone: '',
  clusterCIDR: '10.244.0.0/16',
  masqueradeMark: '0x00004000',
  masqueradeAll: false,
  localhostNodePorts: true,
  randomFully: true,
};

function megabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

const serviceCount = Number(process.argv[2] ?? 10_000);
const few = createBench(10);
few.proxy.start();
few.queue.settle();
const bench = createBench(serviceCount);
const renderMs = measureRender(bench);
const startMs = time(() => {
  bench.proxy.start();
  bench.queue.settle();
});
const memory = megabytes();
const [fewMicroseconds = 0, tenMicroseconds = 0, microseconds = 0] = measurePackets([
  { bench: few, count: 10 },
  { bench, count: 10 },
  { bench, count: serviceCount },
]);
const changeMs = measureChanges(bench, loseEndpoint, (turn) => (turn * 241) % serviceCount);
const addMs = measureChanges(bench, addService, (turn) => serviceCount + turn);

function timesOf(value: number): string {
  return `${value.toFixed(1)} µs, ${(value / fewMicroseconds).toFixed(2)} ×`;
}

console.log(`${serviceCount} Services with 10 endpoints each`);
for (const [what, target, value] of [
  ['a packet, with ten Services', '20 µs', `${fewMicroseconds.toFixed(1)} µs`],
  ['a packet to one of the same ten', '1.5 × that', timesOf(tenMicroseconds)],
  ['a packet to any of them', '20 µs', timesOf(microseconds)],
  ['one Service loses an endpoint', '5 ms', `${changeMs.toFixed(1)} ms`],
  ['one Service more', '5 ms', `${addMs.toFixed(1)} ms`],
  ['all rules rendered', '500 ms', `${renderMs.toFixed(0)} ms`],
  ['all rules rendered and loaded', '', `${startMs.toFixed(0)} ms`],
  ['memory, objects and API server included', '600 MB', `${memory.toFixed(0)} MB`],
] as const) {
  console.log(`${what.padEnd(42)}${target.padEnd(14)}${value}`);
}
