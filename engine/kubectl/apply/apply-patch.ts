/** The patch that `kubectl apply` and `kubectl diff` send. */
import { loadSchema } from '../../api/schema/schema.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Mapping } from '../rest/discovery.ts';
import { schemaTypeOf } from '../schema-type.ts';
import { lastApplied } from './last-applied.ts';
import { createThreeWayPatch, type PatchSchema } from './three-way-patch.ts';

/** A patch, and the middle of its media type. */
export interface ApplyPatch {
  readonly patch: JsonObject;
  readonly patchType: 'merge-patch' | 'strategic-merge-patch';
}

/** What turns the live object into the manifest, by what was applied before. */
export function createApplyPatch(mapping: Mapping, modified: JsonObject, current: JsonObject): ApplyPatch {
  const types = patchSchemaOf(mapping);
  const patch = createThreeWayPatch({ original: lastApplied(current), modified, current }, types);
  return { patch, patchType: types === undefined ? 'merge-patch' : 'strategic-merge-patch' };
}

/** What turns one state of an object into another. */
export function createTwoWayPatch(mapping: Mapping, from: JsonObject, to: JsonObject): ApplyPatch {
  const types = patchSchemaOf(mapping);
  const patch = createThreeWayPatch({ original: from, modified: to, current: from }, types);
  return { patch, patchType: types === undefined ? 'merge-patch' : 'strategic-merge-patch' };
}

/** The merge keys of a built-in kind; none for a kind that a CustomResourceDefinition brought. */
function patchSchemaOf(mapping: Mapping): PatchSchema | undefined {
  const typeName = schemaTypeOf(mapping);
  return typeName === undefined ? undefined : { schema: loadSchema(), typeName };
}
