/**
 * Strategic merge patches. The cases are those of k8s.io/apimachinery/pkg/util/strategicpatch/patch_test.go, said anew with
 * Services and Pods.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchStrategy } from '../../../api/schema/patch-strategy.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { objectAt, objectsAt } from '../object-access.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

function apply(typeName: string, target: JsonObject, patch: JsonObject) {
  const schema = loadSchema();
  const lookup = (type: string, field: string) => patchStrategy(schema, type, field);
  return applyStrategicMergePatch(target, patch, { typeName, lookup });
}

const web = { name: 'web', image: 'nginx', env: [{ name: 'A', value: '1' }] };
const sidecar = { name: 'sidecar', image: 'busybox' };

const cases: readonly {
  name: string;
  type: string;
  target: JsonObject;
  patch: JsonObject;
  want: JsonObject;
}[] = [
  {
    name: 'merges containers by name and keeps the others',
    type: 'V1PodSpec',
    target: { containers: [web, sidecar] },
    patch: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    want: { containers: [{ ...web, image: 'nginx:1.27' }, sidecar] },
  },
  {
    name: 'adds an item before those that the server alone has',
    type: 'V1PodSpec',
    target: { containers: [web] },
    patch: { containers: [sidecar] },
    want: { containers: [sidecar, web] },
  },
  {
    name: 'orders items as $setElementOrder says',
    type: 'V1PodSpec',
    target: { containers: [web, sidecar] },
    patch: { '$setElementOrder/containers': [{ name: 'sidecar' }, { name: 'web' }] },
    want: { containers: [sidecar, web] },
  },
  {
    name: 'deletes an item with $patch: delete',
    type: 'V1PodSpec',
    target: { containers: [web, sidecar] },
    patch: { containers: [{ name: 'web', $patch: 'delete' }] },
    want: { containers: [sidecar] },
  },
  {
    name: 'replaces a list with $patch: replace',
    type: 'V1PodSpec',
    target: { containers: [web, sidecar] },
    patch: { containers: [{ $patch: 'replace' }, { name: 'only', image: 'x' }] },
    want: { containers: [{ name: 'only', image: 'x' }] },
  },
  {
    name: 'replaces a map with $patch: replace',
    type: 'V1ServiceSpec',
    target: { selector: { a: '1', b: '2' } },
    patch: { selector: { $patch: 'replace', c: '3' } },
    want: { selector: { c: '3' } },
  },
  {
    name: 'takes a key away with null and keeps the rest of a map',
    type: 'V1ServiceSpec',
    target: { selector: { a: '1', b: '2' } },
    patch: { selector: { a: null, c: '3' } },
    want: { selector: { b: '2', c: '3' } },
  },
  {
    name: 'merges the ports of a Service by port',
    type: 'V1ServiceSpec',
    target: { ports: [{ port: 80, nodePort: 30_080 }] },
    patch: { ports: [{ port: 80, targetPort: 8080 }] },
    want: { ports: [{ port: 80, nodePort: 30_080, targetPort: 8080 }] },
  },
  {
    name: 'replaces a list that is atomic',
    type: 'V1Container',
    target: { command: ['sh', '-c', 'true'] },
    patch: { command: ['sleep'] },
    want: { command: ['sleep'] },
  },
  {
    name: 'joins a list of scalars that is merged as a set',
    type: 'V1ObjectMeta',
    target: { finalizers: ['a', 'b'] },
    patch: { finalizers: ['c'] },
    want: { finalizers: ['c', 'a', 'b'] },
  },
  {
    name: 'takes scalars out with $deleteFromPrimitiveList',
    type: 'V1ObjectMeta',
    target: { finalizers: ['a', 'b'] },
    patch: { '$deleteFromPrimitiveList/finalizers': ['a'] },
    want: { finalizers: ['b'] },
  },
  {
    name: 'drops what $retainKeys does not name',
    type: 'V1Volume',
    target: { name: 'v', emptyDir: {} },
    patch: { $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/x' } },
    want: { name: 'v', hostPath: { path: '/x' } },
  },
  {
    name: 'drops nulls of a part that the target lacks',
    type: 'V1ServiceSpec',
    target: {},
    patch: { selector: { a: '1', b: null } },
    want: { selector: { a: '1' } },
  },
];

describe('strategic merge patch', () => {
  it.each(cases)('$name', ({ type, target, patch, want }) => {
    expect(apply(type, target, patch)).toEqual({ ok: true, value: want });
  });

  it.each([
    [
      'an item without its key',
      { containers: [{ image: 'x' }] },
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      'a deletion without a key',
      { containers: [{ $patch: 'delete' }] },
      'delete patch type with no merge key defined',
    ],
    ['an unknown directive', { $patch: 'grow' }, 'unknown patch type found: grow'],
    ['keys beyond $retainKeys', { $retainKeys: ['a'], nodeName: 'x' }, 'invalid patch format of retainKeys'],
  ])('refuses %s', (_name, patch, error) => {
    expect(apply('V1PodSpec', { containers: [web] }, patch)).toEqual({ ok: false, error });
  });

  it('keeps a key named __proto__ an ordinary key', () => {
    const patch: JsonObject = JSON.parse('{"selector":{"__proto__":"x"}}');
    const result = apply('V1ServiceSpec', { selector: { a: '1' } }, patch);
    expect(result.ok && Object.keys(Object(result.value.selector))).toEqual(['a', '__proto__']);
  });

  it('leaves the target as it was', () => {
    const target = Object.freeze({ containers: Object.freeze([Object.freeze({ ...web })]) });
    apply('V1PodSpec', target, { containers: [{ name: 'web', image: 'x' }] });
    expect(target.containers[0]?.image).toBe('nginx');
  });
});

const fixture: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/strategic-merge-patches.json', import.meta.url), 'utf8'),
);
const recorded = isJsonObject(fixture) ? objectsAt(fixture, 'cases') : [];

describe('a recorded patch', () => {
  const rows = recorded.map((one, index): [number, JsonObject] => [index, one]);

  it.each(rows)('%i gives what upstream gives', (_index, one) => {
    expect(apply('V1Pod', objectAt(one, 'target'), objectAt(one, 'patch'))).toEqual({
      ok: true,
      value: one.want,
    });
  });
});

const container = fc.record(
  { name: fc.constantFrom('a', 'b', 'c'), image: fc.constantFrom('x', 'y'), tty: fc.boolean() },
  { requiredKeys: ['name', 'image'] },
);
const podSpec = fc.record({
  containers: fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 3 }),
  nodeSelector: fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.constantFrom('1', '2')),
});

describe('a strategic merge patch made from two objects', () => {
  it('turns the first into the second', () => {
    fc.assert(
      fc.property(podSpec, podSpec, (from, to) => {
        const patched = apply('V1PodSpec', from, diffPodSpecs(from, to));
        expect(patched).toEqual({ ok: true, value: to });
      }),
    );
  });
});

type PodSpec = typeof podSpec extends fc.Arbitrary<infer T> ? T : never;

/** The patch that kubectl apply would send: changed items, deletions, and the order of the elements. */
function diffPodSpecs(from: PodSpec, to: PodSpec): JsonObject {
  const deletions = from.containers
    .filter(({ name }) => !to.containers.some((other) => other.name === name))
    .map(({ name }) => ({ name, $patch: 'delete' }));
  const changes = to.containers.map((after) => {
    const before = from.containers.find(({ name }) => name === after.name);
    const isGone = before !== undefined && 'tty' in before && !('tty' in after);
    return isGone ? { ...after, tty: null } : { ...after };
  });
  const removed = Object.keys(from.nodeSelector).filter((key) => !Object.hasOwn(to.nodeSelector, key));
  return {
    containers: [...changes, ...deletions],
    '$setElementOrder/containers': to.containers.map(({ name }) => ({ name })),
    nodeSelector: { ...to.nodeSelector, ...Object.fromEntries(removed.map((key) => [key, null])) },
  };
}
