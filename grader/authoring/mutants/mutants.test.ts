import { expect, it } from 'vitest';
import type { Answer, AnswerFileState } from '../../submission/answer.ts';
import { mutantsOf } from './mutants.ts';

function answerOf(...files: readonly AnswerFileState[]): Answer {
  return { files, isTodo: false, digest: '' };
}

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  clusterIP: 10.96.0.20
  selector: { app: web }
  ports:
    - { port: 80, protocol: TCP }
`;

it('a manifest is changed in every place by what somebody may get wrong there', () => {
  const names = mutantsOf(answerOf({ path: 'a.yaml', role: 'manifest', text: service })).map(
    ({ name }) => name,
  );
  expect(names).toEqual([
    'a.yaml: drop apiVersion',
    'a.yaml: drop kind',
    'a.yaml: drop metadata',
    'a.yaml: drop metadata.name',
    'a.yaml: name metadata.name → web-x',
    'a.yaml: drop spec',
    'a.yaml: drop spec.type',
    'a.yaml: type spec.type → ClusterIP',
    'a.yaml: drop spec.clusterIP',
    'a.yaml: address spec.clusterIP → 10.96.0.21',
    'a.yaml: drop spec.selector',
    'a.yaml: drop spec.selector.app',
    'a.yaml: selector spec.selector.app → web-x',
    'a.yaml: drop spec.ports',
    'a.yaml: drop spec.ports[0]',
    'a.yaml: drop spec.ports[0].port',
    'a.yaml: port spec.ports[0].port → 81',
    'a.yaml: drop spec.ports[0].protocol',
    'a.yaml: protocol spec.ports[0].protocol → UDP',
  ]);
});

it.each([
  ['a quota figure', 'spec: { hard: { pods: "3" } }', 'quota spec.hard.pods → 13'],
  ['a path', 'spec: { path: /shop }', 'path spec.path → /shop/x'],
  ['a path type', 'spec: { pathType: Prefix }', 'path type spec.pathType → Exact'],
  ['a host', 'spec: { host: shop.example.com }', 'host spec.host → xshop.example.com'],
  ['a namespace', 'metadata: { namespace: test }', 'namespace metadata.namespace → default'],
  ['a label', 'metadata: { labels: { app: web } }', 'label metadata.labels.app → web-x'],
  ['a range of addresses', 'spec: { cidr: 10.244.1.0/24 }', 'address spec.cidr → 10.244.1.1/24'],
  ['the port of an Ingress backend', 'port: { number: 80 }', 'port port.number → 81'],
  ['the path of a route', 'path: { type: PathPrefix, value: /spa }', 'path path.value → /spa/x'],
  ['the path type of a route', 'path: { type: PathPrefix, value: /spa }', 'path type path.type → Exact'],
  ['what a policy isolates', 'spec: { policyTypes: [Egress] }', 'policy spec.policyTypes[0] → Ingress'],
  [
    'a traffic policy',
    'spec: { externalTrafficPolicy: Local }',
    'policy spec.externalTrafficPolicy → Cluster',
  ],
  ['a default request', 'defaultRequest: { cpu: 200m }', 'quota defaultRequest.cpu → 1200m'],
  ['an endpoint', 'endpoints: [{ addresses: [198.51.100.20] }]', 'drop endpoints[0].addresses[0]'],
  ['a rule of a policy', 'spec: { ingress: [{}, {}] }', 'drop spec.ingress[1]'],
])('changes %s', (_, text, name) => {
  const mutants = mutantsOf(answerOf({ path: 'a.yaml', role: 'manifest', text }));
  expect(mutants.map((mutant) => mutant.name)).toContain(`a.yaml: ${name}`);
});

it("changes one document and leaves the others' comments and text", () => {
  const text = `${service}---\n# kept\nkind: Pod\nmetadata: { name: p }\n`;
  const mutant = mutantsOf(answerOf({ path: 'a.yaml', role: 'manifest', text })).find(
    ({ name }) => name === 'a.yaml: name Service/web metadata.name → web-x',
  );
  expect(mutant?.answer.files[0]?.text).toBe(
    `${service.replace('name: web', 'name: web-x')}---\n# kept\nkind: Pod\nmetadata: { name: p }\n`,
  );
});

it('commands of a script are dropped, repeated and swapped, a here-document whole', () => {
  const text = '# first\nkubectl apply -f - <<E\nkind: Pod\nE\nkubectl get pods\n';
  const mutants = mutantsOf(answerOf({ path: 'a.sh', role: 'script', text }));
  expect(mutants.map(({ name, answer }) => [name, answer.files[0]?.text])).toEqual([
    ['a.sh: drop command 1', 'kubectl get pods\n'],
    [
      'a.sh: repeat command 1',
      'kubectl apply -f - <<E\nkind: Pod\nE\nkubectl apply -f - <<E\nkind: Pod\nE\nkubectl get pods\n',
    ],
    ['a.sh: swap commands 1 and 2', 'kubectl get pods\nkubectl apply -f - <<E\nkind: Pod\nE\n'],
    ['a.sh: drop command 2', 'kubectl apply -f - <<E\nkind: Pod\nE\n'],
    ['a.sh: repeat command 2', 'kubectl apply -f - <<E\nkind: Pod\nE\nkubectl get pods\nkubectl get pods\n'],
  ]);
});

it('values are dropped and changed', () => {
  const mutants = mutantsOf(answerOf({ path: 'v.yaml', role: 'values', text: 'a: 10.0.0.7\nb: x\n' }));
  expect(mutants.map(({ name, answer }) => [name, answer.files[0]?.text])).toEqual([
    ['v.yaml: drop a', 'b: x\n'],
    ['v.yaml: value a', 'a: 10.0.0.8\nb: x\n'],
    ['v.yaml: drop b', 'a: 10.0.0.7\n'],
    ['v.yaml: value b', 'a: 10.0.0.7\nb: "7"\n'],
  ]);
});
