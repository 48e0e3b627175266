/**
 * The Pods and namespaces that upstream's policy tests use (x, y, z, each with a, b, c), on two nodes, and two ways to say
 * whether a packet may pass: the rules of the nodes, and a naive reading of the specification that knows no rules.
 */
import type { Namespace, NetworkPolicy, Pod } from '../../../api/types/kinds.ts';
import { Random, randomStateFrom } from '../../../base/random.ts';
import { invariant } from '../../../base/result.ts';
import { parseCidr, parseIPv4, prefixContains } from '../../../net/ipv4.ts';
import { restoreIptables } from '../../../net/netfilter/restore.ts';
import { type NetfilterState, netfilterState } from '../../../net/netfilter/state.ts';
import { traverse } from '../../../net/netfilter/traverse.ts';
import { renderNetworkPolicies, topChain } from '../rules.ts';

/** A policy as a test writes it. */
export interface PolicyDraft {
  readonly name?: string;
  readonly namespace: string;
  readonly spec: NonNullable<NetworkPolicy['spec']>;
}

/** A packet that opens a connection. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
}

const stored = (name: string, labels: Readonly<Record<string, string>>, namespace?: string) => ({
  name,
  labels,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-05-01T12:00:00Z',
  ...(namespace === undefined ? {} : { namespace }),
});

const namespaceNames = ['x', 'y', 'z'] as const;

/** Labels as upstream's suites give them: `ns`, and the one that the API server sets. */
const testNamespaces: readonly Namespace[] = namespaceNames.map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: stored(name, { ns: name, 'kubernetes.io/metadata.name': name }),
}));

const nodeOf: Readonly<Record<string, string>> = { a: 'worker-1', b: 'worker-2', c: 'worker-1' };
const thirdByte: Readonly<Record<string, number>> = { 'worker-1': 1, 'worker-2': 2 };

/** Pods with ports 80 and 81 of each protocol, named as upstream names them; in c the numbers of the names are swapped. */
const testPods: readonly Pod[] = namespaceNames.flatMap((namespace, row) =>
  ['a', 'b', 'c'].map((name, column) => {
    const nodeName = nodeOf[name] ?? '';
    const swap = name === 'c';
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: stored(name, { pod: name, ns: namespace }, namespace),
      spec: {
        nodeName,
        containers: [
          {
            name: 'server',
            ports: ['TCP', 'UDP', 'SCTP'].flatMap((protocol) =>
              [80, 81].map((port) => ({
                name: `serve-${port}-${protocol.toLowerCase()}`,
                containerPort: swap ? 161 - port : port,
                protocol,
              })),
            ),
          },
        ],
      },
      status: { phase: 'Running', podIP: `10.244.${thirdByte[nodeName]}.${10 * (row + 1) + column}` },
    };
  }),
);

const podNames: readonly string[] = testPods.map(nameOf);

function nameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

const podsByName: ReadonlyMap<string, Pod> = new Map(testPods.map((pod) => [nameOf(pod), pod]));

/** The Pod of a name `x/a`. */
function podNamed(name: string): Pod {
  const pod = podsByName.get(name);
  invariant(pod !== undefined, `no Pod ${name}`);
  return pod;
}

function addressOf(name: string): string {
  return podNamed(name).status?.podIP ?? '';
}

/** A draft as the API server stores it: name and policyTypes filled in. Source: SetDefaults_NetworkPolicy. */
export function storePolicies(drafts: readonly PolicyDraft[]): readonly NetworkPolicy[] {
  return drafts.map(({ name, namespace, spec }, index) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: stored(name ?? `policy-${index}`, {}, namespace),
    spec: {
      ...spec,
      policyTypes: spec.policyTypes ?? ((spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']),
    },
  }));
}

/** What the rules of both nodes make of packets. */
export class RuledNodes {
  readonly #nodes = new Map<string, NetfilterState>();
  readonly #random = new Random(randomStateFrom('policies'));

  constructor(policies: readonly NetworkPolicy[]) {
    for (const node of Object.keys(thirdByte)) {
      const chains = renderNetworkPolicies({
        policies,
        localPods: testPods.filter((pod) => pod.spec?.nodeName === node),
        namespaces: testNamespaces,
        podsIn: (namespace) => testPods.filter((pod) => pod.metadata.namespace === namespace),
      });
      const state = netfilterState();
      const lines = [...chains].flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`));
      const names = [...chains.keys()].map((chain) => `:${chain} - [0:0]`);
      const jump = chains.size === 0 ? [] : [`-A FORWARD -j ${topChain}`];
      const text = ['*filter', ':FORWARD ACCEPT [0:0]', ...names, ...jump, ...lines, 'COMMIT', ''].join('\n');
      const restored = restoreIptables(state, text);
      invariant(restored.ok, `refused: ${JSON.stringify(restored)}\n${text}`);
      this.#nodes.set(node, state);
    }
  }

  /** Passes the packet through the sender's node and, where it is another one, the receiver's. */
  allows({ from, to, protocol, port }: Flow): boolean {
    const nodes = new Set([podNamed(from).spec?.nodeName, podNamed(to).spec?.nodeName]);
    return [...nodes].every((node) => {
      const state = this.#nodes.get(node ?? '');
      invariant(state !== undefined, `no node ${node}`);
      const packet = Object.freeze({
        id: 1,
        ttl: 64,
        mark: 0,
        payload: new Uint8Array(),
        protocol,
        source: addressOf(from),
        sourcePort: 40_000,
        destination: addressOf(to),
        destinationPort: port,
      });
      const { verdict } = traverse(state, packet, {
        at: node ?? '',
        hook: 'FORWARD',
        inLink: 'cni0',
        outLink: 'eth0',
        isLocal: () => false,
        linkAddress: () => undefined,
        nowMs: 0,
        random: this.#random,
        maxRules: 10_000,
        isRecording: false,
        record: () => {},
      });
      return verdict === 'accept';
    });
  }
}

type Selector = {
  readonly matchLabels?: Record<string, string>;
  readonly matchExpressions?: readonly Expression[];
};
type Expression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };

/**
 * The specification, read word by word: a Pod is isolated in a direction when a policy of its namespace selects it and
 * names the direction; then only what some rule of such a policy allows may pass; both ends must allow it; a Pod can't
 * block access to itself. Source: the Kubernetes documentation, "Network Policies".
 */
export function readingAllows(policies: readonly NetworkPolicy[], flow: Flow): boolean {
  if (flow.from === flow.to) return true;
  return side(policies, flow, 'Egress') && side(policies, flow, 'Ingress');
}

function side(policies: readonly NetworkPolicy[], flow: Flow, direction: 'Ingress' | 'Egress'): boolean {
  const subject = podNamed(direction === 'Egress' ? flow.from : flow.to);
  const other = podNamed(direction === 'Egress' ? flow.to : flow.from);
  const about = policies.filter(
    (policy) =>
      policy.metadata.namespace === subject.metadata.namespace &&
      policy.spec?.policyTypes?.includes(direction) &&
      holds(policy.spec.podSelector ?? {}, subject.metadata.labels),
  );
  if (about.length === 0) return true;
  return about.some((policy) => {
    const rules =
      direction === 'Egress'
        ? (policy.spec?.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }))
        : (policy.spec?.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports }));
    return rules.some(({ peers = [], ports = [] }) => {
      const isPeer =
        peers.length === 0 ||
        peers.some((peer) => {
          if (peer.ipBlock !== undefined) {
            const inside = (cidr: string) => {
              const block = parseCidr(cidr);
              const address = parseIPv4(other.status?.podIP ?? '');
              return block !== undefined && address !== undefined && prefixContains(block.prefix, address);
            };
            return inside(peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some(inside);
          }
          const namespace = testNamespaces.find(({ metadata }) => metadata.name === other.metadata.namespace);
          const isNamespace =
            peer.namespaceSelector === undefined
              ? other.metadata.namespace === policy.metadata.namespace
              : holds(peer.namespaceSelector, namespace?.metadata.labels);
          return (
            isNamespace && (peer.podSelector === undefined || holds(peer.podSelector, other.metadata.labels))
          );
        });
      const isPort =
        ports.length === 0 ||
        ports.some(({ port, endPort, protocol = 'TCP' }) => {
          if (protocol.toLowerCase() !== flow.protocol) return false;
          if (port === undefined) return true;
          if (typeof port === 'number') return flow.port >= port && flow.port <= (endPort ?? port);
          const declared = podNamed(flow.to).spec?.containers.flatMap((container) => container.ports ?? []);
          return declared?.some(
            (entry) =>
              entry.name === port && entry.protocol === protocol && entry.containerPort === flow.port,
          );
        });
      return isPeer && isPort === true;
    });
  });
}

function holds(selector: Selector, labels: Readonly<Record<string, string>> = {}): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  if (!pairs.every(([key, value]) => labels[key] === value)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    if (operator === 'Exists') return value !== undefined;
    return value === undefined;
  });
}

const protocols = ['tcp', 'udp', 'sctp'] as const;

/** Every flow of the matrices: nine Pods by nine, ports 80 and 81 of each protocol. */
export const allFlows: readonly Flow[] = podNames.flatMap((from) =>
  podNames.flatMap((to) =>
    protocols.flatMap((protocol) => [80, 81].map((port) => ({ from, to, protocol, port }))),
  ),
);
