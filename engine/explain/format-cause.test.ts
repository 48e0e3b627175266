import { describe, expect, it } from 'vitest';
import type { Cause } from './cause.ts';
import { formatCause } from './format-cause.ts';

const service = { kind: 'Service', namespace: 'default', name: 'web' };
const pod = { kind: 'Pod', namespace: 'default', name: 'web-1' };

const causes: readonly { readonly cause: Cause; readonly names: readonly string[] }[] = [
  {
    cause: {
      code: 'selector-matches-nothing',
      service,
      selector: { app: 'web' },
      nearest: { pod, key: 'app', wanted: 'web', found: 'website' },
    },
    names: ['default/web', 'app=web', 'app=website', 'default/web-1'],
  },
  {
    cause: { code: 'selector-matches-nothing', service, selector: { app: 'web' } },
    names: ['default/web', 'app=web'],
  },
  {
    cause: { code: 'no-ready-endpoints', service, pods: [{ pod, reason: 'ContainersNotReady' }] },
    names: ['default/web-1', 'ContainersNotReady'],
  },
  {
    cause: {
      code: 'nobody-listens',
      at: pod,
      address: '10.244.1.5',
      port: 90,
      listening: [80],
      field: { object: service, path: 'spec.ports[0].targetPort', value: '90' },
    },
    names: ['10.244.1.5', '90', '80', 'spec.ports[0].targetPort', 'default/web'],
  },
  { cause: { code: 'no-such-service-port', service, port: 80, ports: [90, 91] }, names: ['80', '90, 91'] },
  {
    cause: {
      code: 'type-not-reachable-from-there',
      service,
      type: 'ClusterIP',
      from: 'client',
      needed: 'NodePort',
    },
    names: ['ClusterIP', 'NodePort'],
  },
  {
    cause: { code: 'name-not-found', name: 'web', from: pod, nearest: { ...service, namespace: 'shop' } },
    names: ['web', 'default/web-1', 'shop/web'],
  },
  {
    cause: {
      code: 'refused-by-api-server',
      file: 'service.yaml',
      line: 3,
      column: 5,
      reason: 'Invalid',
      message: 'strict decoding error: unknown field "spec.prots"',
    },
    names: ['service.yaml:3:5', 'strict decoding error: unknown field "spec.prots"'],
  },
  {
    cause: { code: 'load-balancer-pending', service, loadBalancerClass: 'example.com/internal' },
    names: ['default/web', 'example.com/internal'],
  },
  {
    cause: {
      code: 'value-differs',
      key: 'fromPod',
      found: '10.96.0.7',
      confusedWith: 'service-address',
      lookWith: 'kubectl logs web',
    },
    names: ['fromPod', '10.96.0.7', 'kubectl logs web'],
  },
];

describe('formatCause', () => {
  it.each(causes)('names what is at fault in both languages: $cause.code', ({ cause, names }) => {
    for (const language of ['ko', 'en'] as const) {
      const { sentence, nextStep } = formatCause(cause, language);
      for (const name of names) expect(`${sentence} ${nextStep}`).toContain(name);
      expect(`${sentence} ${nextStep}`).not.toMatch(/undefined|\[object/);
    }
  });

  it('tells a missing endpoint as one sentence with the label that differs', () => {
    const [first] = causes;
    expect(first && formatCause(first.cause, 'en').sentence).toBe(
      'Service default/web selects app=web, but Pod default/web-1 says app=website, so the Service has no endpoints.',
    );
  });

  it('calls the client outside by what it is, in the words of the language', () => {
    const cause: Cause = { code: 'reachable-but-should-not-be', from: 'client', to: '10.96.0.7:80' };
    expect(formatCause(cause, 'en').sentence).toContain('The client outside the cluster can reach');
    expect(formatCause(cause, 'ko').sentence).toContain('클러스터 밖의 클라이언트에서');
  });
});
