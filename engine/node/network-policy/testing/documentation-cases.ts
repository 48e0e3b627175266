/**
 * What the documentation says of NetworkPolicies, sentence by sentence, as policies over the Pods of {@link ./model.ts}. Pods a
 * and c of each namespace are on the node with 10.244.1.0/24, b on the one with 10.244.2.0/24.
 * Source: kubernetes.io/docs/concepts/services-networking/network-policies (v1.36); the field documentation of
 * networking.k8s.io/v1.
 */
import type { PolicyCase } from './end-to-end-cases.ts';

const a = { matchLabels: { pod: 'a' } };
const b = { matchLabels: { pod: 'b' } };
const y = { matchLabels: { ns: 'y' } };
const tcp = (port: number) => ({ protocol: 'TCP', port });

/** Cases by the sentence that they hold to. */
export const documentationCases: readonly PolicyCase[] = [
  {
    name: 'blocks, namespaces and Pods of one rule add up, each on the port of the rule; egress has its own',
    policies: [
      {
        namespace: 'x',
        spec: {
          podSelector: a,
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [
                { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } },
                { namespaceSelector: y },
                { podSelector: { matchLabels: { pod: 'c' } } },
              ],
              ports: [tcp(80)],
            },
          ],
          egress: [{ to: [{ ipBlock: { cidr: '10.244.2.0/24' } }], ports: [tcp(81)] }],
        },
      },
    ],
    want: ['deny * > x/a', 'allow */b,y/*,x/c > x/a tcp/80', 'deny x/a > *', 'allow x/a > */b tcp/81'],
  },
  {
    name: 'one element with both selectors means the Pods of those namespaces',
    policies: [
      {
        namespace: 'x',
        spec: { podSelector: a, ingress: [{ from: [{ namespaceSelector: y, podSelector: b }] }] },
      },
    ],
    want: ['deny * > x/a', 'allow y/b > x/a'],
  },
  {
    name: 'two elements mean the Pods of the own namespace, and all of those namespaces',
    policies: [
      {
        namespace: 'x',
        spec: { podSelector: a, ingress: [{ from: [{ namespaceSelector: y }, { podSelector: b }] }] },
      },
    ],
    want: ['deny * > x/a', 'allow y/*,x/b > x/a'],
  },
  {
    name: 'a policy without types and rules isolates for ingress alone',
    policies: [{ namespace: 'x', spec: { podSelector: {} } }],
    want: ['deny * > x/*'],
  },
  {
    name: 'a policy without types that has rules for egress isolates for both',
    policies: [{ namespace: 'x', spec: { podSelector: a, egress: [{ to: [{ podSelector: {} }] }] } }],
    want: ['deny * > x/a', 'deny x/a > y/*,z/*'],
  },
  {
    name: 'a policy for egress alone has to say so',
    policies: [
      {
        namespace: 'x',
        spec: { podSelector: a, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] },
      },
    ],
    want: ['deny x/a > y/*,z/*'],
  },
  {
    name: 'rules of a direction that the types leave out are not looked at',
    policies: [
      {
        namespace: 'x',
        spec: {
          podSelector: a,
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: b }] }],
          egress: [{ to: [{ namespaceSelector: y }] }],
        },
      },
    ],
    want: ['deny * > x/a', 'allow x/b > x/a'],
  },
  {
    name: 'both ends have to allow a connection',
    policies: [
      {
        namespace: 'x',
        spec: { podSelector: a, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: y }] }] },
      },
      { namespace: 'y', spec: { podSelector: b, ingress: [{ from: [{ podSelector: {} }] }] } },
      {
        namespace: 'y',
        spec: { podSelector: a, ingress: [{ from: [{ namespaceSelector: { matchLabels: { ns: 'x' } } }] }] },
      },
    ],
    want: ['deny x/a > *', 'allow x/a > y/*', 'deny x/*,z/* > y/b', 'deny y/*,z/* > y/a'],
  },
  {
    name: 'policies add up: what one of them allows passes',
    policies: [
      { namespace: 'x', spec: { podSelector: {} } },
      {
        namespace: 'x',
        spec: { podSelector: a, ingress: [{ from: [{ namespaceSelector: y }], ports: [tcp(80)] }] },
      },
      {
        namespace: 'x',
        spec: { podSelector: a, ingress: [{ from: [{ podSelector: b }], ports: [tcp(81)] }] },
      },
    ],
    want: ['deny * > x/*', 'allow y/* > x/a tcp/80', 'allow x/b > x/a tcp/81'],
  },
  {
    name: 'a range of ports holds its ends',
    policies: [
      {
        namespace: 'x',
        spec: {
          podSelector: a,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [{ ipBlock: { cidr: '10.244.1.0/24' } }],
              ports: [{ protocol: 'TCP', port: 81, endPort: 32_768 }],
            },
          ],
        },
      },
    ],
    want: ['deny x/a > *', 'allow x/a > */a,*/c tcp/81'],
  },
  {
    name: 'several namespaces are named by an expression, one by the label that it always has',
    policies: [
      {
        namespace: 'x',
        spec: {
          podSelector: a,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [
                {
                  namespaceSelector: {
                    matchExpressions: [{ key: 'ns', operator: 'In', values: ['x', 'z'] }],
                  },
                },
              ],
            },
            {
              to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'y' } } }],
              ports: [tcp(80)],
            },
          ],
        },
      },
    ],
    want: ['deny x/a > y/*', 'allow x/a > y/* tcp/80'],
  },
  {
    name: 'ports without peers hold for everybody, and a protocol without a port for all of its ports',
    policies: [
      { namespace: 'x', spec: { podSelector: a, ingress: [{ ports: [{ protocol: 'UDP' }, tcp(81)] }] } },
    ],
    want: ['deny * > x/a', 'allow * > x/a udp/* tcp/81'],
  },
  {
    name: 'a port without a protocol is one of TCP',
    policies: [{ namespace: 'x', spec: { podSelector: a, ingress: [{ ports: [{ port: 80 }] }] } }],
    want: ['deny * > x/a', 'allow * > x/a tcp/80'],
  },
];
