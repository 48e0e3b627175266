/**
 * Policies and reachability as Kubernetes' own end-to-end suite expects them, by the names of its tests.
 * Source: test/e2e/network/netpol/network_policy.go of kubernetes/kubernetes. The suite asks few Pods and one port; here
 * every case has the whole matrix, so lines about the rest follow from the same policy.
 */
import type { PolicyDraft } from './model.ts';

/** A case: policies, and what passes under them. */
export interface PolicyCase {
  readonly name: string;
  readonly policies: readonly PolicyDraft[];
  /** See `expectation`. */
  readonly want: readonly string[];
}

type Spec = PolicyDraft['spec'];
type Ingress = NonNullable<Spec['ingress']>[number];
type Egress = NonNullable<Spec['egress']>[number];

const nameLabel = 'kubernetes.io/metadata.name';
const pod = (name: string) => ({ matchLabels: { pod: name } });
const named = (name: string) => ({ matchLabels: { [nameLabel]: name } });
const nameIn = (operator: string, ...values: string[]) => ({
  matchExpressions: [{ key: nameLabel, operator, values }],
});
const podIn = (...values: string[]) => ({ matchExpressions: [{ key: 'pod', operator: 'In', values }] });

/** A policy in namespace x, or in another, for Pods of a label; of a kind that has rules for one direction only. */
function ingress(target: Spec['podSelector'], rules: readonly Ingress[], namespace = 'x'): PolicyDraft {
  return { namespace, spec: { podSelector: target ?? {}, policyTypes: ['Ingress'], ingress: rules } };
}

function egress(target: Spec['podSelector'], rules: readonly Egress[], namespace = 'x'): PolicyDraft {
  return { namespace, spec: { podSelector: target ?? {}, policyTypes: ['Egress'], egress: rules } };
}

const a = pod('a');
const y80 = [{ port: 80, protocol: 'TCP' }];
const y81 = [{ port: 81, protocol: 'TCP' }];

export const endToEndCases: readonly PolicyCase[] = [
  {
    name: "should support a 'default-deny-ingress' policy",
    policies: [ingress({}, [])],
    want: ['deny * > x/*'],
  },
  {
    name: "should support a 'default-deny-all' policy",
    policies: [{ namespace: 'x', spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }],
    want: ['deny * > x/*', 'deny x/* > *'],
  },
  {
    name: 'should enforce policy to allow traffic from pods within server namespace based on PodSelector',
    policies: [ingress(a, [{ from: [{ podSelector: pod('b') }] }])],
    want: ['deny * > x/a', 'allow x/b > x/a'],
  },
  {
    name: 'should enforce policy to allow ingress traffic for a target',
    policies: [ingress({}, []), ingress(a, [{ from: [{ podSelector: {}, namespaceSelector: {} }] }])],
    want: ['deny * > x/*', 'allow * > x/a'],
  },
  {
    name: 'should enforce policy to allow ingress traffic from pods in all namespaces',
    policies: [ingress(a, [{ from: [{ namespaceSelector: {} }] }])],
    want: [],
  },
  {
    name: 'should enforce policy to allow traffic only from a different namespace, based on NamespaceSelector',
    policies: [ingress(a, [{ from: [{ namespaceSelector: named('y') }] }])],
    want: ['deny x/*,z/* > x/a'],
  },
  {
    name: 'should enforce policy based on PodSelector with MatchExpressions',
    policies: [ingress(a, [{ from: [{ podSelector: podIn('b') }] }])],
    want: ['deny * > x/a', 'allow x/b > x/a'],
  },
  {
    name: 'should enforce policy based on NamespaceSelector with MatchExpressions',
    policies: [ingress(a, [{ from: [{ namespaceSelector: nameIn('In', 'y') }] }])],
    want: ['deny x/*,z/* > x/a'],
  },
  {
    name: 'should enforce policy based on PodSelector or NamespaceSelector',
    policies: [
      ingress(a, [{ from: [{ namespaceSelector: nameIn('NotIn', 'x') }, { podSelector: pod('b') }] }]),
    ],
    want: ['deny x/c > x/a'],
  },
  {
    name: 'should enforce policy based on PodSelector and NamespaceSelector',
    policies: [ingress(a, [{ from: [{ namespaceSelector: nameIn('NotIn', 'x'), podSelector: pod('b') }] }])],
    want: ['deny * > x/a', 'allow y/b,z/b > x/a'],
  },
  {
    name: 'should enforce policy based on Multiple PodSelectors and NamespaceSelectors',
    policies: [
      ingress(a, [{ from: [{ namespaceSelector: nameIn('NotIn', 'x'), podSelector: podIn('b', 'c') }] }]),
    ],
    want: ['deny x/* > x/a', 'deny */a > x/a'],
  },
  {
    name: 'should enforce policy based on any PodSelectors',
    policies: [ingress(a, [{ from: [{ podSelector: pod('b') }, { podSelector: pod('c') }] }])],
    want: ['deny * > x/a', 'allow x/b,x/c > x/a'],
  },
  {
    name: 'should enforce policy to allow traffic only from a pod in a different namespace based on PodSelector and NamespaceSelector',
    policies: [ingress(a, [{ from: [{ namespaceSelector: named('y'), podSelector: a }] }])],
    want: ['deny * > x/a', 'allow y/a > x/a'],
  },
  {
    name: 'should enforce policy based on Ports',
    policies: [ingress(a, [{ from: [{ namespaceSelector: named('y') }], ports: y81 }])],
    want: ['deny * > x/a', 'allow y/* > x/a tcp/81'],
  },
  {
    name: 'should enforce multiple, stacked policies with overlapping podSelectors',
    policies: [
      ingress(a, [{ from: [{ namespaceSelector: named('y') }], ports: y81 }]),
      ingress(a, [{ from: [{ namespaceSelector: named('y') }], ports: y80 }]),
    ],
    want: ['deny * > x/a', 'allow y/* > x/a tcp/80 tcp/81'],
  },
  { name: 'should support allow-all policy', policies: [ingress({}, [{}])], want: [] },
  {
    name: 'should allow ingress access on one named port',
    policies: [ingress({}, [{ ports: [{ port: 'serve-81-tcp' }] }])],
    // In c the name stands for port 80: the name is looked up in the Pod that is asked.
    want: ['deny * > x/*', 'allow * > x/a,x/b tcp/81', 'allow * > x/c tcp/80'],
  },
  {
    name: 'should allow ingress access from namespace on one named port',
    policies: [
      ingress(a, [
        { from: [{ namespaceSelector: named('y') }], ports: [{ port: 'serve-80-tcp', protocol: 'TCP' }] },
      ]),
    ],
    want: ['deny * > x/a', 'allow y/* > x/a tcp/80'],
  },
  {
    name: 'should allow egress access on one named port',
    policies: [egress({}, [{ ports: [{ port: 'serve-80-tcp' }] }])],
    want: ['deny x/* > *', 'allow x/* > */a,*/b tcp/80', 'allow x/* > */c tcp/81'],
  },
  {
    name: 'should enforce updated policy (deny all)',
    policies: [ingress({}, [], 'x')],
    want: ['deny * > x/*'],
  },
  {
    name: 'should allow ingress access from updated namespace (without the label)',
    policies: [ingress(a, [{ from: [{ namespaceSelector: { matchLabels: { ns2: 'updated' } } }] }])],
    want: ['deny * > x/a'],
  },
  {
    name: 'should allow ingress access from updated pod (without the label)',
    policies: [ingress(a, [{ from: [{ podSelector: { matchLabels: { pod: 'b', pod2: 'updated' } } }] }])],
    want: ['deny * > x/a'],
  },
  {
    name: 'should deny ingress from pods on other namespaces',
    policies: [ingress({}, [{ from: [{ podSelector: {} }] }])],
    want: ['deny y/*,z/* > x/*'],
  },
  {
    name: 'should deny ingress access to updated pod (without the label)',
    policies: [ingress({ matchLabels: { target: 'isolated' } }, [])],
    want: [],
  },
  {
    name: 'should deny egress from pods based on PodSelector',
    policies: [egress(a, [])],
    want: ['deny x/a > *'],
  },
  {
    name: 'should deny egress from all pods in a namespace',
    policies: [egress({}, [])],
    want: ['deny x/* > *'],
  },
  {
    name: 'should work with Ingress, Egress specified together',
    policies: [
      {
        namespace: 'x',
        spec: {
          podSelector: a,
          ingress: [{ from: [{ podSelector: pod('b') }] }],
          egress: [{ ports: [{ port: 80 }] }],
          policyTypes: ['Egress', 'Ingress'],
        },
      },
    ],
    want: ['deny * > x/a', 'deny x/a > *', 'allow x/b > x/a', 'allow x/a > * tcp/80'],
  },
  {
    name: 'should support denying of egress traffic on the client side (even if the server explicitly allows this traffic)',
    policies: [
      egress(a, [{ to: [{ namespaceSelector: named('y'), podSelector: a }] }]),
      ingress(a, [{ from: [{ namespaceSelector: named('x'), podSelector: a }] }], 'y'),
      ingress(pod('b'), [{ from: [{ namespaceSelector: named('x'), podSelector: a }] }], 'y'),
    ],
    want: ['deny x/a > *', 'deny * > y/a', 'deny * > y/b', 'allow x/a > y/a'],
  },
  {
    name: 'should enforce egress policy allowing traffic to a server in a different namespace based on PodSelector and NamespaceSelector',
    policies: [egress(a, [{ to: [{ namespaceSelector: named('y'), podSelector: a }] }])],
    want: ['deny x/a > *', 'allow x/a > y/a'],
  },
  {
    name: 'should enforce ingress policy allowing any port traffic to a server on a specific protocol',
    policies: [ingress(a, [{ ports: [{ protocol: 'TCP' }] }])],
    want: ['deny * > x/a', 'allow * > x/a tcp/*'],
  },
  {
    name: 'should enforce multiple ingress policies with ingress allow-all policy taking precedence (before)',
    policies: [ingress({}, [{ ports: [{ port: 80 }] }])],
    want: ['deny * > x/*', 'allow * > x/* tcp/80'],
  },
  {
    name: 'should enforce multiple ingress policies with ingress allow-all policy taking precedence',
    policies: [ingress({}, [{ ports: [{ port: 80 }] }]), ingress({}, [{}])],
    want: [],
  },
  {
    name: 'should enforce multiple egress policies with egress allow-all policy taking precedence (before)',
    policies: [egress({}, [{ ports: [{ port: 80 }] }])],
    want: ['deny x/* > *', 'allow x/* > * tcp/80'],
  },
  {
    name: 'should enforce multiple egress policies with egress allow-all policy taking precedence',
    policies: [egress({}, [{ ports: [{ port: 80 }] }]), egress({}, [{}])],
    want: [],
  },
  { name: 'should stop enforcing policies after they are deleted', policies: [], want: [] },
  {
    name: 'should allow egress access to server in CIDR block',
    policies: [egress(a, [{ to: [{ ipBlock: { cidr: '10.244.2.21/32' } }] }])],
    want: ['deny x/a > *', 'allow x/a > y/b'],
  },
  {
    name: 'should enforce except clause while egress access to server in CIDR block',
    policies: [egress(a, [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.2.11/32'] } }] }])],
    want: ['deny x/a > x/b'],
  },
  {
    name: 'should ensure an IP overlapping both IPBlock.CIDR and IPBlock.Except is allowed',
    policies: [
      egress(a, [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.2.11/32'] } }] }]),
      egress(a, [{ to: [{ ipBlock: { cidr: '10.244.2.11/32' } }] }]),
    ],
    want: [],
  },
  {
    name: 'should enforce policies to check ingress and egress policies can be controlled independently based on PodSelector',
    policies: [egress(a, [{}]), ingress(a, [])],
    want: ['deny * > x/a'],
  },
  {
    name: "should not mistakenly treat 'protocol: SCTP' as 'protocol: TCP', even if the plugin doesn't support SCTP",
    policies: [ingress({}, []), ingress(a, [{ ports: [{ port: 81, protocol: 'SCTP' }] }])],
    want: ['deny * > x/*', 'allow * > x/a sctp/81'],
  },
  {
    name: "should properly isolate pods that are selected by a policy allowing SCTP, even if the plugin doesn't support SCTP",
    policies: [ingress(a, [{ ports: [{ port: 80, protocol: 'SCTP' }] }])],
    want: ['deny * > x/a', 'allow * > x/a sctp/80'],
  },
  {
    name: 'should not allow access by TCP when a policy specifies only UDP',
    policies: [ingress(a, [{ ports: [{ port: 81, protocol: 'UDP' }] }])],
    want: ['deny * > x/a', 'allow * > x/a udp/81'],
  },
  {
    name: 'should enforce policy based on NamespaceSelector with MatchExpressions using default ns label',
    policies: [egress(a, [{ to: [{ namespaceSelector: nameIn('NotIn', 'y') }] }])],
    want: ['deny x/a > y/*'],
  },
  {
    name: 'UDP: should enforce policy based on Ports',
    policies: [
      ingress(a, [{ from: [{ namespaceSelector: named('y') }], ports: [{ port: 81, protocol: 'UDP' }] }]),
    ],
    want: ['deny * > x/a', 'allow y/* > x/a udp/81'],
  },
  {
    name: 'SCTP: should enforce policy based on Ports',
    policies: [
      ingress(a, [{ from: [{ namespaceSelector: named('y') }], ports: [{ port: 81, protocol: 'SCTP' }] }]),
    ],
    want: ['deny * > x/a', 'allow y/* > x/a sctp/81'],
  },
];
