/**
 * What ten thousand Services with ten endpoints each cost, beside the targets: `npm run bench:net`. One API server, one
 * machine and one kube-proxy, with real objects through the API. Nothing fails when a target is missed: machines differ.
 */
import { createScheme } from './api/create-scheme.ts';
import { loadSchema } from './api/schema/schema.ts';
import { endpointSlices, services } from './api/types/resources.ts';
import { EventQueue, eventQueueState } from './base/event-queue.ts';
import type { JsonObject } from './base/json.ts';
import { defaultLimits } from './base/limits.ts';
import { Random, randomStateFrom } from './base/random.ts';
import { invariant } from './base/result.ts';
import { clientsState, createControllerContexts } from './client/controller-context.ts';
import { apiServerState, createApiServer } from './control-plane/apiserver/api-server.ts';
import { createBootstrapObjects } from './control-plane/apiserver/bootstrap.ts';
import { formatIPv4 } from './net/ipv4.ts';
import type { HookContext } from './net/netfilter/netfilter.ts';
import { traverse } from './net/netfilter/traverse.ts';
import type { Packet } from './net/packet.ts';
import { createProcesses } from './net/process/processes.ts';
import { processesState } from './net/process/state.ts';
import { createNetwork } from './net/stack/network.ts';
import { networkState } from './net/stack/state.ts';
import { kubeProxyPrograms } from './node/kube-proxy/health-servers.ts';
import { createKubeProxy, kubeProxyState } from './node/kube-proxy/kube-proxy.ts';

const machine = 'worker-1';

function createBench(count: number) {
  const limits = defaultLimits;
  const queue = new EventQueue(eventQueueState(1_777_636_800_000), limits);
  const random = new Random(randomStateFrom('services'));
  const netState = networkState();
  const net = createNetwork({ queue, random, limits }, netState);
  net.addMachine(machine);
  const processes = createProcesses(
    { queue, random, limits, sockets: net.sockets, inspect: net.inspect, configure: net.configure },
    processesState(),
  );
  for (const [name, program] of kubeProxyPrograms) processes.registerProgram(name, program);
  const transport = createApiServer(
    { scheme: createScheme(), schema: loadSchema(), queue, random, limits, nodeConnection: () => undefined },
    apiServerState(),
  );
  createBootstrapObjects(transport, '172.18.0.2');
  const contexts = createControllerContexts({ transport, queue }, clientsState());
  const context = contexts({ name: 'system:kube-proxy', groups: ['system:masters'] }, 'kube-proxy');
  const { client } = context;
  for (let index = 0; index < count; index += 1) {
    must(client.create(services, 'default', serviceOf(index)).ok);
    must(client.create(endpointSlices, 'default', sliceOf(index, 10)).ok);
  }
  const proxyState = kubeProxyState();
  const proxy = createKubeProxy(
    { context, net, processes, node: machine, hostNetns: machine, clusterCIDR: '10.244.0.0/16' },
    proxyState,
  );
  return { client, queue, net, netState, random, proxy, limits };
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

type Bench = ReturnType<typeof createBench>;

let packets = 0;

/** The first packet of a connection to a Service, from PREROUTING to where it leaves towards the Pod. */
function sendPacket({ netState, random, limits, queue }: Bench, index: number): void {
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
      maxRules: limits.maxRulesPerHook,
      isRecording: false,
      record() {},
    };
    const result = traverse(state, packet, context);
    invariant(result.verdict === 'accept', 'a packet to a Service is passed on');
    packet = result.packet;
  }
}

function time<T>(run: () => T): number {
  const start = process.cpuUsage();
  run();
  return process.cpuUsage(start).user / 1000;
}

function median(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? 0;
}

/** Microseconds for a packet to any of the Services. */
function measurePackets(bench: Bench, count: number): number {
  for (let index = 0; index < Math.max(count, 20_000); index += 1) sendPacket(bench, index % count);
  const runs: number[] = [];
  for (let run = 0; run < 25; run += 1) {
    const ms = time(() => {
      for (let packet = 0; packet < 2000; packet += 1) sendPacket(bench, (packet * 7919) % count);
    });
    runs.push((ms * 1000) / 2000);
  }
  return median(runs);
}

function measureChanges(bench: Bench, change: (index: number) => void): number {
  const runs: number[] = [];
  for (let index = 0; index < 30; index += 1) {
    change(index);
    runs.push(time(() => bench.queue.settle()));
  }
  return median(runs);
}

function scaleEndpoints({ client }: Bench, index: number): void {
  const name = `service-${index * 60}-1`;
  const object = client.get(endpointSlices, 'default', name);
  invariant(object.ok, 'the slice is there');
  const { endpoints } = sliceOf(index * 60, 9);
  must(client.mergePatch(endpointSlices, 'default', name, { endpoints: endpoints ?? [] }).ok);
}

function run(count: number): void {
  let bench = createBench(0);
  console.log(
    count,
    'create',
    time(() => {
      bench = createBench(count);
    }).toFixed(0),
    'ms',
  );
  console.log(
    'first sync',
    time(() => {
      bench.proxy.start();
      bench.queue.settle();
    }).toFixed(0),
    'ms',
  );
  globalThis.gc?.();
  console.log('memory', (process.memoryUsage().heapUsed / 1e6).toFixed(0));
  console.log('packet us', measurePackets(bench, count).toFixed(2));
  if (count < 1000) return;
  console.log('endpoints change', measureChanges(bench, (index) => scaleEndpoints(bench, index)).toFixed(2));
  console.log(
    'service added',
    measureChanges(bench, (index) => {
      must(bench.client.create(services, 'default', serviceOf(count + index)).ok);
      must(bench.client.create(endpointSlices, 'default', sliceOf(count + index, 10)).ok);
    }).toFixed(2),
  );
}
run(10);
run(Number(process.argv[2] ?? 10000));
