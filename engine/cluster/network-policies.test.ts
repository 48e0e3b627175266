import { beforeAll, describe, expect, it } from 'vitest';
import { namespaces, networkPolicies, pods, type Resource, services } from '../api/types/resources.ts';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import { explainName } from '../explain/explain-name.ts';
import { explainProbe, explainReachable } from '../explain/explain-probe.ts';
import { formatCause } from '../explain/format-cause.ts';
import type { Vantage } from '../explain/probe.ts';

function create(cluster: Cluster, resource: Resource<unknown>, namespace: string, body: JsonObject): void {
  const { group, version, plural, kind } = resource;
  const root = group === '' ? '/api' : `/apis/${group}`;
  const place = resource.namespaced ? `/namespaces/${namespace}` : '';
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const path = `${root}/${version}${place}/${plural}`;
  const answer = cluster.request({ method: 'POST', path, body: { apiVersion, kind, ...body } });
  expect(answer, JSON.stringify(answer)).toMatchObject({ code: 201 });
}

const server = (name: string, nodeName: string, extra: JsonObject = {}): JsonObject => ({
  metadata: { name, labels: { app: name } },
  spec: {
    nodeName,
    containers: [
      {
        name: 'server',
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['netexec', '--http-port=80'],
      },
    ],
    ...extra,
  },
});

function policy(cluster: Cluster, name: string, spec: JsonObject, namespace = 'shop'): void {
  create(cluster, networkPolicies, namespace, { metadata: { name }, spec });
  cluster.settle();
}

const inShop = (name: string): Vantage => ({ kind: 'pod', namespace: 'shop', name });

function addressOf(cluster: Cluster, name: string): string {
  const pod = cluster.view.list(pods, 'shop').find(({ metadata }) => metadata.name === name);
  return pod?.status?.podIP ?? '';
}

function ask(cluster: Cluster, from: Vantage, host: string, port = 80) {
  return cluster.probe(from, { host, port, protocol: 'http', path: '/clientip', timeoutSeconds: 1 });
}

const podTo = (cluster: Cluster, from: string, to: string) =>
  ask(cluster, inShop(from), addressOf(cluster, to)).outcome;

describe('NetworkPolicies in a cluster', () => {
  let prepared: Cluster;
  const rulesBefore = new Map<string, string>();

  /** Pods `web` and `near` on worker-1, `far` on worker-2, `host` on worker-1's own network; Services of each type. */
  beforeAll(() => {
    prepared = createCluster({ seed: 'policies' });
    create(prepared, namespaces, '', { metadata: { name: 'shop' } });
    prepared.settle();
    create(prepared, pods, 'shop', server('web', 'worker-1'));
    create(prepared, pods, 'shop', server('near', 'worker-1'));
    create(prepared, pods, 'shop', server('far', 'worker-2'));
    create(prepared, pods, 'shop', server('host', 'worker-1', { hostNetwork: true }));
    const ports = [{ port: 8080, targetPort: 80, nodePort: 30080 }];
    const spec = { type: 'LoadBalancer', selector: { app: 'web' }, ports };
    create(prepared, services, 'shop', { metadata: { name: 'web' }, spec });
    const local = { ...spec, externalTrafficPolicy: 'Local', ports: [{ port: 8080, targetPort: 80 }] };
    create(prepared, services, 'shop', { metadata: { name: 'local' }, spec: local });
    prepared.settle();
    for (const node of prepared.nodes) rulesBefore.set(node, prepared.net.iptablesSave(node));
  });

  const denied = (spec: JsonObject): Cluster => {
    const cluster = prepared.fork();
    policy(cluster, 'policy', spec);
    return cluster;
  };
  const allowOnly = (from: JsonObject) => ({
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [from] }],
  });

  it('renders nothing while there is no policy', () => {
    for (const rules of rulesBefore.values()) expect(rules).not.toContain('KUBE-ROUTER');
  });

  it('leaves the rules of a node as they were when the last policy is gone', () => {
    const cluster = denied({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(cluster.net.iptablesSave('worker-1')).not.toBe(rulesBefore.get('worker-1'));
    const path = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/policy';
    cluster.request({ method: 'DELETE', path });
    cluster.settle();
    for (const node of cluster.nodes) expect(cluster.net.iptablesSave(node)).toBe(rulesBefore.get(node));
  });

  it('asks FORWARD before any rule of kube-proxy, which lets masqueraded packets pass', () => {
    const cluster = denied(allowOnly({ podSelector: {} }));
    const forward = cluster.net
      .iptablesSave('worker-1')
      .split('\n')
      .filter((line) => line.startsWith('-A FORWARD'));
    expect(forward[0]).toBe('-A FORWARD -m comment --comment "kube-router netpol" -j KUBE-ROUTER-FORWARD');
  });

  it('lets a client wait in vain, on the same node and on another', () => {
    const cluster = denied({ podSelector: { matchLabels: { app: 'web' } } });
    expect([podTo(cluster, 'near', 'web'), podTo(cluster, 'far', 'web')]).toEqual(['timed-out', 'timed-out']);
    expect(podTo(cluster, 'web', 'far')).toBe('answered');
    expect(podTo(cluster, 'web', 'web')).toBe('answered');
  });

  it.each([
    ['the node that the Pod runs on', { kind: 'node', name: 'worker-1' }, 'answered'],
    ["a Pod on that node's own network", inShop('host'), 'answered'],
    ['another node', { kind: 'node', name: 'worker-2' }, 'timed-out'],
  ] as const)('a Pod that nobody may ask hears %s: %s', (_, from, want) => {
    const cluster = denied({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(ask(cluster, from, addressOf(cluster, 'web')).outcome).toBe(want);
  });

  it('lets a Pod that may ask nobody reach its own node', () => {
    const cluster = denied({ podSelector: {}, policyTypes: ['Egress'] });
    expect(ask(cluster, inShop('web'), '172.18.0.3').outcome).toBe('answered');
    expect(ask(cluster, inShop('far'), '172.18.0.3').outcome).toBe('timed-out');
  });

  it("sees Pods' addresses behind a Service's", () => {
    const cluster = denied(allowOnly({ podSelector: { matchLabels: { app: 'far' } } }));
    expect(ask(cluster, inShop('far'), 'web', 8080).outcome).toBe('answered');
    expect(ask(cluster, inShop('near'), 'web', 8080).outcome).toBe('timed-out');
  });

  it('does not match the address of a Service, which no packet carries any more', () => {
    const cluster = prepared.fork();
    const clusterIP = cluster.view.list(services, 'shop').find(({ metadata }) => metadata.name === 'web')
      ?.spec?.clusterIP;
    const to = [{ ipBlock: { cidr: `${clusterIP}/32` } }];
    policy(cluster, 'policy', {
      podSelector: { matchLabels: { app: 'far' } },
      policyTypes: ['Egress'],
      egress: [{ to }],
    });
    expect(ask(cluster, inShop('far'), clusterIP ?? '', 8080).outcome).toBe('timed-out');
  });

  const outside = { ipBlock: { cidr: '198.51.100.0/24' } };

  it('knows the client outside by its address where the node that it asks runs the Pod, and not by way of another', () => {
    const cluster = denied(allowOnly(outside));
    expect(ask(cluster, { kind: 'client' }, '172.18.0.3', 30080).outcome).toBe('answered');
    expect(ask(cluster, { kind: 'client' }, '172.18.0.4', 30080).outcome).toBe('timed-out');
    const byNode = denied(allowOnly({ ipBlock: { cidr: '172.18.0.4/32' } }));
    expect(ask(byNode, { kind: 'client' }, '172.18.0.4', 30080).outcome).toBe('answered');
  });

  it('knows every client of a load balancer that keeps addresses', () => {
    const cluster = denied(allowOnly(outside));
    const balancer = cluster.view.list(services, 'shop').find(({ metadata }) => metadata.name === 'local');
    const address = balancer?.status?.loadBalancer?.ingress?.[0]?.ip ?? '';
    expect(ask(cluster, { kind: 'client' }, address, 8080).response?.body).toContain('198.51.100.10');
  });

  it('follows labels of Pods and namespaces, and Pods that come', () => {
    const cluster = denied(allowOnly({ podSelector: { matchLabels: { role: 'friend' } } }));
    expect(podTo(cluster, 'far', 'web')).toBe('timed-out');
    const headers = { 'content-type': 'application/merge-patch+json' };
    const label = { metadata: { labels: { role: 'friend' } } };
    cluster.request({ method: 'PATCH', path: '/api/v1/namespaces/shop/pods/far', headers, body: label });
    cluster.settle();
    expect(podTo(cluster, 'far', 'web')).toBe('answered');
    create(cluster, pods, 'shop', {
      ...server('late', 'worker-2'),
      metadata: { name: 'late', labels: { role: 'friend' } },
    });
    cluster.settle();
    expect(podTo(cluster, 'late', 'web')).toBe('answered');
  });

  it('is enforced again with the next change after somebody has flushed the rules', () => {
    const cluster = denied({ podSelector: { matchLabels: { app: 'web' } } });
    const kept = rulesBefore.get('worker-1') ?? '';
    expect(cluster.net.iptablesRestore('worker-1', kept)).toMatchObject({ ok: true });
    expect(podTo(cluster, 'near', 'web')).toBe('answered');
    create(cluster, pods, 'shop', server('late', 'worker-2'));
    cluster.settle();
    expect(podTo(cluster, 'near', 'web')).toBe('timed-out');
  });

  it('needs egress to the name servers like to anybody else', () => {
    const web = { podSelector: { matchLabels: { app: 'web' } } };
    const cluster = denied({ podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [web] }] });
    expect(cluster.resolve(inShop('far'), 'web')).toEqual([]);
    expect(ask(cluster, inShop('far'), addressOf(cluster, 'web')).outcome).toBe('answered');
    const ports = [{ port: 53, protocol: 'UDP' }];
    const to = [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }];
    policy(cluster, 'dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] });
    expect(ask(cluster, inShop('far'), 'web', 8080).outcome).toBe('answered');
  });

  it('goes the same way in a fork', () => {
    const cluster = denied({ podSelector: { matchLabels: { app: 'web' } } });
    const fork = cluster.fork();
    fork.request({
      method: 'DELETE',
      path: '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/policy',
    });
    fork.settle();
    expect([podTo(fork, 'near', 'web'), podTo(cluster, 'near', 'web')]).toEqual(['answered', 'timed-out']);
  });

  describe('explained', () => {
    const target = (host: string) => ({ host, port: 80, protocol: 'http', timeoutSeconds: 1 }) as const;
    const explain = (cluster: Cluster, from: string, to: string) => {
      const probe = { from: inShop(from), target: target(addressOf(cluster, to)) };
      return explainProbe(cluster.view, { ...probe, result: cluster.probe(probe.from, probe.target) });
    };
    const createdService = (cluster: Cluster): string => {
      const answer = cluster.request({
        method: 'POST',
        path: '/api/v1/namespaces/shop/services',
        body: { metadata: { name: 'nobody' }, spec: { clusterIP: '10.96.7.7', ports: [{ port: 80 }] } },
      });
      cluster.settle();
      expect(answer.code).toBe(201);
      return '10.96.7.7';
    };
    const name = (kind: string, object: string) => ({ kind, namespace: 'shop', name: object });

    it('names the policies, the side, and the rule that comes nearest', () => {
      const ports = [{ port: 90 }];
      const cluster = denied({
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ from: [{ podSelector: {} }], ports }],
      });
      expect(explain(cluster, 'near', 'web')).toMatchObject({
        code: 'denied-by-policy',
        direction: 'Ingress',
        pod: name('Pod', 'web'),
        peer: name('Pod', 'near'),
        protocol: 'TCP',
        port: 80,
        policies: [name('NetworkPolicy', 'policy')],
        nearest: { policy: name('NetworkPolicy', 'policy'), path: 'spec.ingress[0]', differs: 'port' },
      });
    });

    it('tells the side of the sender first', () => {
      const cluster = denied({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      expect(explain(cluster, 'far', 'web')).toMatchObject({ direction: 'Egress', pod: name('Pod', 'far') });
    });

    it('says of a name that the question never reaches the name servers', () => {
      const cluster = denied({ podSelector: {}, policyTypes: ['Egress'] });
      const cause = explainName(cluster.view, inShop('far'), 'web');
      expect(cause).toMatchObject({
        code: 'denied-by-policy',
        direction: 'Egress',
        protocol: 'UDP',
        port: 53,
        isDns: true,
      });
      expect(formatCause(cause, 'en').nextStep).toContain('DNS is ordinary egress');
      expect(formatCause(cause, 'ko').nextStep).toContain('spec.egress');
    });

    it('names the rule that lets in who should stay out', () => {
      const cluster = denied(allowOnly({ namespaceSelector: {} }));
      const probe = { from: inShop('far'), target: target(addressOf(cluster, 'web')) };
      const result = cluster.probe(probe.from, probe.target);
      expect(explainReachable(cluster.view, { ...probe, result })).toMatchObject({
        allowedBy: [{ policy: name('NetworkPolicy', 'policy'), path: 'spec.ingress[0]' }],
      });
    });

    it('speaks of the missing endpoints first, since to no policy a Service has an address', () => {
      const cluster = denied({ podSelector: {}, policyTypes: ['Egress'] });
      const service = createdService(cluster);
      const probe = { from: inShop('far'), target: target(service) };
      const result = cluster.probe(probe.from, probe.target);
      expect(explainProbe(cluster.view, { ...probe, result })).toMatchObject({ code: 'no-selector' });
    });

    it('names the rules of both ends, where both are isolated', () => {
      const cluster = denied({ podSelector: {}, egress: [{}], ingress: [{}] });
      const probe = { from: inShop('far'), target: target(addressOf(cluster, 'web')) };
      const cause = explainReachable(cluster.view, {
        ...probe,
        result: cluster.probe(probe.from, probe.target),
      });
      expect(formatCause(cause, 'en').sentence).toMatch(
        /allowed by spec\.egress\[0\] of NetworkPolicy \S+ and spec\.ingress\[0\] of NetworkPolicy \S+\.$/,
      );
      expect(formatCause(cause, 'ko').nextStep).toContain('spec.egress[0] 또는 spec.ingress[0]');
    });
  });
});
