/**
 * Why a connection failed, from its packets and the objects: the last packet's verdict says where it ended, the Service,
 * Pod or node behind the address says what a person should mend.
 */
import type { Pod, Service } from '../api/types/kinds.ts';
import { networkPolicies, nodes, pods, services } from '../api/types/resources.ts';
import { assertNever } from '../base/result.ts';
import { parseCidr, parseIPv4, prefixContains } from '../net/ipv4.ts';
import type { PacketTrace, Verdict } from '../net/trace.ts';
import type { Cause, ObjectName } from './cause.ts';
import type { ExplainView } from './explain.ts';
import { explainWrittenEndpoints, writtenPortField } from './explain-endpoints.ts';
import { explainName } from './explain-name.ts';
import { explainPolicyDrop, policiesThatAllow } from './explain-policy.ts';
import { explainNoEndpoints, explainPod, hasEndpoints, objectName } from './explain-service.ts';
import { type ProbeResult, type ProbeTarget, placeOfVantage, type Vantage } from './probe.ts';

type Reachable = Extract<Cause, { readonly code: 'reachable-but-should-not-be' }>;

/** A connection that was tried and what came of it. */
export interface FailedProbe {
  readonly from: Vantage;
  readonly target: ProbeTarget;
  readonly result: ProbeResult;
}

/** Why a probe was not answered. For a probe that was answered, see {@link explainReachable}. */
export function explainProbe(view: ExplainView, probe: FailedProbe): Cause {
  const address = probe.result.address;
  if (probe.result.outcome === 'name-not-found' || address === undefined)
    return explainName(view, probe.from, probe.target.host);
  const behind = serviceBehind(view, address, probe.target.port);
  const packet = lastForward(probe.result.packets);
  // Without endpoints nothing rewrites the destination, and no policy speaks of a Service's address.
  const isEmpty = behind?.way === 'clusterIP' && !hasEndpoints(view, behind.service);
  const denied = isEmpty ? undefined : explainPolicyDrop(view, packet);
  if (denied !== undefined) return denied;
  if (behind !== undefined) {
    const cause = explainBehindService(view, probe, address, behind, packet?.verdict);
    if (cause !== undefined) return cause;
  }
  if (packet === undefined) return { code: 'address-unused', address };
  return explainVerdict(view, probe, address, behind?.service, packet.verdict);
}

/** What lets a connection through that should not be possible. */
export function explainReachable(view: ExplainView, probe: FailedProbe): Cause {
  const address = probe.result.address ?? probe.target.host;
  const behind = serviceBehind(view, address, probe.target.port);
  const pod = podWithAddress(view, address);
  const through =
    behind !== undefined
      ? objectName('Service', behind.service.metadata)
      : pod !== undefined
        ? objectName('Pod', pod.metadata)
        : undefined;
  const allowedBy = policiesThatAllow(view, lastForward(probe.result.packets));
  return {
    code: 'reachable-but-should-not-be',
    from: placeOfVantage(view, probe.from),
    to: `${probe.target.host}:${probe.target.port}`,
    ...(through === undefined ? {} : { through }),
    ...(allowedBy.length === 0 ? {} : { allowedBy }),
    ...(allowedBy.length === 0 && pod !== undefined && view.list(networkPolicies).length > 0
      ? { isOpen: true }
      : {}),
    ...(behind?.way === 'loadBalancer' ? sourceRange(behind.service, probe.result.packets) : {}),
  };
}

function sourceRange({ spec }: Service, packets: readonly PacketTrace[]): Pick<Reachable, 'sourceRange'> {
  const client = firstSource(packets);
  const address = parseIPv4(client);
  const range = spec?.loadBalancerSourceRanges?.find((candidate) => {
    const cidr = parseCidr(candidate.trim());
    return cidr !== undefined && address !== undefined && prefixContains(cidr.prefix, address);
  });
  return range === undefined ? {} : { sourceRange: { client, range } };
}

type Way = 'clusterIP' | 'loadBalancer' | 'externalIP' | 'nodePort';

interface Behind {
  readonly service: Service;
  readonly way: Way;
}

/** The Service that an address and port belong to; for an address of a Service any port counts. */
function serviceBehind(view: ExplainView, address: string, port: number): Behind | undefined {
  const all = view.list(services);
  for (const service of all) {
    if (service.spec?.clusterIPs?.includes(address) === true) return { service, way: 'clusterIP' };
    if (service.status?.loadBalancer?.ingress?.some((entry) => entry.ip === address) === true)
      return { service, way: 'loadBalancer' };
    if (service.spec?.externalIPs?.includes(address) === true) return { service, way: 'externalIP' };
  }
  if (!isNodeAddress(view, address)) return undefined;
  const service = all.find((candidate) => candidate.spec?.ports?.some((entry) => entry.nodePort === port));
  return service === undefined ? undefined : { service, way: 'nodePort' };
}

function explainBehindService(
  view: ExplainView,
  probe: FailedProbe,
  address: string,
  { service, way }: Behind,
  verdict: Verdict | undefined,
): Cause | undefined {
  const name = objectName('Service', service.metadata);
  const rule = verdict?.kind === 'rejected' || verdict?.kind === 'dropped' ? verdict.rule : undefined;
  if (way === 'clusterIP' && probe.from.kind === 'client') {
    return {
      code: 'type-not-reachable-from-there',
      service: name,
      type: service.spec?.type ?? 'ClusterIP',
      from: placeOfVantage(view, probe.from),
      needed: 'NodePort / LoadBalancer',
    };
  }
  const ports = (service.spec?.ports ?? []).map((entry) => entry.port);
  if (way !== 'nodePort' && !ports.includes(probe.target.port)) {
    return { code: 'no-such-service-port', service: name, port: probe.target.port, ports };
  }
  const protocol = probe.target.protocol === 'udp' ? 'UDP' : 'TCP';
  const isForProtocol = (service.spec?.ports ?? []).some(
    (entry) =>
      (entry.port === probe.target.port || (way === 'nodePort' && entry.nodePort === probe.target.port)) &&
      (entry.protocol ?? 'TCP') === protocol,
  );
  if (!isForProtocol)
    return { code: 'no-such-service-port', service: name, port: probe.target.port, ports, protocol };
  if (rule?.chain === 'KUBE-PROXY-FIREWALL') {
    return {
      code: 'source-range',
      service: name,
      client: firstSource(probe.result.packets),
      ranges: service.spec?.loadBalancerSourceRanges ?? [],
      rule,
    };
  }
  if (verdict?.kind === 'dropped' && rule !== undefined && rule.text.includes('has no local endpoints')) {
    return {
      code: 'no-local-endpoints',
      service: name,
      node: verdict.at,
      policy: localPolicy(service),
      rule,
    };
  }
  if (way === 'loadBalancer' && verdict?.kind === 'no-route') {
    const { loadBalancerClass } = service.spec ?? {};
    return {
      code: 'load-balancer-pending',
      service: name,
      address,
      ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    };
  }
  if (!hasEndpoints(view, service)) return explainNoEndpoints(view, service, rule);
  const written = explainWrittenEndpoints(view, service, probe.target.port);
  if (written !== undefined) return written;
  // Pods are in the slices all the same when their port has no number.
  const unnamed = verdict?.kind === 'rejected' ? explainNoEndpoints(view, service, rule) : undefined;
  if (unnamed?.code === 'named-port-missing') return unnamed;
  if (verdict?.kind === 'no-listener')
    return explainNobodyListens(view, verdict, {
      service,
      askedPort: probe.target.port,
      askedAddress: address,
      protocol: probe.target.protocol === 'udp' ? 'udp' : 'tcp',
    });
  return undefined;
}

function localPolicy(service: Service): string {
  return service.spec?.externalTrafficPolicy === 'Local' ? 'externalTrafficPolicy' : 'internalTrafficPolicy';
}

function explainVerdict(
  view: ExplainView,
  probe: FailedProbe,
  address: string,
  service: Service | undefined,
  verdict: Verdict,
): Cause {
  switch (verdict.kind) {
    case 'no-listener':
      return explainNobodyListens(view, verdict, {
        service,
        askedPort: probe.target.port,
        askedAddress: address,
        protocol: probe.target.protocol === 'udp' ? 'udp' : 'tcp',
      });
    case 'dropped':
    case 'rejected':
      return verdict.rule === undefined
        ? {
            code: 'limit-reached',
            limit: `policy DROP of chain ${verdict.kind === 'dropped' ? verdict.chain : ''}`,
          }
        : { code: 'rule-stopped-packet', rule: verdict.rule, at: verdict.at, verdict: verdict.kind };
    case 'no-route':
      return { code: 'no-route', at: verdict.at, destination: verdict.destination };
    case 'no-neighbour':
      return { code: 'address-unused', address: verdict.address };
    case 'ttl-exceeded':
    case 'discarded':
      return { code: 'no-route', at: verdict.at, destination: lastDestination(probe) ?? address };
    case 'delivered': {
      const answering = podWithAddress(view, verdict.address);
      return (
        (answering === undefined ? undefined : explainPod(view, answering)) ??
        explainFurtherOn(view, probe) ?? {
          code: 'wrong-answer',
          what: 'status',
          wanted: 'answered',
          found: probe.result.outcome,
        }
      );
    }
    default:
      return assertNever(verdict);
  }
}

/** Whoever took the connection asks somebody else, who is kept from it: an Ingress's controller above all. */
function explainFurtherOn(view: ExplainView, { result }: FailedProbe): Cause | undefined {
  const asker = firstSource(result.packets);
  const dropped = result.packets.find(
    (packet) => packet.verdict.kind === 'dropped' && sourceOf(packet) !== asker,
  );
  return explainPolicyDrop(view, dropped);
}

/**
 * Why a proxy that took a request did not get an answer from the Service that it asked: a policy keeps it from the Pods, or
 * no process of theirs listens at the port.
 */
export function explainBehindProxy(
  view: ExplainView,
  packets: readonly PacketTrace[],
  behind: { readonly namespace: string; readonly name: string; readonly port: number },
): Cause | undefined {
  const asker = firstSource(packets);
  const failed = packets.find(
    ({ verdict, ...packet }) =>
      sourceOf({ verdict, ...packet }) !== asker &&
      (verdict.kind === 'dropped' || verdict.kind === 'no-listener'),
  );
  if (failed?.verdict.kind !== 'no-listener') return explainPolicyDrop(view, failed);
  const service = view.list(services, behind.namespace).find(({ metadata }) => metadata.name === behind.name);
  return explainNobodyListens(view, failed.verdict, {
    service,
    askedPort: behind.port,
    askedAddress: '',
    protocol: 'tcp',
  });
}

function explainNobodyListens(
  view: ExplainView,
  verdict: Extract<Verdict, { readonly kind: 'no-listener' }>,
  {
    service,
    askedPort,
    askedAddress,
    protocol,
  }: {
    readonly service: Service | undefined;
    readonly askedPort: number;
    readonly askedAddress: string;
    readonly protocol: 'tcp' | 'udp';
  },
): Cause {
  const pod = podWithAddress(view, verdict.address);
  if (pod === undefined && isNodeAddress(view, verdict.address) && isNodePort(verdict.port)) {
    return { code: 'no-such-node-port', port: verdict.port, nodePorts: nodePortsOf(view) };
  }
  const at: ObjectName | string = pod === undefined ? verdict.at : objectName('Pod', pod.metadata);
  const listeners = view.listenersIn(verdict.at).filter((listener) => listener.protocol === protocol);
  const here = listeners.filter((listener) => listener.port === verdict.port);
  if (here.length > 0 && here.every((listener) => listener.address.startsWith('127.'))) {
    return { code: 'listens-on-localhost', at, address: verdict.address, port: verdict.port };
  }
  const listening = [...new Set(listeners.map((listener) => listener.port))].sort((a, b) => a - b);
  const stopped = pod === undefined ? undefined : explainPod(view, pod);
  if (stopped !== undefined) return stopped;
  const field =
    service === undefined || verdict.address === askedAddress
      ? undefined
      : (writtenPortField(view, service, askedPort, verdict.port) ??
        targetPortField(service, askedPort, verdict.port));
  return {
    code: 'nobody-listens',
    at,
    address: verdict.address,
    port: verdict.port,
    listening,
    ...(field === undefined ? {} : { field }),
  };
}

/** The field that sent the packet to a port: targetPort of the Service's port that was asked for. */
function targetPortField(service: Service, askedPort: number, arrivedPort: number) {
  const index = (service.spec?.ports ?? []).findIndex(
    (entry) => entry.port === askedPort || entry.nodePort === askedPort,
  );
  const value = service.spec?.ports?.[index]?.targetPort;
  if (index < 0) return undefined;
  return {
    object: objectName('Service', service.metadata),
    path: `spec.ports[${index}].targetPort`,
    value: String(value ?? arrivedPort),
  };
}

/** Where the packet was going when it ended, after whatever rewrote it on its way. */
function lastDestination({ result }: FailedProbe): string | undefined {
  const headers = lastForward(result.packets)?.hops.flatMap((hop) =>
    'header' in hop && hop.header !== undefined ? [hop.header] : [],
  );
  return headers?.at(-1)?.destination;
}

/** The last packet that travelled from the asker towards the server: answers are those that go to its first source. */
function lastForward(packets: readonly PacketTrace[]): PacketTrace | undefined {
  const asker = firstSource(packets);
  return packets.filter((packet) => sourceOf(packet) === asker).at(-1);
}

function firstSource(packets: readonly PacketTrace[]): string {
  const first = packets[0];
  return first === undefined ? '' : sourceOf(first);
}

function sourceOf(packet: PacketTrace): string {
  const sent = packet.hops.find((hop) => hop.step === 'send');
  return sent?.step === 'send' ? sent.header.source : '';
}

function podWithAddress(view: ExplainView, address: string): Pod | undefined {
  return view
    .list(pods)
    .find(
      (pod) =>
        pod.status?.podIP === address &&
        pod.spec?.hostNetwork !== true &&
        pod.metadata.deletionTimestamp === undefined,
    );
}

function isNodeAddress(view: ExplainView, address: string): boolean {
  return view
    .list(nodes)
    .some((node) => node.status?.addresses?.some((entry) => entry.address === address) === true);
}

/** The default --service-node-port-range of the API server. */
function isNodePort(port: number): boolean {
  return port >= 30000 && port <= 32767;
}

function nodePortsOf(view: ExplainView) {
  return view
    .list(services)
    .flatMap((service) =>
      (service.spec?.ports ?? []).flatMap((entry) =>
        entry.nodePort === undefined
          ? []
          : [{ service: objectName('Service', service.metadata), nodePort: entry.nodePort }],
      ),
    );
}
