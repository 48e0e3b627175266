/**
 * How a kind counts the changes of what is wanted. Source: PrepareForCreate and PrepareForUpdate of each kind's strategy.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { asJson, number, struct } from '../read.ts';
import type { KubeObject } from '../types/wire.ts';
import { keepStatus } from './define.ts';

/** An object of its first generation. */
export function firstGeneration(object: JsonObject): JsonObject {
  return { ...object, metadata: { ...struct(object, 'metadata'), generation: 1 } };
}

/** A new object's first generation, and its status as the server begins it. */
export function beginGeneration(object: JsonObject, status: JsonObject): JsonObject {
  return { ...firstGeneration(object), status };
}

/** An update keeps the status; a change of the spec (or of more, by the kind's word) makes a new generation. */
export function bumpGeneration(object: JsonObject, oldObject: KubeObject, alsoWhen = false): JsonObject {
  const old = asJson(oldObject);
  const before = number(struct(old, 'metadata'), 'generation') ?? 0;
  const isChanged = alsoWhen || !jsonEqual(object.spec ?? null, old.spec ?? null);
  const generation = before + (isChanged ? 1 : 0);
  if (generation === 0) return keepStatus(object, oldObject);
  return keepStatus({ ...object, metadata: { ...struct(object, 'metadata'), generation } }, oldObject);
}
