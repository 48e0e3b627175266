/** Custom resources in tests of the server alone, where no controller establishes definitions. */
import type { JsonObject } from '../../../base/json.ts';
import { objectAt, objectsAt, stringAt, withKeys } from '../object-access.ts';
import type { TestDoor } from './test-door.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Creates a definition and writes the status that the controllers would. */
export function establish(door: TestDoor, definition: JsonObject): JsonObject {
  const created = door.post(definitions, definition);
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }));
  const status = {
    ...objectAt(created, 'status'),
    acceptedNames: objectAt(created, 'spec', 'names'),
    conditions,
  };
  return door.put(
    `${definitions}/${stringAt(created, 'metadata', 'name')}/status`,
    withKeys(created, { status }),
  );
}

/** The problems that a Status tells of, sorted; its message where it tells of none. */
export function problemsOf(status: JsonObject): readonly string[] {
  const causes = objectsAt(status, 'details', 'causes').map(
    (cause) => `${stringAt(cause, 'reason')} ${stringAt(cause, 'field')}: ${stringAt(cause, 'message')}`,
  );
  return causes.length === 0 ? [stringAt(status, 'message')] : causes.sort();
}
