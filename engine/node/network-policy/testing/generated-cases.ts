/**
 * Cases by construction: one peer, port or target at a time in a policy for either direction, and policies that contradict
 * each other. What each peer and port stands for is said here by hand.
 * Source: pkg/generator of cyclonus (fragments and conflicts, the Pods and labels as well).
 */
import type { PolicyCase } from './end-to-end-cases.ts';
import type { PolicyDraft } from './model.ts';

type Spec = PolicyDraft['spec'];
type Peer = NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['from']>>[number];
type Port = NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['ports']>>[number];

const exists = (key: string) => ({ matchExpressions: [{ key, operator: 'Exists' }] });
const missing = (key: string) => ({ matchExpressions: [{ key, operator: 'DoesNotExist' }] });
const oneOf = (key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] });
const noneOf = (key: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator: 'NotIn', values }],
});

/** Peers of a policy in namespace x, and the Pods that they stand for. */
const peers: readonly (readonly [name: string, peers: readonly Peer[], pods: string])[] = [
  ['no peer at all', [], '*'],
  ['all Pods of the namespace', [{ podSelector: {} }], 'x/*'],
  ['Pods by label', [{ podSelector: { matchLabels: { pod: 'c' } } }], 'x/c'],
  ['Pods by two labels', [{ podSelector: { matchLabels: { pod: 'c', ns: 'x' } } }], 'x/c'],
  ['Pods by labels that none has', [{ podSelector: { matchLabels: { pod: 'c', ns: 'y' } } }], 'none'],
  ['Pods by In', [{ podSelector: oneOf('pod', 'b', 'c') }], 'x/b,x/c'],
  ['Pods by NotIn', [{ podSelector: noneOf('pod', 'b', 'c') }], 'x/a'],
  ['Pods by Exists', [{ podSelector: exists('pod') }], 'x/*'],
  ['Pods by DoesNotExist', [{ podSelector: missing('pod') }], 'none'],
  [
    'Pods by a label and an expression',
    [{ podSelector: { matchLabels: { ns: 'x' }, ...oneOf('pod', 'b') } }],
    'x/b',
  ],
  ['all namespaces', [{ namespaceSelector: {} }], '*'],
  ['a namespace by label', [{ namespaceSelector: { matchLabels: { ns: 'y' } } }], 'y/*'],
  ['namespaces by In', [{ namespaceSelector: oneOf('ns', 'y', 'z') }], 'y/*,z/*'],
  ['namespaces by NotIn', [{ namespaceSelector: noneOf('ns', 'y') }], 'x/*,z/*'],
  ['namespaces by DoesNotExist', [{ namespaceSelector: missing('ns') }], 'none'],
  ['Pods of all namespaces', [{ namespaceSelector: {}, podSelector: { matchLabels: { pod: 'c' } } }], '*/c'],
  [
    'Pods of a namespace',
    [{ namespaceSelector: { matchLabels: { ns: 'z' } }, podSelector: oneOf('pod', 'a', 'b') }],
    'z/a,z/b',
  ],
  [
    'Pods or a namespace',
    [{ podSelector: { matchLabels: { pod: 'b' } } }, { namespaceSelector: { matchLabels: { ns: 'z' } } }],
    'x/b,z/*',
  ],
  ['every address', [{ ipBlock: { cidr: '0.0.0.0/0' } }], '*'],
  ['a block that holds no Pod', [{ ipBlock: { cidr: '0.0.0.0/31' } }], 'none'],
  ['the Pods of a node', [{ ipBlock: { cidr: '10.244.1.0/24' } }], '*/a,*/c'],
  ['a block given with host bits', [{ ipBlock: { cidr: '10.244.2.21/28' } }], 'y/b,z/b'],
  ['a block with an exception', [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }], '*/b'],
  [
    'a block with two exceptions',
    [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.244.1.0/24', '10.244.2.31/32'] } }],
    'x/b,y/b',
  ],
  [
    'an exception that another peer allows',
    [
      { ipBlock: { cidr: '0.0.0.0/0', except: ['10.244.0.0/16'] } },
      { podSelector: { matchLabels: { pod: 'b' } } },
    ],
    'x/b',
  ],
  [
    'an exception before a block that allows it',
    [
      { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } },
      { ipBlock: { cidr: '10.244.1.10/32' } },
    ],
    '*/b,x/a',
  ],
  ['a block of IPv6 addresses', [{ ipBlock: { cidr: '::/0' } }], 'none'],
];

/** Ports, and the flows that they stand for; the Pods that are asked are a or b, in which names and numbers agree. */
const ports: readonly (readonly [name: string, ports: readonly Port[], flows: string])[] = [
  ['TCP by default', [{}], 'tcp/*'],
  ['every port of UDP', [{ protocol: 'UDP' }], 'udp/*'],
  ['a number, of TCP by default', [{ port: 80 }], 'tcp/80'],
  ['a number of UDP', [{ port: 80, protocol: 'UDP' }], 'udp/80'],
  ['a number of SCTP', [{ port: 81, protocol: 'SCTP' }], 'sctp/81'],
  ['a number that nobody asks', [{ port: 82 }], 'none/0'],
  ['a name', [{ port: 'serve-81-tcp' }], 'tcp/81'],
  ['a name of UDP', [{ port: 'serve-81-udp', protocol: 'UDP' }], 'udp/81'],
  ['a name under another protocol', [{ port: 'serve-81-udp', protocol: 'TCP' }], 'none/0'],
  ['a name that no Pod has', [{ port: 'serve-79-tcp' }], 'none/0'],
  ['a range', [{ port: 80, endPort: 81 }], 'tcp/80 tcp/81'],
  ['a range of one', [{ port: 81, endPort: 81 }], 'tcp/81'],
  ['a range above', [{ port: 81, endPort: 65535 }], 'tcp/81'],
  ['a range of UDP below', [{ port: 1, endPort: 80, protocol: 'UDP' }], 'udp/80'],
  ['two ports', [{ port: 80 }, { port: 81, protocol: 'UDP' }], 'tcp/80 udp/81'],
  [
    'a name and a range',
    [
      { port: 'serve-80-sctp', protocol: 'SCTP' },
      { port: 1, endPort: 1000 },
    ],
    'sctp/80 tcp/*',
  ],
];

/** Selectors of the Pods that a policy in x is about. */
const targets: readonly (readonly [
  name: string,
  selector: NonNullable<Spec['podSelector']>,
  pods: string,
])[] = [
  ['every Pod', {}, 'x/*'],
  ['a label', { matchLabels: { pod: 'b' } }, 'x/b'],
  ['In', oneOf('pod', 'b', 'c'), 'x/b,x/c'],
  ['NotIn', noneOf('pod', 'b', 'c'), 'x/a'],
  ['Exists', exists('pod'), 'x/*'],
  ['DoesNotExist', missing('pod'), 'none'],
  ['a label that none has', { matchLabels: { pod: 'd' } }, 'none'],
];

const directions = ['Ingress', 'Egress'] as const;
const b = { matchLabels: { pod: 'b' } };

export function draft(
  direction: (typeof directions)[number],
  podSelector: NonNullable<Spec['podSelector']>,
  rules: readonly { readonly peers?: readonly Peer[]; readonly ports?: readonly Port[] }[],
  place: { readonly namespace?: string; readonly name?: string } = {},
): PolicyDraft {
  const base = { podSelector, policyTypes: [direction] };
  const spec =
    direction === 'Ingress'
      ? {
          ...base,
          ingress: rules.map((rule) => ({
            ...(rule.peers && { from: rule.peers }),
            ...(rule.ports && { ports: rule.ports }),
          })),
        }
      : {
          ...base,
          egress: rules.map((rule) => ({
            ...(rule.peers && { to: rule.peers }),
            ...(rule.ports && { ports: rule.ports }),
          })),
        };
  return {
    namespace: place.namespace ?? 'x',
    ...(place.name === undefined ? {} : { name: place.name }),
    spec,
  };
}

/** `x/b` and everybody else, in the order of the direction. */
function line(
  verb: string,
  direction: (typeof directions)[number],
  own: string,
  others: string,
  flows = '',
): string {
  const words = direction === 'Ingress' ? `${verb} ${others} > ${own}` : `${verb} ${own} > ${others}`;
  return flows === '' ? words : `${words} ${flows}`;
}

export const fragmentCases: readonly PolicyCase[] = directions.flatMap((direction) => [
  ...peers.map(([name, list, pods]) => ({
    name: `${direction} of b, peers: ${name}`,
    policies: [draft(direction, b, [{ peers: list }])],
    want: [line('deny', direction, 'x/b', '*'), line('allow', direction, 'x/b', pods)],
  })),
  ...ports.map(([name, list, flows]) => ({
    name: `${direction} of b, ports: ${name}`,
    policies: [
      draft(direction, b, [
        { peers: [{ namespaceSelector: {}, podSelector: oneOf('pod', 'a', 'b') }], ports: list },
      ]),
    ],
    want: [line('deny', direction, 'x/b', '*'), line('allow', direction, 'x/b', '*/a,*/b', flows)],
  })),
  ...targets.map(([name, selector, pods]) => ({
    name: `${direction}, targets: ${name}`,
    policies: [draft(direction, selector, [])],
    want: [line('deny', direction, pods, '*')],
  })),
]);

export const everybody: readonly Peer[] = [{ namespaceSelector: {} }];
const everyAddress: readonly Peer[] = [{ ipBlock: { cidr: '0.0.0.0/0' } }];
const noAddress: readonly Peer[] = [{ ipBlock: { cidr: '0.0.0.0/31' } }];
const noPod: readonly Peer[] = [
  { namespaceSelector: { matchLabels: { 'this-will-never-happen': 'qrs123' } } },
];
const c = { matchLabels: { pod: 'c' } };

/** Source: pkg/generator/conflictcases.go of cyclonus, the last four without the policy that makes the conflict. */
export const conflictCases: readonly PolicyCase[] = [
  {
    name: 'allowed ingress against denied egress',
    policies: [draft('Egress', b, []), draft('Ingress', c, [{}], { namespace: 'y' })],
    want: ['deny x/b > *'],
  },
  {
    name: 'allowed egress against denied ingress',
    policies: [draft('Egress', b, [{}]), draft('Ingress', c, [], { namespace: 'y' })],
    want: ['deny * > y/c'],
  },
  ...directions.flatMap((direction) => [
    {
      name: `${direction}: none and everything`,
      policies: [draft(direction, b, []), draft(direction, b, [{}])],
      want: [],
    },
    {
      name: `${direction}: none and every Pod`,
      policies: [draft(direction, b, []), draft(direction, b, [{ peers: everybody }])],
      want: [],
    },
    {
      name: `${direction}: none and every address`,
      policies: [draft(direction, b, []), draft(direction, b, [{ peers: everyAddress }])],
      want: [],
    },
    {
      name: `${direction}: no address and every Pod`,
      policies: [draft(direction, b, [{ peers: noAddress }]), draft(direction, b, [{ peers: everybody }])],
      want: [],
    },
    {
      name: `${direction}: no Pod and every address`,
      policies: [draft(direction, b, [{ peers: noPod }]), draft(direction, b, [{ peers: everyAddress }])],
      want: [],
    },
    {
      name: `${direction}: no address`,
      policies: [draft(direction, b, [{ peers: noAddress }])],
      want: [line('deny', direction, 'x/b', '*')],
    },
    {
      name: `${direction}: no Pod`,
      policies: [draft(direction, b, [{ peers: noPod }])],
      want: [line('deny', direction, 'x/b', '*')],
    },
  ]),
  {
    name: 'a Pod whose incoming traffic is free does not get out by that',
    policies: [
      {
        namespace: 'x',
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [] },
      },
    ],
    want: ['deny x/* > *'],
  },
  {
    name: 'what one policy says of ports and another of peers is not joined',
    policies: [
      draft('Ingress', b, [
        { peers: [{ podSelector: { matchLabels: { pod: 'a' } } }], ports: [{ port: 80 }] },
      ]),
      draft('Ingress', b, [{ peers: [{ podSelector: c }], ports: [{ port: 81 }] }]),
    ],
    want: ['deny * > x/b', 'allow x/a > x/b tcp/80', 'allow x/c > x/b tcp/81'],
  },
  {
    name: 'policyTypes left out with egress rules isolate both ways',
    policies: [{ namespace: 'x', spec: { podSelector: b, egress: [{ ports: [{ port: 80 }] }] } }],
    want: ['deny * > x/b', 'deny x/b > *', 'allow x/b > * tcp/80'],
  },
  {
    name: 'policyTypes left out without egress rules isolate one way',
    policies: [{ namespace: 'x', spec: { podSelector: b } }],
    want: ['deny * > x/b'],
  },
  {
    name: 'policyTypes Egress alone makes ingress rules mean nothing',
    policies: [
      { namespace: 'x', spec: { podSelector: b, policyTypes: ['Egress'], ingress: [{ from: noPod }] } },
    ],
    want: ['deny x/b > *'],
  },
];
