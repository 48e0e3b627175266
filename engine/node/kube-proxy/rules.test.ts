import { describe, expect, it } from 'vitest';
import { endpointChainNames } from './chain-names.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { renderProxyRules } from './testing/render-objects.ts';

const facts: ProxyFacts = {
  nodeName: 'worker-1',
  zone: '',
  clusterCIDR: '10.244.0.0/16',
  masqueradeMark: '0x00004000',
  masqueradeAll: false,
  localhostNodePorts: true,
  randomFully: true,
};

const meta = {
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

function render(endpoints: number): string[] {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...meta, name: 'web' },
    spec: { clusterIP: '10.96.0.50', ports: [{ port: 80 }] },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...meta, name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: endpoints }, (_, index) => ({
      addresses: [`10.244.${index >> 8}.${index & 255}`],
    })),
  };
  return renderProxyRules({ facts, services: [service], endpointSlices: [slice] }).split('\n');
}

/** Source: TestSyncProxyRulesLargeClusterMode in pkg/proxy/iptables/proxier_test.go, Kubernetes v1.36. */
describe('with many endpoints', () => {
  const chain = endpointChainNames('default/web', 'tcp')('10.244.0.0:8080');

  it('keeps the comments of endpoints up to a thousand', () => {
    expect(render(1000)).toContain(
      `-A ${chain} -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.244.0.0:8080`,
    );
  });

  it('leaves the comments of endpoints out above a thousand, but not those of the Service', () => {
    const lines = render(1001);
    expect(lines).toContain(`-A ${chain} -m tcp -p tcp -j DNAT --to-destination 10.244.0.0:8080`);
    expect(lines.filter((line) => line.includes('default/web'))).toHaveLength(2);
  });

  it.each([
    [2, ['0.5000000000']],
    [4, ['0.2500000000', '0.3333333333', '0.5000000000']],
    [7, ['0.1428571429', '0.1666666667', '0.2000000000', '0.2500000000', '0.3333333333', '0.5000000000']],
  ])('gives each of %i the same chance', (count, want) => {
    const chances = render(count).flatMap((line) => /--probability (\S+)/.exec(line)?.[1] ?? []);
    expect(chances).toEqual(want);
  });
});
