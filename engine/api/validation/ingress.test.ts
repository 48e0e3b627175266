import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { ingressKind } from '../kinds/ingress.ts';

const fixture: {
  readonly fieldCases: readonly (readonly [name: string, change: string, fields: readonly string[]])[];
  readonly pathCases: readonly (readonly [pathType: string, path: string, problem: string | null])[];
  readonly createErrors: readonly (readonly [name: string, problem: string])[];
  readonly createAccepted: readonly string[];
} = JSON.parse(readFileSync(new URL('../fixtures/ingress-v1-validation.json', import.meta.url), 'utf8'));

const service = { name: 'defaultbackend', port: { number: 80 } };
const resource = { apiGroup: 'example.com', kind: 'foo', name: 'bar' };

interface Parts {
  readonly host?: string;
  readonly path?: string;
  readonly pathType?: string;
  readonly paths?: readonly JsonObject[];
  readonly backend?: JsonObject;
  readonly spec?: JsonObject;
  readonly annotations?: JsonObject;
}

/** The fixture's base object with parts of it changed. */
function ingress(parts: Parts): JsonObject {
  const { host = 'foo.bar.com', path = '/foo', pathType = 'ImplementationSpecific' } = parts;
  const backend = parts.backend ?? { service };
  const paths = parts.paths ?? [{ path, pathType, backend }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'foo', namespace: 'default', annotations: parts.annotations ?? {} },
    spec: { defaultBackend: { service }, rules: [{ host, http: { paths: [...paths] } }], ...parts.spec },
  };
}

function problems(parts: Parts): readonly string[] {
  return ingressKind.validate(ingress(parts)).map(({ field, message }) => `${field}: ${message}`);
}

/** `path="" pathType=Prefix` and the like. */
function parseChange(change: string): Parts {
  if (change === 'paths=[]') return { paths: [] };
  if (change.startsWith('backend has')) return { backend: { service, resource } };
  return Object.fromEntries(
    change.split(' ').map((term) => {
      const at = term.indexOf('=');
      return [term.slice(0, at), term.slice(at + 1).replaceAll('"', '')];
    }),
  );
}

const annotations = { 'kubernetes.io/ingress.class': 'foo' };
const tls = (secretName: string) => ({ tls: [{ hosts: ['foo.bar.com'], secretName }] });

/** What the names of the fixture's cases on creation stand for. */
const created = new Map<string, Parts>([
  ['class field and annotation set', { annotations, spec: { ingressClassName: 'bar' } }],
  ['v1: invalid secret', { spec: tls('invalid name') }],
  [
    'v1: invalid rules with wildcard host (path foo, Exact)',
    { host: '*.foo.bar.com', path: 'foo', pathType: 'Exact' },
  ],
  ['class field set', { spec: { ingressClassName: 'bar' } }],
  ['class annotation set', { annotations }],
  ['valid regex path /([a-z0-9]*)', { path: '/([a-z0-9]*)' }],
  ['invalid regex path allowed (v1) /([a-z0-9]*)[', { path: '/([a-z0-9]*)[' }],
  ['Spec.Backend.Resource field allowed on create', { spec: { defaultBackend: { resource } } }],
  ['Paths.Backend.Resource field allowed on create', { backend: { resource } }],
  ['v1: valid secret', { spec: tls('valid') }],
  ['v1: valid rules with wildcard host', { host: '*.foo.bar.com', path: '/foo', pathType: 'Exact' }],
]);

function partsOf(name: string): Parts {
  const parts = created.get(name);
  if (parts === undefined) throw new Error(`no object for ${name}`);
  return parts;
}

describe("Ingresses by upstream's own validation cases", () => {
  it.each(fixture.fieldCases)('%s', (_name, change, fields) => {
    expect(ingressKind.validate(ingress(parseChange(change))).map(({ field }) => field)).toEqual(fields);
  });

  it.each(fixture.pathCases)('%s path %s', (pathType, path, problem) => {
    const field = 'spec.rules[0].http.paths[0].path';
    const want = problem === null ? [] : [`${field}: Invalid value: ${JSON.stringify(path)}: ${problem}`];
    expect(problems({ pathType, path })).toEqual(want);
  });

  it.each(fixture.createErrors)('refuses: %s', (name, problem) => {
    // The fixture is of a release that allowed only one of the two; since then they may both be there when they are equal.
    // Source: TestValidateIngressCreate of v1.36.0.
    const today = problem.replace(
      'can not be set when the class field is also set',
      'must match `ingressClassName` when both are specified',
    );
    expect(problems(partsOf(name))).toEqual([today]);
  });

  it.each(fixture.createAccepted)('accepts: %s', (name) => {
    expect(problems(partsOf(name))).toEqual([]);
  });
});
