import { expect, it } from 'vitest';
import { explainRefusal } from './explain-refusal.ts';

const served = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
];
/** The grader's knows distances; here one letter too many or too few is enough. */
const nearest = (word: string, candidates: readonly string[]) =>
  candidates.find((candidate) => candidate.startsWith(word) || word.startsWith(candidate));

const service = (spec: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: JSON.parse(JSON.stringify(spec)),
});

// Source of the words: kube-apiserver and kubectl v1.36 (fixtures under engine/kubectl and engine/control-plane).
it.each([
  {
    name: 'a field in other capitals',
    message: 'strict decoding error: unknown field "spec.ports[0].targetport"',
    object: service({ ports: [{ port: 80, targetport: 8080 }] }),
    want: {
      kind: 'unknown-field',
      objectKind: 'Service',
      path: 'spec.ports[0].targetport',
      nearest: 'targetPort',
    },
  },
  {
    name: 'a field one level too high',
    message: 'strict decoding error: unknown field "spec.nodePort"',
    object: service({ nodePort: 30001 }),
    want: {
      kind: 'unknown-field',
      objectKind: 'Service',
      path: 'spec.nodePort',
      elsewhere: 'spec.ports[*].nodePort',
    },
  },
  {
    name: 'a kind in small letters',
    message: 'no matches for kind "service" in version "v1"',
    want: {
      kind: 'unknown-kind',
      apiVersion: 'v1',
      objectKind: 'service',
      meant: { apiVersion: 'v1', kind: 'Service' },
    },
  },
  {
    name: 'a version of another day',
    message: 'no matches for kind "Ingress" in version "extensions/v1beta1"',
    want: {
      kind: 'unknown-kind',
      apiVersion: 'extensions/v1beta1',
      objectKind: 'Ingress',
      meant: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
    },
  },
  {
    name: 'a number in quotes',
    message: 'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    object: service({ ports: [{ port: 80 }, { port: '81' }] }),
    want: { kind: 'wrong-type', path: 'spec.ports[1].port', wanted: 'number', found: 'text', value: '81' },
  },
  {
    name: 'labels below matchLabels',
    message: 'json: cannot unmarshal object into Go struct field ServiceSpec.spec.selector of type string',
    object: service({ selector: { matchLabels: { app: 'web' } } }),
    want: { kind: 'wrong-type', path: 'spec.selector.matchLabels', wanted: 'text', found: 'map' },
  },
  {
    name: 'one port without a list',
    message:
      'json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort',
    object: service({ ports: { port: 80 } }),
    want: { kind: 'wrong-type', path: 'spec.ports', wanted: 'list', found: 'map' },
  },
  {
    name: 'no apiVersion',
    message: 'error validating "a.yaml": error validating data: [apiVersion not set, kind not set]; if you',
    want: { kind: 'not-set', field: 'apiVersion' },
  },
  {
    name: 'a namespace that is not there',
    message: 'Error from server (NotFound): error when creating "a.yaml": namespaces "prod" not found',
    want: { kind: 'namespace-missing', namespace: 'prod' },
  },
  {
    name: 'what may not change',
    message:
      'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    want: { kind: 'immutable', path: 'spec.clusterIPs[0]' },
  },
  {
    name: 'a quota',
    message:
      'Error from server (Forbidden): error when creating "a.yaml": pods "b" is forbidden: exceeded quota: three, requested: pods=1, used: pods=3, limited: pods=3',
    want: { kind: 'over-quota', quota: 'three', namespace: 'default' },
  },
  {
    name: 'a port out of range',
    message:
      'The Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid ports is 30000-32767',
    want: { kind: 'out-of-range', path: 'spec.ports[0].nodePort', value: '8080', range: '30000-32767' },
  },
  {
    name: 'an address that is taken',
    message:
      'The Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    want: { kind: 'taken', path: 'spec.clusterIPs', value: '10.96.0.1' },
  },
  {
    name: 'one of a few values, in other capitals',
    message:
      'The Service "web" is invalid: spec.type: Unsupported value: "Nodeport": supported values: "ClusterIP", "NodePort"',
    want: {
      kind: 'not-one-of',
      path: 'spec.type',
      value: 'Nodeport',
      values: ['ClusterIP', 'NodePort'],
      nearest: 'NodePort',
    },
  },
  {
    name: 'a name in Korean',
    message:
      'The Service "가게" is invalid: metadata.name: Invalid value: "가게": a lowercase RFC 1123 label must consist of',
    want: { kind: 'bad-name', path: 'metadata.name', value: '가게', what: 'name' },
  },
  {
    name: 'what is missing',
    message: 'The Pod "web" is invalid: spec.containers[0].image: Required value',
    want: { kind: 'required', path: 'spec.containers[0].image' },
  },
  { name: 'nothing where the words say it all', message: 'something else', want: undefined },
])('tells $name', ({ message, object, want }) => {
  expect(explainRefusal({ message, object, served, nearest })).toEqual(want);
});
