/** Services as chance makes them, with endpoints in every state, and flows to wherever they can be reached. */
import fc from 'fast-check';
import type { JsonObject } from '../../base/json.ts';
import type { Places } from './base-cluster.ts';
import {
  balancerIP,
  clusterIP,
  type EndpointFact,
  everybody,
  flowsTo,
  nodePorts,
  type Situation,
  serviceWith,
} from './situations.ts';

const pods = ['web-1', 'web-2', 'web-3', 'web-4', 'host-network', 'host-port'] as const;

const policy = fc.constantFrom('Cluster', 'Local');
const conditions = fc.constantFrom(
  {},
  {},
  { ready: false },
  { ready: false, serving: true, terminating: true },
  { ready: false, serving: false, terminating: true },
);
const endpoints = fc
  .subarray([...pods], { maxLength: 4 })
  .chain((chosen) =>
    fc.tuple(...chosen.map((pod) => conditions.map((told): EndpointFact => ({ pod, ...told })))),
  );
const ranges = fc.subarray(['198.51.100.0/24', '172.18.0.0/24', '10.244.1.0/24', '203.0.113.0/30'], {
  minLength: 1,
});

const spec = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  internalTrafficPolicy: policy,
  externalTrafficPolicy: policy,
  externalIPs: fc.subarray(['192.0.2.10', '172.18.0.3']),
  loadBalancerSourceRanges: fc.option(ranges, { nil: undefined }),
});

/** Situations with one Service each. */
export function randomServices(places: Places): fc.Arbitrary<Situation> {
  const from = fc.subarray([...everybody], { minLength: 2, maxLength: 3 });
  return fc.tuple(spec, endpoints, from).map(([chosen, facts, starts]) => {
    const isOpen = chosen.type !== 'ClusterIP';
    const isBalanced = chosen.type === 'LoadBalancer';
    const { loadBalancerSourceRanges } = chosen;
    const body: JsonObject = {
      type: chosen.type,
      internalTrafficPolicy: chosen.internalTrafficPolicy,
      externalIPs: chosen.externalIPs,
      ports: [
        { name: 'tcp', port: 80, targetPort: 8080, ...(isOpen ? { nodePort: nodePorts.tcp } : {}) },
        {
          name: 'udp',
          port: 53,
          targetPort: 8081,
          protocol: 'UDP',
          ...(isOpen ? { nodePort: nodePorts.udp } : {}),
        },
      ],
      ...(isOpen || chosen.externalIPs.length > 0
        ? { externalTrafficPolicy: chosen.externalTrafficPolicy }
        : {}),
      ...(isBalanced ? { loadBalancerIP: balancerIP } : {}),
      ...(isBalanced && loadBalancerSourceRanges !== undefined ? { loadBalancerSourceRanges } : {}),
    };
    const ports = { tcp: 80, udp: 53 };
    return {
      name: JSON.stringify({ body, facts }),
      objects: serviceWith(body, facts, places),
      flows: [
        ...flowsTo(clusterIP, ports, starts),
        ...(isOpen ? ['172.18.0.3', '172.18.0.4'].flatMap((node) => flowsTo(node, nodePorts, starts)) : []),
        ...(isBalanced ? flowsTo(balancerIP, ports, starts) : []),
        ...chosen.externalIPs.flatMap((address) => flowsTo(address, { tcp: 80 }, starts)),
      ],
    };
  });
}
