/**
 * Connections of UDP Services to endpoints that are gone. UDP knows no end of a connection, so without this a client
 * that keeps its port would be sent to a dead endpoint for as long as it asks.
 * Source: CleanStaleEntries in pkg/proxy/conntrack/cleanup.go, Kubernetes v1.36.
 */
import type { PacketHeader } from '../../net/trace.ts';
import type { PortRules } from './port-rules.ts';

/**
 * Makes the test that picks the stale connections of all UDP Services; a Service without endpoints keeps its own. What it
 * needs is gathered for the first UDP connection: most of the time there is none.
 */
export function createStaleTest(
  ports: () => Iterable<PortRules>,
): (connection: { readonly original: PacketHeader; readonly reply: PacketHeader }) => boolean {
  let serving: ServingEndpoints | undefined;
  return ({ original, reply }) => {
    if (original.protocol !== 'udp') return false;
    serving ??= findServing(ports());
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

function findServing(ports: Iterable<PortRules>): ServingEndpoints {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const { port, serving } of ports) {
    if (serving.length === 0) continue;
    const set = new Set(serving);
    for (const address of [port.clusterIP, ...port.loadBalancerIPs, ...port.externalIPs]) {
      byAddress.set(`${address}:${port.port}`, set);
    }
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, set);
  }
  return { byAddress, byNodePort };
}
