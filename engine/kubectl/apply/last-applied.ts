/** The annotation in which `kubectl apply` keeps what it applied. */

import { formatCompactJson, formatCompactJsonInOrder } from '../../base/go-json.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { objectAt, stringAt, withValueAt } from '../rest/object-fields.ts';

/** Its key. Source: k8s.io/api/core/v1, LastAppliedConfigAnnotation. */
export const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with itself in the annotation, as it is sent. */
export function withLastApplied(object: JsonObject): JsonObject {
  const { [lastAppliedKey]: _former, ...others } = objectAt(object, 'metadata', 'annotations');
  const bare = withValueAt(object, ['metadata', 'annotations'], others);
  const text = `${formatCompactJson(bare)}\n`;
  return withValueAt(bare, ['metadata', 'annotations'], { ...others, [lastAppliedKey]: text });
}

/** The object without the annotation, as `kubectl diff` sends it. */
export function withoutLastApplied(object: JsonObject): JsonObject {
  const { [lastAppliedKey]: _former, ...others } = objectAt(object, 'metadata', 'annotations');
  return withValueAt(object, ['metadata', 'annotations'], others);
}

/** The same with a text that has the object's keys as they stand, as where kubectl made the object itself. */
export function withOwnOrderApplied(object: JsonObject): JsonObject {
  const text = `${formatCompactJsonInOrder(object)}\n`;
  return withValueAt(object, ['metadata', 'annotations', lastAppliedKey], text);
}

/** What was applied before, of an object that the server holds; undefined when apply never touched it. */
export function lastApplied(object: JsonObject): JsonObject | undefined {
  const text = stringAt(object, 'metadata', 'annotations', lastAppliedKey);
  if (text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
