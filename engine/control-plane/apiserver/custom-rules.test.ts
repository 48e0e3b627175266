/**
 * Rules in CEL, on values and on changes. fixtures/custom-rules.json was recorded from kube-apiserver v1.36.0: a definition
 * with a field per rule and what the server answered to objects of it, and definitions whose rules it refuses.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { objectAt, objectsAt, stringAt, withKeys } from './object-access.ts';
import { establish, problemsOf } from './testing/custom-door.ts';
import { createTestDoor } from './testing/test-door.ts';

const parsed: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/custom-rules.json', import.meta.url), 'utf8'),
);
const fixture = isJsonObject(parsed) ? parsed : {};
const named = (key: string) =>
  objectsAt(fixture, key).map((one): [string, JsonObject] => [stringAt(one, 'name'), one]);
const path = '/apis/test.example.com/v1/namespaces/default/rules';

function outcomeOf(
  code: number,
  body: JsonObject,
): { readonly code: number; readonly problems: readonly string[] } {
  return { code, problems: code < 300 ? [] : problemsOf(body) };
}

function wanted(one: JsonObject): { readonly code: number; readonly problems: readonly string[] } {
  const want = objectAt(one, 'want');
  const details = { causes: want.causes ?? null };
  return outcomeOf(Number(want.code), { message: want.message ?? '', details });
}

describe('a rule of a custom resource', () => {
  const door = createTestDoor();
  establish(door, objectAt(fixture, 'definition'));

  it.each(named('cases'))('%s', (_name, one) => {
    const before = objectAt(one, 'before');
    const object = objectAt(one, 'object');
    if (Object.keys(before).length === 0) {
      const answer = door.transport.send({ method: 'POST', path, query: [['dryRun', 'All']], body: object });
      if (answer.type !== 'object') throw new Error('no object');
      expect(outcomeOf(answer.code, answer.body)).toEqual(wanted(one));
      return;
    }
    const fork = door.fork();
    const created = fork.post(path, before);
    const body = withKeys(created, { spec: objectAt(object, 'spec') });
    const answer = fork.transport.send({ method: 'PUT', path: `${path}/v`, body });
    if (answer.type !== 'object') throw new Error('no object');
    expect(outcomeOf(answer.code, answer.body)).toEqual(wanted(one));
  });
});

describe('a definition is refused whose rule is', () => {
  const door = createTestDoor();
  // Differs: what a rule may cost is not estimated beforehand.
  const cases = named('broken').filter(([, one]) => !JSON.stringify(one).includes('estimated rule cost'));

  it.each(cases)('%s', (_name, one) => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const body = objectAt(one, 'definition');
    const answer = door.transport.send({ method: 'POST', path, query: [['dryRun', 'All']], body });
    if (answer.type !== 'object') throw new Error('no object');
    expect(outcomeOf(answer.code, answer.body)).toEqual(wanted(one));
  });
});

it('ends a rule that would never end', () => {
  const door = createTestDoor();
  const digits = '[0,1,2,3,4,5,6,7,8,9]';
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
  const rule = names.reduceRight((inner, name) => `${digits}.all(${name}, ${inner})`, 'self > 0');
  const [version] = objectsAt(fixture, 'definition', 'spec', 'versions');
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'integer', 'x-kubernetes-validations': [{ rule }] } },
    },
  };
  const definition = objectAt(fixture, 'definition');
  const spec = { ...objectAt(definition, 'spec'), versions: [{ ...version, schema }] };
  establish(door, { ...definition, spec });
  const body = { apiVersion: 'test.example.com/v1', kind: 'Rule', metadata: { name: 'v' }, spec: 1 };
  const status = door.post(path, body);
  expect(stringAt(status, 'message')).toContain('actual cost limit exceeded');
});
