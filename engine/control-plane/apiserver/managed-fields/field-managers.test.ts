/**
 * Field managers against upstream's own: fixtures/field-managers.json holds what TestFieldManager of
 * k8s.io/apimachinery v0.36.0 answered to the same steps.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeObject } from '../../../api/decode/decode-object.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { arrayAt, objectAt, objectsAt, stringAt, withKeys } from '../object-access.ts';
import { applyTyped, describeConflicts } from './apply-typed.ts';
import { formatFieldsV1, parseFieldsV1 } from './field-set.ts';
import { entriesAfter, formatEntries, type ManagedEntry, type ManagerId } from './managers.ts';
import { compareTyped } from './typed-operations.ts';
import { shapeOfType } from './typed-value.ts';

const fixture: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/field-managers.json', import.meta.url), 'utf8'),
);
const cases = isJsonObject(fixture) ? objectsAt(fixture, 'cases') : [];

describe('field managers', () => {
  it.each(cases.map((one): [string, JsonObject] => [stringAt(one, 'name'), one]))('%s', (_name, one) => {
    const schema = loadSchema();
    const typeName = `V1${stringAt(one, 'kind')}`;
    let live: JsonObject = { apiVersion: 'v1', kind: stringAt(one, 'kind') };
    let entries: readonly ManagedEntry[] = [];
    for (const [index, step] of objectsAt(one, 'steps').entries()) {
      const object = objectAt(step, 'object');
      const id: ManagerId = {
        manager: stringAt(step, 'manager'),
        operation: stringAt(step, 'verb') === 'apply' ? 'Apply' : 'Update',
        apiVersion: 'v1',
        subresource: '',
      };
      let error = '';
      if (id.operation === 'Update') {
        const decoded = decodeObject(schema, typeName, object, { fieldValidation: 'Strict' });
        if (!decoded.ok) throw new Error(decoded.error);
        const after = { ...decoded.value.object, apiVersion: 'v1', kind: stringAt(one, 'kind') };
        const comparison = compareTyped(schema, shapeOfType(typeName), live, after);
        entries = entriesAfter(entries, id, { comparison, now: '' });
        live = after;
      } else {
        const applied = applyTyped({
          schema,
          typeName,
          live,
          config: object,
          entries,
          id,
          force: step.force === true,
          allowed: new Set(),
          now: '',
          keep: (fields) => fields,
        });
        if (applied.ok) ({ object: live, entries } = applied.value);
        else error = describeConflicts(applied.error);
      }
      const where = `step ${index}`;
      expect({ where, error }).toEqual({ where, error: stringAt(step, 'error') });
      expect({ where, managed: asSets(formatEntries(entries)) }).toEqual({
        where,
        managed: asSets(arrayAt(step, 'managed').filter(isJsonObject)),
      });
      expect({ where, object: live }).toEqual({ where, object: withKeys(objectAt(step, 'want'), {}) });
    }
  });
});

/** Entries without their order, which is by time, and with their fields as a sorted list. */
function asSets(entries: readonly JsonObject[]): readonly string[] {
  return entries
    .map((entry) => {
      const fields = [...parseFieldsV1(entry.fieldsV1)].sort().map((path) => path.replaceAll('\u0000', '/'));
      return JSON.stringify([entry.manager, entry.operation, entry.apiVersion, fields]);
    })
    .sort();
}

it('passes over elements that are of no known type, keys of prototypes among them', () => {
  const document: unknown = JSON.parse('{"f:spec":{"f:a":{}},"__proto__":{"f:b":{}},"x:y":{}}');
  const fields = parseFieldsV1(isJsonObject(document) ? document : {});
  expect(formatFieldsV1(fields)).toEqual({ 'f:spec': { 'f:a': {} } });
  expect(Object.hasOwn(Object.prototype, 'f:b')).toBe(false);
});
