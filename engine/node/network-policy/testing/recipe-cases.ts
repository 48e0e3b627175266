/** The recipes that people copy, with the labels of these Pods. Source: ahmetb/kubernetes-network-policy-recipes. */
import type { PolicyCase } from './end-to-end-cases.ts';
import { draft, everybody } from './generated-cases.ts';

const b = { matchLabels: { pod: 'b' } };
const c = { matchLabels: { pod: 'c' } };

/** By the recipes' numbers and titles. */
export const recipeCases: readonly PolicyCase[] = [
  {
    name: '01 deny all traffic to an application',
    policies: [draft('Ingress', b, [])],
    want: ['deny * > x/b'],
  },
  {
    name: '02 limit traffic to an application',
    policies: [draft('Ingress', b, [{ peers: [{ podSelector: c }] }])],
    want: ['deny * > x/b', 'allow x/c > x/b'],
  },
  {
    name: '02a allow all traffic to an application',
    policies: [draft('Ingress', {}, []), draft('Ingress', b, [{}])],
    want: ['deny * > x/*', 'allow * > x/b'],
  },
  {
    name: '03 deny all non-whitelisted traffic in the namespace',
    policies: [draft('Ingress', {}, [])],
    want: ['deny * > x/*'],
  },
  {
    name: '04 deny traffic from other namespaces',
    policies: [draft('Ingress', {}, [{ peers: [{ podSelector: {} }] }])],
    want: ['deny y/*,z/* > x/*'],
  },
  {
    name: '05 allow traffic from all namespaces',
    policies: [draft('Ingress', b, [{ peers: everybody }])],
    want: [],
  },
  {
    name: '06 allow traffic from a namespace',
    policies: [draft('Ingress', b, [{ peers: [{ namespaceSelector: { matchLabels: { ns: 'y' } } }] }])],
    want: ['deny x/*,z/* > x/b'],
  },
  {
    name: '07 allow traffic from some pods in another namespace',
    policies: [
      draft('Ingress', b, [{ peers: [{ namespaceSelector: { matchLabels: { ns: 'y' } }, podSelector: c }] }]),
    ],
    want: ['deny * > x/b', 'allow y/c > x/b'],
  },
  { name: '08 allow external traffic', policies: [draft('Ingress', b, [{ peers: [] }])], want: [] },
  {
    name: '09 allow traffic only to a port',
    policies: [draft('Ingress', b, [{ peers: [{ podSelector: c }], ports: [{ port: 81 }] }])],
    want: ['deny * > x/b', 'allow x/c > x/b tcp/81'],
  },
  {
    name: '10 allowing traffic with multiple selectors',
    policies: [
      draft('Ingress', b, [{ peers: [{ podSelector: c }, { podSelector: { matchLabels: { pod: 'a' } } }] }]),
    ],
    want: ['deny y/*,z/* > x/b'],
  },
  {
    name: '11 deny egress traffic from an application',
    policies: [draft('Egress', b, [])],
    want: ['deny x/b > *'],
  },
  {
    name: '12 deny all non-whitelisted traffic from the namespace',
    policies: [draft('Egress', {}, [])],
    want: ['deny x/* > *'],
  },
  {
    name: '14 deny external egress traffic',
    policies: [draft('Egress', b, [{ peers: everybody }])],
    want: [],
  },
];
