/** Amounts of resources as a flag has them: `cpu=200m,memory=512Mi`. */
import { normalizeQuantityText } from '../../api/quantity.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';

/** The amounts by resource. Source: k8s.io/kubectl/pkg/generate/versioned, populateResourceListV1. */
export function parseResourceList(text: string): Outcome<JsonObject> {
  const amounts = new Map<string, string>();
  for (const statement of text === '' ? [] : text.split(',')) {
    const [resource = '', amount, more] = statement.split('=');
    if (amount === undefined || more !== undefined) {
      return failure(`Invalid argument syntax ${statement}, expected <resource>=<value>`);
    }
    const quantity = normalizeQuantityText(amount);
    if (!quantity.ok) return failure(quantity.error);
    amounts.set(resource, quantity.value);
  }
  return ok(Object.fromEntries(amounts));
}
