import { describe, expect, it } from 'vitest';
import { findManifestProblems } from './manifest-problems.ts';

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  prots:
  - port: 80
    nodePort: 8080
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - image: nginx
`;

// Source: the words of kubectl 1.33 and kube-apiserver (apimachinery/pkg/api/errors, kubectl/pkg/cmd/util/helpers.go).
describe('places of what kubectl tells', () => {
  it.each([
    {
      name: 'an unknown field',
      stderr:
        'Error from server (BadRequest): error when creating "a.yaml": Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.prots"\n',
      want: { reason: 'BadRequest', line: 6, column: 3 },
    },
    {
      name: 'a field with a bad value, in the document of the kind named',
      stderr: 'The Pod "web" is invalid: spec.containers[0].name: Required value\n',
      want: {
        reason: 'Invalid',
        line: 16,
        column: 5,
        object: { kind: 'Pod', namespace: 'default', name: 'web' },
      },
    },
    {
      name: 'several fields as bullets',
      stderr:
        'The Service "web" is invalid: \n* spec.prots[0].nodePort: Invalid value: 8080: provided port is not in the valid range\n* spec.ports: Required value\n',
      want: { reason: 'Invalid', line: 8, column: 5 },
    },
    {
      name: 'an unknown kind',
      stderr:
        'error: resource mapping not found for name: "web" namespace: "" from "a.yaml": no matches for kind "Service" in version "v1"\nensure CRDs are installed first\n',
      want: { reason: 'NoMatch', line: 2, column: 1 },
    },
  ])('finds $name', ({ stderr, want }) => {
    const causes = findManifestProblems('a.yaml', service, stderr);
    expect(causes).toEqual([
      {
        code: 'refused-by-api-server',
        file: 'a.yaml',
        message: stderr.trimEnd(),
        object: { kind: 'Service', namespace: 'default', name: 'web' },
        ...want,
      },
    ]);
  });

  it('finds what is no YAML, with kubectl’s words', () => {
    const message =
      'error: error parsing a.yaml: error converting YAML to JSON: yaml: line 3: found character that cannot start any token';
    expect(findManifestProblems('a.yaml', 'kind: Pod\nmetadata:\n\tname: web\n', `${message}\n`)).toEqual([
      { code: 'broken-manifest', file: 'a.yaml', line: 3, column: 1, message, slip: { kind: 'tab' } },
    ]);
  });

  it.each(['exceeded max depth of 100', 'document contains excessive aliasing'])(
    'leaves alone what kubectl found too large to parse: %s',
    (words) => {
      const message = `error: error parsing a.yaml: error converting YAML to JSON: yaml: ${words}`;
      const text = words.startsWith('exceeded') ? `a: ${'['.repeat(100_000)}` : service;
      expect(findManifestProblems('a.yaml', text, `${message}\n`)).toEqual([
        { code: 'broken-manifest', file: 'a.yaml', line: 1, column: 1, message },
      ]);
    },
  );

  it('takes no warning for a refusal', () => {
    expect(
      findManifestProblems('a.yaml', service, 'Warning: v1 Endpoints is deprecated in v1.33+\n'),
    ).toEqual([]);
  });
});
