/**
 * Connections of UDP Services to endpoints that are gone. UDP knows no end of a connection, so without this a client
 * that keeps its port would be sent to a dead endpoint for as long as it asks.
 * Source: CleanStaleEntries in pkg/proxy/conntrack/cleanup.go, Kubernetes v1.36.
 */
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import type { PacketHeader } from '../../net/trace.ts';
import { endpointsKey, endpointsOf } from './endpoints.ts';
import { servicePortsOf } from './service-ports.ts';

/**
 * Makes the test that picks the stale connections of all UDP Services; a Service without endpoints keeps its own. What it
 * needs is gathered for the first UDP connection: most of the time there is none.
 */
export function createStaleTest(
  services: readonly Service[],
  endpointSlices: readonly EndpointSlice[],
  nodeName: string,
): (connection: { readonly original: PacketHeader; readonly reply: PacketHeader }) => boolean {
  let serving: ServingEndpoints | undefined;
  return ({ original, reply }) => {
    if (original.protocol !== 'udp') return false;
    serving ??= findServing(services, endpointSlices, nodeName);
    const answers = `${reply.source}:${reply.sourcePort}`;
    const ofAddress = serving.byAddress.get(`${original.destination}:${original.destinationPort}`);
    if (ofAddress !== undefined && !ofAddress.has(answers)) return true;
    const ofNodePort = serving.byNodePort.get(original.destinationPort);
    return ofNodePort !== undefined && !ofNodePort.has(answers);
  };
}

/** The endpoints (`address:port`) that serve, by what a client of a UDP Service sends to. */
interface ServingEndpoints {
  readonly byAddress: ReadonlyMap<string, ReadonlySet<string>>;
  readonly byNodePort: ReadonlyMap<number, ReadonlySet<string>>;
}

function findServing(
  services: readonly Service[],
  endpointSlices: readonly EndpointSlice[],
  nodeName: string,
): ServingEndpoints {
  const endpoints = endpointsOf(endpointSlices, nodeName);
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const port of servicePortsOf(services)) {
    if (port.protocol !== 'udp') continue;
    const all = endpoints.get(endpointsKey(port.service, port.portName, port.protocol)) ?? [];
    const serving = new Set(all.filter((endpoint) => endpoint.serving).map((endpoint) => endpoint.text));
    if (serving.size === 0) continue;
    for (const address of [port.clusterIP, ...port.loadBalancerIPs, ...port.externalIPs]) {
      byAddress.set(`${address}:${port.port}`, serving);
    }
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, serving);
  }
  return { byAddress, byNodePort };
}
