import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentationCases } from './testing/documentation-cases.ts';
import { endToEndCases, type PolicyCase } from './testing/end-to-end-cases.ts';
import { expectation } from './testing/expectations.ts';
import { conflictCases, fragmentCases } from './testing/generated-cases.ts';
import {
  allFlows,
  type Flow,
  type PolicyDraft,
  RuledNodes,
  readingAllows,
  storePolicies,
} from './testing/model.ts';
import { recipeCases } from './testing/recipe-cases.ts';

const show = ({ from, to, protocol, port }: Flow) => `${from} > ${to} ${protocol}/${port}`;

/** The flows about which the rules say something else than they should. */
function differences(drafts: readonly PolicyDraft[], want: (flow: Flow) => boolean): readonly string[] {
  const nodes = new RuledNodes(storePolicies(drafts));
  return allFlows.filter((flow) => nodes.allows(flow) !== want(flow)).map(show);
}

const tables: readonly (readonly [string, readonly PolicyCase[]])[] = [
  ["cases of Kubernetes' end-to-end suite", endToEndCases],
  ['one peer, port or target at a time', fragmentCases],
  ['policies that contradict each other', conflictCases],
  ['recipes', recipeCases],
  ['sentences of the documentation', documentationCases],
];

describe.each(tables)('%s', (_, cases) => {
  it.each(cases)('$name', ({ policies, want }) => {
    const isWanted = expectation(want);
    expect(differences(policies, isWanted)).toEqual([]);
    const stored = storePolicies(policies);
    const misread = allFlows.filter((flow) => readingAllows(stored, flow) !== isWanted(flow)).map(show);
    expect(misread, 'the naive reading is what random policies are held against').toEqual([]);
  });
});

const selector = fc.oneof(
  fc.constant({}),
  fc.constantFrom('a', 'b', 'c', 'd').map((pod) => ({ matchLabels: { pod } })),
  fc
    .record({
      key: fc.constantFrom('pod', 'ns', 'other'),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      values: fc.subarray(['a', 'b', 'x', 'y'], { minLength: 1 }),
    })
    .map(({ key, operator, values }) => ({
      matchExpressions: [operator.endsWith('In') ? { key, operator, values } : { key, operator }],
    })),
);
const block = fc.record(
  {
    cidr: fc.constantFrom('0.0.0.0/0', '10.244.0.0/16', '10.244.1.0/24', '10.244.2.20/30', '10.244.1.10/32'),
    except: fc.subarray(['10.244.1.0/28', '10.244.2.0/24', '10.244.1.22/32']),
  },
  { requiredKeys: ['cidr'] },
);
const peer = fc.oneof(
  block.map((ipBlock) => ({ ipBlock })),
  fc
    .record({ podSelector: selector, namespaceSelector: selector }, { requiredKeys: [] })
    .filter((one) => one.podSelector !== undefined || one.namespaceSelector !== undefined),
);
const port = fc.oneof(
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP', 'SCTP') }),
  fc.record({ port: fc.constantFrom<number | string>(80, 81, 'serve-80-tcp', 'serve-81-tcp') }),
  fc.record({ port: fc.constantFrom(1, 80, 81), endPort: fc.constantFrom(81, 100) }),
);
const peers = fc.array(peer, { maxLength: 3 });
const ports = fc.array(port, { maxLength: 2 });
const policy: fc.Arbitrary<PolicyDraft> = fc.record({
  namespace: fc.constantFrom('x', 'y'),
  spec: fc.record({
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }),
    ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  }),
});

describe('random policies', () => {
  it('allow by their rules what the specification, read naively, allows', () => {
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 4 }), (drafts) => {
        const stored = storePolicies(drafts);
        expect(differences(drafts, (flow) => readingAllows(stored, flow))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
