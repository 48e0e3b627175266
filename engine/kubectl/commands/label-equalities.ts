/** Selectors that name labels by `=` alone. Source: metav1.ParseToLabelSelector, of which these are the forms that one writes. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';

/** Reads `a=1,b==2`. */
export function parseEqualities(selector: string): Outcome<JsonObject> {
  const labels = new Map<string, string>();
  for (const part of selector.split(',')) {
    const set = /^\s*([A-Za-z0-9./_-]+)\s+(in|notin)\s*\(([^()]*)$/.exec(selector.split(')')[0] ?? '');
    if (set !== null) {
      const operator = set[2] === 'in' ? 'In' : 'NotIn';
      const values = (set[3] ?? '').split(',').map((value) => value.trim());
      return failure(
        `match expression [{${set[1]} ${operator} [${values.join(' ')}]}] not supported on this object`,
      );
    }
    const match = /^\s*([A-Za-z0-9./_-]+)\s*==?\s*([A-Za-z0-9._-]*)\s*$/.exec(part);
    if (match === null) {
      const reason = "unable to parse requirement: found '', expected: in, notin, =, ==, !=, gt, lt";
      return failure(`couldn't parse the selector string ${JSON.stringify(selector)}: ${reason}`);
    }
    labels.set(match[1] ?? '', match[2] ?? '');
  }
  return ok(Object.fromEntries(labels));
}
