/**
 * Values against schemas, keyword by keyword. fixtures/custom-values.json was recorded from kube-apiserver v1.36.0: one
 * definition with a field per keyword, and what the server answered to objects of it. Go goes through maps in no order,
 * so that problems are compared as a set.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkValue } from '../../api/custom/check-value.ts';
import { applySchemaDefaults, pruneNulls, pruneUnknownFields } from '../../api/custom/prune.ts';
import { readSchemaNode } from '../../api/custom/schema-node.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { arrayAt, objectAt, objectsAt, stringAt, valueAt } from './object-access.ts';
import { establish, problemsOf } from './testing/custom-door.ts';
import { createTestDoor } from './testing/test-door.ts';

const parsed: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/custom-values.json', import.meta.url), 'utf8'),
);
const fixture = isJsonObject(parsed) ? parsed : {};
const definition = objectAt(fixture, 'definition');
const cases = objectsAt(fixture, 'cases').map((one): [string, JsonObject] => [stringAt(one, 'name'), one]);
const path = '/apis/test.example.com/v1/namespaces/default/values';

describe('a value of a custom resource', () => {
  const door = createTestDoor();
  establish(door, definition);

  it.each(cases)('%s', (_name, one) => {
    const want = objectAt(one, 'want');
    const [key, value] = stringAt(one, 'query').split('=');
    const answer = door.transport.send({
      method: 'POST',
      path,
      body: objectAt(one, 'object'),
      query: [['dryRun', 'All'], ...(key && value ? [[key, value] as const] : [])],
    });
    if (answer.type !== 'object') throw new Error('no object');
    const got = {
      code: answer.code,
      warnings: answer.warnings,
      ...(answer.code === 201
        ? { spec: valueAt(answer.body, 'spec') ?? null }
        : { problems: problemsOf(answer.body) }),
    };
    expect(got).toEqual({
      code: want.code,
      warnings: arrayAt(want, 'warnings'),
      ...(want.code === 201
        ? { spec: valueAt(want, 'spec') ?? null }
        : {
            problems: problemsOf({
              message: stringAt(want, 'message'),
              details: { causes: want.causes ?? null },
            }),
          }),
    });
  });
});

describe('pruning and defaulting', () => {
  const [version] = objectsAt(definition, 'spec', 'versions');
  const node = readSchemaNode(objectAt(version ?? {}, 'schema', 'openAPIV3Schema'));
  const names = Object.keys(
    objectAt(version ?? {}, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties'),
  );
  const json = fc.jsonValue({ maxDepth: 3 }).map((value): JsonValue => JSON.parse(JSON.stringify(value)));
  const objects = fc
    .dictionary(fc.constantFrom(...names, 'unknown'), json, { maxKeys: 6 })
    .map((spec): JsonObject => ({ apiVersion: 'v1', kind: 'Value', spec: { ...spec } }));
  const normal = (object: JsonValue) =>
    applySchemaDefaults(
      pruneNulls(pruneUnknownFields(isJsonObject(object) ? object : {}, node).object, node),
      node,
    );

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const once = normal(object);
        expect(normal(once)).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });

  it('adds no problem by filling in defaults', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const bare = pruneNulls(pruneUnknownFields(object, node).object, node);
        const before = checkValue(node, bare, '').map(({ field, message }) => `${field}: ${message}`);
        const after = checkValue(node, normal(object), '').map(
          ({ field, message }) => `${field}: ${message}`,
        );
        expect(before).toEqual(expect.arrayContaining(after));
      }),
      { numRuns: 100 },
    );
  });
});
