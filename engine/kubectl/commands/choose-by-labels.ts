/** `-l` for objects that stand in files. */
import { matchesLabels, parseLabelSelector } from '../../api/selectors/label-selector.ts';
import type { JsonObject } from '../../base/json.ts';
import { stringMapAt } from '../rest/object-fields.ts';

/** Whether an object's labels are what the selector asks for; an empty selector takes everything. */
export function matchesSelector(object: JsonObject, selector: string): boolean {
  if (selector === '') return true;
  const requirements = parseLabelSelector(selector);
  if (!requirements.ok) return false;
  return matchesLabels(requirements.value, Object.fromEntries(stringMapAt(object, 'metadata', 'labels')));
}
